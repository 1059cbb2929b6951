using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>Volumes that are free, reserved, bound, or let go.</summary>
public sealed class VolumePlanTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Theory]
    [InlineData(Phases.Pending)]
    [InlineData("")]
    [InlineData(Phases.Bound)]
    [InlineData(Phases.Released)]
    [InlineData("PhaseOfTheFuture")]
    public void A_volume_without_a_pointer_becomes_Available(string phase)
    {
        var plan = new World(Volume.InPhase(phase)).PlanVolume("v");

        Assert.Equal(Verdict.Available, plan.Verdict);
        Assert.Equal(["volume v status: phase=Available"], plan.Lines());
    }

    [Fact]
    public void A_message_goes_with_the_phase_it_belonged_to() => Assert.Equal(
        ["volume v status: phase=Available message="],
        new World(Volume.InPhase(Phases.Failed) with { Message = "broken" }).PlanVolume("v").Lines());

    [Fact]
    public void A_volume_reserved_by_name_is_Available_and_waits()
    {
        var plan = new World(Volume.ReservedFor("ns/c").InPhase(Phases.Pending), Claim).PlanVolume("v");

        Assert.Equal(Verdict.Reserved, plan.Verdict);
        Assert.Equal(["volume v status: phase=Available"], plan.Lines());
    }

    [Fact]
    public void A_new_volume_that_suits_a_waiting_claim_is_bound_to_it_by_its_own_plan()
    {
        var world = new World(Claim, Volume.InPhase(Phases.Pending));
        var plan = world.PlanVolume("v");

        Assert.Equal(Verdict.Binding, plan.Verdict);
        Assert.Equal(world.PlanClaim("ns/c").Lines(), plan.Lines());
        Assert.Empty(plan.WakeClaims);
    }

    [Fact]
    public void Of_the_waiting_claims_the_one_that_asks_for_most_takes_a_new_volume()
    {
        var plan = new World(Claim, Given.Claim("ns/large").Requesting("9Gi"), Given.Claim("ns/huge").Requesting("11Gi"), Volume).PlanVolume("v");

        Assert.StartsWith("volume v spec: claimRef=ns/large#", plan.Lines()[0], StringComparison.Ordinal);
        Assert.Empty(plan.WakeClaims);
    }

    [Fact]
    public void Claims_that_another_volume_suits_better_are_woken_to_take_it()
    {
        var world = new World(Claim, Given.Claim("ns/d").Requesting("6Gi"), Volume.Holding("6Gi"), Given.Volume("w"), Given.Claim("ns/e").Requesting("7Gi").WithModes("ReadWriteMany"));
        var plan = world.PlanVolume("w");

        Assert.Equal([Given.KeyOf("ns/d"), Claim.Key], plan.WakeClaims);
        Assert.Empty(plan.Steps);
        Assert.Equal([Phases.Bound, Phases.Bound, Phases.Pending], world.Settle().State.Claims.All.OrderBy(claim => claim.Key).Select(claim => claim.Phase));
    }

    [Fact]
    public void A_claim_that_is_just_being_let_go_takes_no_volume()
    {
        var plan = new World(Claim.Terminating(), Given.Claim("ns/d").Requesting("1Gi"), Volume).PlanVolume("v");

        Assert.StartsWith("volume v spec: claimRef=ns/d#", plan.Lines()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Claims_that_wait_for_a_consumer_or_for_their_class_to_be_mended_are_not_woken()
    {
        var late = Given.Class("late").WaitingForConsumer();
        Assert.Empty(new World(Claim.InClass("late"), Volume.InClass("late"), late).PlanVolume("v").WakeClaims);
        Assert.Empty(new World(Claim.InClass("late"), Volume.InClass("late"), late.WithoutBindingMode()).PlanVolume("v").WakeClaims);
    }

    [Fact]
    public void A_claim_whose_bind_is_under_way_is_not_woken_by_another_volume()
    {
        var world = new World(Claim, Volume, Given.Volume("w"));
        world.State.Volumes.Reserve("v", Claim.Key);

        Assert.Empty(world.PlanVolume("w").WakeClaims);
        world.State.Volumes.Release("v");
        Assert.Equal([Claim.Key], world.PlanVolume("w").WakeClaims);
    }

    [Fact]
    public void An_offer_to_very_many_claims_is_broken_off_and_made_again_later()
    {
        var claims = Enumerable.Range(0, 100).Select(at => Given.Claim($"ns/c-{at}"));
        var crowded = new World([.. claims, Volume.Holding("6Gi"), Given.Volume("w")]);
        var (first, best) = (crowded.PlanVolume("w"), crowded.PlanVolume("v"));
        Assert.Equal((32, true), (first.WakeClaims.Length, first.RetryLater));
        Assert.Equal((Verdict.Binding, 0, false), (best.Verdict, best.WakeClaims.Length, best.RetryLater));

        var settled = new World([.. claims, Volume.Holding("6Gi"), Given.Volume("w")]).Settle();
        Assert.Equal(2, settled.State.Claims.All.Count(claim => claim.Phase == Phases.Bound));
        Assert.False(settled.PlanVolume("w").RetryLater);
    }

    [Fact]
    public void A_volume_reserved_for_a_bind_under_way_is_left_alone()
    {
        var world = new World(Claim, Volume.InPhase(Phases.Pending));
        world.State.Volumes.Reserve("v", Claim.Key);
        var plan = world.PlanVolume("v");

        Assert.Equal((Verdict.Reserved, true), (plan.Verdict, plan.IsQuiet));
        Assert.Empty(plan.WakeClaims);
    }

    [Fact]
    public void A_volume_that_points_to_an_unbound_claim_wakes_it_and_keeps_its_phase()
    {
        var plan = new World(Claim, Volume.PointingTo(Claim).InPhase(Phases.Pending)).PlanVolume("v");

        Assert.Equal((Verdict.Reserved, true), (plan.Verdict, plan.IsQuiet));
        Assert.Equal([Claim.Key], plan.WakeClaims);
    }

    [Fact]
    public void Volume_modes_that_differ_are_told_to_both_and_wake_nobody()
    {
        var plan = new World(Claim, Volume.PointingTo(Claim).InMode(VolumeMode.Block)).PlanVolume("v");

        Assert.Equal(["Warning VolumeMismatch on v", "Warning VolumeMismatch on ns/c"], plan.EventLines());
        Assert.All(plan.Events, told => Assert.EndsWith("due to incompatible volumeMode: the volume is Block, the claim asks for Filesystem.", told.Note, StringComparison.Ordinal));
        Assert.Empty(plan.WakeClaims);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData(Phases.Available)]
    [InlineData(Phases.Pending)]
    [InlineData("")]
    public void A_volume_whose_claim_names_it_is_Bound(string phase)
    {
        var claim = Claim.BoundTo(Volume);
        var plan = new World(claim, Volume.BoundTo(claim).InPhase(phase)).PlanVolume("v");

        Assert.Equal(Verdict.Bound, plan.Verdict);
        Assert.Equal(["volume v status: phase=Bound"], plan.Lines());
    }

    [Theory]
    [InlineData(Phases.Released)]
    [InlineData(Phases.Failed)]
    public void A_volume_that_was_given_up_is_Bound_again_only_when_its_claim_is_proved_to_be_there(string phase)
    {
        var claim = Claim.BoundTo(Volume);
        var world = new World(claim, Volume.BoundTo(claim).InPhase(phase));
        var proof = Proof.ClaimIsCurrent.Of(claim);
        Assert.Equal((proof, true), (world.PlanVolume("v").Needs, world.PlanVolume("v").Steps.IsEmpty));
        Assert.Equal(proof, world.PlanVolume("v", proof with { ResourceVersion = proof.ResourceVersion - 1 }).Needs);

        Assert.Equal(["volume v status: phase=Bound"], world.PlanVolume("v", proof).Lines());
    }

    [Fact]
    public void A_claim_known_to_be_gone_holds_no_volume_though_the_cache_still_has_it()
    {
        var claim = Claim.BoundTo(Volume);
        var world = new World(claim, Volume.BoundTo(claim));
        world.State.Departed.Add(claim.Uid);

        Assert.Equal(["volume v status: phase=Released"], world.PlanVolume("v").Lines());
    }

    [Fact]
    public void A_volume_deleted_in_the_middle_of_its_bind_is_held_until_its_claim_is_known_not_to_name_it()
    {
        var volume = Volume.PointingTo(Claim).Annotated(WellKnown.BoundByController).Terminating();
        var world = new World(Claim, volume);
        var proof = Proof.ClaimIsCurrent.Of(Claim);
        Assert.Equal((proof, true), (world.PlanVolume("v").Needs, world.PlanVolume("v").Steps.IsEmpty));
        Assert.Equal(["volume v spec: -finalizer kubernetes.io/pv-protection"], world.PlanVolume("v", proof).Lines());

        Assert.Equal(["volume v status: phase=Bound"], new World(Claim.BoundTo(volume), volume).PlanVolume("v").Lines());
    }

    [Fact]
    public void A_volume_whose_claim_is_bound_elsewhere_is_free_again()
    {
        var claim = Claim.BoundTo(Given.Volume("w"));
        var plan = new World(claim, Volume.BoundTo(claim)).PlanVolume("v");

        Assert.Equal(["volume v spec: claimRef= -bound-by-controller", "volume v status: phase=Available (after 0)"], plan.Lines());
    }

    [Fact]
    public void A_users_reservation_outlives_the_claim_that_went_elsewhere()
    {
        var claim = Claim.BoundTo(Given.Volume("w"));

        Assert.Equal(["volume v spec: claimRef=ns/c#"], new World(claim, Volume.PointingTo(claim)).PlanVolume("v").Lines());
    }

    [Theory]
    [InlineData(ReclaimPolicies.Delete, Phases.Released)]
    [InlineData(ReclaimPolicies.Retain, Phases.Available)]
    public void A_provisioned_volume_that_lost_its_race_goes_by_its_policy(string policy, string phase)
    {
        var claim = Claim.BoundTo(Given.Volume("w"));
        var volume = Volume.BoundTo(claim).ProvisionedBy("csi.example.com").WithPolicy(policy);

        Assert.Contains($"phase={phase}", new World(claim, volume).PlanVolume("v").Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_is_Released_only_when_its_claim_is_proved_to_be_gone()
    {
        var world = new World(Volume.BoundTo(Claim));
        var question = world.PlanVolume("v");
        Assert.Equal((Verdict.NeedsProof, true), (question.Verdict, question.Steps.IsEmpty));
        Assert.Equal(new Proof.ClaimIsGone(Claim.Key, Claim.Uid), question.Needs);

        world.State.Departed.Add(Claim.Uid);
        Assert.Equal(["volume v status: phase=Released"], world.PlanVolume("v").Lines());
    }

    [Fact]
    public void A_claim_of_the_same_name_is_no_proof_that_the_earlier_one_is_gone()
    {
        var world = new World(Volume.BoundTo(Claim), Claim.Recreated());
        Assert.Equal(new Proof.ClaimIsGone(Claim.Key, Claim.Uid), world.PlanVolume("v").Needs);

        world.State.Departed.Add(Claim.Uid);
        Assert.Equal(["volume v status: phase=Released"], world.PlanVolume("v").Lines());
        Assert.DoesNotContain(Claim.Key, world.PlanVolume("v").WakeClaims);
    }

    [Fact]
    public void A_retained_volume_asks_nothing_however_often_it_is_looked_at()
    {
        var released = Volume.BoundTo(Claim).InPhase(Phases.Released);
        foreach (var world in new[] { new World(released), new World(released, Claim.Recreated()) })
        {
            var plan = world.PlanVolume("v");
            Assert.Equal((Verdict.Released, true), (plan.Verdict, plan.IsQuiet));
            Assert.Null(plan.Needs);
        }
    }

    [Fact]
    public void A_volume_is_protected_while_it_lives_and_while_it_is_Bound()
    {
        var claim = Claim.BoundTo(Volume);
        Assert.Equal(["volume v spec: +finalizer kubernetes.io/pv-protection"], new World(Volume.WithFinalizers()).PlanVolume("v").Lines());
        Assert.Equal(["volume v spec: -finalizer kubernetes.io/pv-protection"], new World(Volume.Terminating()).PlanVolume("v").Lines());
        Assert.True(new World(claim, Volume.BoundTo(claim).Terminating()).PlanVolume("v").IsQuiet);
        Assert.True(new World(Volume.Terminating().WithFinalizers()).PlanVolume("v").IsQuiet);
    }

    [Fact]
    public void A_Bound_volume_being_deleted_is_let_go_once_its_claim_is_gone()
    {
        var world = new World(Volume.BoundTo(Claim).Terminating()).Settle();

        Assert.Empty(world.Volume("v").Finalizers);
        Assert.Equal(Phases.Released, world.Volume("v").Phase);
    }
}
