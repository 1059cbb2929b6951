using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>Unbound claims, with and without a named volume, and bound ones: kubernetes-semantics' three tables, row by row.</summary>
public sealed class ClaimPlanTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Fact]
    public void A_claim_without_a_class_and_without_a_volume_waits_and_hears_why()
    {
        var plan = new World(Claim, Volume.Holding("1Gi")).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForVolume, plan.Verdict);
        Assert.Empty(plan.Steps);
        Assert.Equal(["Normal FailedBinding on ns/c"], plan.EventLines());
        Assert.Equal(
            "no persistent volumes available for this claim and no storage class is set: 0/1 volumes match: 1 is too small (1Gi).",
            plan.Events[0].Note);
        Assert.Equal(1, plan.Report?.Volumes);
    }

    [Fact]
    public void A_waiting_claim_is_Pending_and_its_status_empty()
    {
        var stale = Claim.BoundTo(Volume) with { VolumeName = "", Annotations = KeyValueSet.Empty };

        Assert.Equal(["claim ns/c status: phase=Pending capacity= modes="], new World(stale).PlanClaim("ns/c").Lines());
    }

    [Fact]
    public void A_claim_gets_back_its_protection_with_whatever_else_is_planned()
    {
        var plan = new World(Claim.WithFinalizers("example.com/hold"), Volume).PlanClaim("ns/c");

        Assert.Equal("claim ns/c spec: volumeName=v +bind-completed +bound-by-controller +finalizer kubernetes.io/pvc-protection (after 0)", plan.Lines()[2]);
        Assert.Equal(["claim ns/c spec: +finalizer kubernetes.io/pvc-protection"], new World(Claim.WithFinalizers()).PlanClaim("ns/c").Lines());
    }

    [Fact]
    public void A_class_without_a_binding_mode_stops_its_claims()
    {
        var plan = new World(Claim.InClass("odd"), Volume.InClass("odd"), Given.Class("odd").WithoutBindingMode()).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForClass, plan.Verdict);
        Assert.Equal(["Warning FailedBinding on ns/c"], plan.EventLines());
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void A_class_that_does_not_exist_still_matches_its_volumes() =>
        Assert.Equal(Verdict.Binding, new World(Claim.InClass("gone"), Volume.InClass("gone")).PlanClaim("ns/c").Verdict);

    [Fact]
    public void A_claim_without_a_class_takes_a_volume_without_one_before_it_gets_the_default()
    {
        var world = new World(Claim.Classless(), Volume, Given.Class("standard").ByDefault());

        Assert.Equal(Verdict.Binding, world.PlanClaim("ns/c").Verdict);
    }

    [Fact]
    public void A_claim_without_a_class_and_a_volume_gets_the_default_class_and_nothing_else()
    {
        var plan = new World(Claim.Classless(), Given.Class("standard").ByDefault(), Given.Class("fast")).PlanClaim("ns/c");

        Assert.Equal(Verdict.ReceivesDefaultClass, plan.Verdict);
        Assert.Equal(["claim ns/c spec: class=standard"], plan.Lines());
        Assert.Empty(plan.Events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("annotated")]
    public void A_claim_that_says_no_class_is_never_given_one(string kind)
    {
        var claim = kind.Length == 0 ? Claim : Claim.Classless().Annotated(WellKnown.BetaStorageClass, "");

        Assert.Equal(Verdict.WaitsForVolume, new World(claim, Given.Class("standard").ByDefault()).PlanClaim("ns/c").Verdict);
    }

    [Fact]
    public void On_servers_that_refuse_it_no_default_class_is_given()
    {
        var world = new World(Claim.Classless(), Given.Class("standard").ByDefault()) { Options = new PlanningOptions { AssignDefaultClass = false } };

        Assert.Equal(Verdict.WaitsForVolume, world.PlanClaim("ns/c").Verdict);
    }

    [Fact]
    public void A_claim_of_a_waiting_class_waits_for_its_first_consumer()
    {
        var plan = new World(Claim.InClass("late"), Volume.InClass("late"), Given.Class("late").WaitingForConsumer()).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForConsumer, plan.Verdict);
        Assert.Equal(["Normal WaitForFirstConsumer on ns/c"], plan.EventLines());
        Assert.Equal("waiting for first consumer to be created before binding", plan.Events[0].Note);
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void A_claim_whose_pods_have_no_node_yet_names_them()
    {
        var pods = new[] { Given.Pod("ns/b").Using("c").Unscheduled(), Given.Pod("ns/a").Using("c").Unscheduled() };
        var others = new[] { Given.Pod("ns/d").Using("c").Unscheduled().Ended(), Given.Pod("ns/e").Using("c"), Given.Pod("ns/f").Using("x").Unscheduled() };
        IEntry[] late = [Claim.InClass("late"), Given.Class("late").WaitingForConsumer()];

        Assert.Equal("waiting for pods a,b to be scheduled", Assert.Single(new World([.. late, .. pods, .. others]).PlanClaim("ns/c").Events).Note);
        Assert.Equal("waiting for pod a to be scheduled", Assert.Single(new World([.. late, pods[1], .. others]).PlanClaim("ns/c").Events).Note);
        Assert.Equal(["Normal WaitForFirstConsumer on ns/c"], new World([.. late, .. others]).PlanClaim("ns/c").EventLines());
    }

    [Fact]
    public void A_waiting_claim_is_bound_to_a_volume_the_scheduler_pointed_to_it()
    {
        var world = new World(Claim.InClass("late"), Volume.InClass("late").PointingTo(Claim).Annotated(WellKnown.BoundByController), Given.Class("late").WaitingForConsumer());

        Assert.Equal(
            [
                "volume v status: phase=Bound",
                "claim ns/c spec: volumeName=v +bind-completed +bound-by-controller",
                "claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce (after 1)",
            ],
            world.PlanClaim("ns/c").Lines());
    }

    [Fact]
    public void A_claim_with_a_node_goes_to_its_provisioner_though_a_volume_fits()
    {
        var claim = Claim.InClass("late").Annotated(WellKnown.SelectedNode, "node-1");
        var plan = new World(claim, Volume.InClass("late"), Given.Class("late").WaitingForConsumer()).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForProvisioner, plan.Verdict);
        Assert.EndsWith("0/1 volumes match: 1 fits, but its choice is left to the scheduler.", plan.Events[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_defective_claim_waits_and_says_what_is_wrong()
    {
        var plan = new World(Claim with { Request = null, Defect = "spec.resources.requests.storage is missing" }, Volume).PlanClaim("ns/c");

        Assert.Equal(Verdict.Defective, plan.Verdict);
        Assert.Equal("The claim cannot be bound: its spec.resources.requests.storage is missing. Correct it or create it anew.", Assert.Single(plan.Events).Note);
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void A_terminating_claim_that_is_in_use_still_takes_a_volume() =>
        Assert.Equal(Verdict.Binding, new World(Claim.Terminating(), Volume, Given.Pod("ns/p").Using("c")).PlanClaim("ns/c").Verdict);

    [Fact]
    public void A_named_volume_that_does_not_exist_is_waited_for_with_an_event()
    {
        var plan = new World(Claim.Naming("missing"), Volume).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForNamedVolume, plan.Verdict);
        Assert.Equal(["Warning FailedBinding on ns/c"], plan.EventLines());
        Assert.StartsWith("volume \"missing\", which this claim names, does not exist", plan.Events[0].Note, StringComparison.Ordinal);
        Assert.Empty(plan.Steps);
    }

    [Fact]
    public void A_named_free_volume_is_bound_and_only_the_volume_is_marked_as_chosen() => Assert.Equal(
        [
            "volume v spec: claimRef=ns/c#uid-of-ns/c +bound-by-controller",
            "volume v status: phase=Bound (after 0)",
            "claim ns/c spec: +bind-completed (after 0)",
            "claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce (after 2)",
        ],
        new World(Claim.Naming("v"), Volume).PlanClaim("ns/c").Lines());

    [Fact]
    public void A_named_volume_need_not_match_the_selector() =>
        Assert.Equal(Verdict.Binding, new World(Claim.Naming("v").Selecting("tier", "gold"), Volume).PlanClaim("ns/c").Verdict);

    [Fact]
    public void A_named_volume_that_does_not_fit_is_refused_with_the_reason()
    {
        var plan = new World(Claim.Naming("v"), Volume.Holding("1Gi")).PlanClaim("ns/c");

        Assert.Equal(Verdict.NamedVolumeRefused, plan.Verdict);
        Assert.Equal(["Warning VolumeMismatch on ns/c"], plan.EventLines());
        Assert.Equal("Cannot bind to requested volume \"v\": requested PV is too small: it has 1Gi, the claim asks for 5Gi", plan.Events[0].Note);
        Assert.Empty(plan.Steps);
    }

    [Theory]
    [InlineData("")]
    [InlineData("uid-of-ns/c")]
    public void Two_that_name_each_other_are_bound_though_nothing_fits(string uid)
    {
        var odd = Volume.Holding("1Gi").InClass("other").InMode(VolumeMode.Block).WithModes("ReadOnlyMany").PointingTo("ns/c", uid);
        var plan = new World(Claim.Naming("v"), odd).PlanClaim("ns/c");

        Assert.Equal(Verdict.Binding, plan.Verdict);
        Assert.Equal(uid.Length == 0 ? "volume v spec: claimRef=ns/c#uid-of-ns/c" : "volume v status: phase=Bound", plan.Lines()[0]);
        Assert.DoesNotContain(plan.Lines(), line => line.Contains("bound-by-controller", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_that_name_each_other_are_not_bound_while_the_volume_has_no_size()
    {
        var plan = new World(Claim.Naming("v"), Volume.WithDefect("spec.capacity.storage is missing").ReservedFor("ns/c")).PlanClaim("ns/c");

        Assert.Equal((Verdict.NamedVolumeRefused, true), (plan.Verdict, plan.Steps.IsEmpty));
        Assert.Equal("Cannot bind to requested volume \"v\": its spec.capacity.storage is missing", plan.Events[0].Note);
    }

    [Theory]
    [InlineData("ns/other", "uid", false)]
    [InlineData("ns/other", "", false)]
    [InlineData("ns/c", "an earlier one", false)]
    [InlineData("ns/other", "uid", true)]
    public void A_named_volume_of_another_claim_is_refused(string claim, string uid, bool isMarked)
    {
        var naming = isMarked ? Claim.Naming("v").Annotated(WellKnown.BoundByController) : Claim.Naming("v");
        var plan = new World(naming, Volume.PointingTo(claim, uid)).PlanClaim("ns/c");

        Assert.Equal((Verdict.NamedVolumeRefused, true), (plan.Verdict, plan.Steps.IsEmpty));
        Assert.Equal(["Warning FailedBinding on ns/c"], plan.EventLines());
        Assert.Equal($"volume \"v\" already bound to a different claim. Its claimRef points to {claim}.", plan.Events[0].Note);
    }

    [Fact]
    public void A_named_volume_that_is_just_being_bound_to_another_claim_is_refused()
    {
        var world = new World(Claim.Naming("v"), Volume);
        world.State.Volumes.Reserve("v", Given.KeyOf("ns/other"));
        Assert.Equal(Verdict.NamedVolumeRefused, world.PlanClaim("ns/c").Verdict);

        world.State.Volumes.Reserve("v", Claim.Key);
        Assert.Equal(Verdict.Binding, world.PlanClaim("ns/c").Verdict);
    }

    [Fact]
    public void A_bound_claim_without_a_volume_name_is_Lost()
    {
        var plan = new World(Claim.BoundTo(Volume).Naming("")).PlanClaim("ns/c");

        Assert.Equal(Verdict.Lost, plan.Verdict);
        Assert.Equal(["claim ns/c status: phase=Lost capacity= modes="], plan.Lines());
        Assert.Equal(["Warning ClaimLost on ns/c"], plan.EventLines());
        Assert.StartsWith("Bound claim has lost reference to PersistentVolume. Data on the volume is lost!", plan.EventsWhenDone[0].Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_claim_is_Lost_only_when_its_volume_is_proved_to_be_gone()
    {
        var world = new World(Claim.BoundTo(Volume));
        var question = world.PlanClaim("ns/c");
        Assert.Equal((Verdict.NeedsProof, true), (question.Verdict, question.Steps.IsEmpty));
        Assert.Equal(new Proof.VolumeIsGone("v"), question.Needs);

        var plan = world.PlanClaim("ns/c", question.Needs!);
        Assert.Equal(["claim ns/c status: phase=Lost capacity= modes="], plan.Lines());
        Assert.Equal(["Warning ClaimLost on ns/c"], plan.EventLines());
        Assert.StartsWith("Bound claim has lost its PersistentVolume. Data on the volume is lost!", plan.EventsWhenDone[0].Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ns/other", "uid")]
    [InlineData("ns/c", "an earlier one")]
    [InlineData("ns/c", "")]
    public void A_bound_claim_is_Lost_when_its_volume_is_proved_to_be_anothers(string claim, string uid)
    {
        var world = new World(Claim.BoundTo(Volume), Volume.PointingTo(claim, uid));
        var question = world.PlanClaim("ns/c");
        Assert.Equal(new Proof.VolumeIsCurrent("v", Volume.ResourceVersion), question.Needs);
        Assert.Empty(question.Steps);

        var plan = world.PlanClaim("ns/c", question.Needs!);
        Assert.Equal(["claim ns/c status: phase=Lost capacity= modes="], plan.Lines());
        Assert.Equal(["Warning ClaimMisbound on ns/c"], plan.EventLines());
    }

    [Theory]
    [InlineData("unbound", Phases.Released)]
    [InlineData("naming", Phases.Released)]
    [InlineData("bound", Phases.Released)]
    [InlineData("unbound", Phases.Failed)]
    [InlineData("naming", Phases.Failed)]
    [InlineData("bound", Phases.Failed)]
    public void A_claim_is_bound_to_its_given_up_volume_only_when_it_is_proved_to_be_there(string kind, string phase)
    {
        var claim = kind switch { "unbound" => Claim, "naming" => Claim.Naming("v"), _ => Claim.BoundTo(Volume) };
        var world = new World(claim, Volume.BoundTo(claim).InPhase(phase));
        var question = world.PlanClaim("ns/c");
        Assert.Equal((Verdict.NeedsProof, true), (question.Verdict, question.Steps.IsEmpty));
        Assert.Equal(Proof.ClaimIsCurrent.Of(claim), question.Needs);

        Assert.Equal("volume v status: phase=Bound", world.PlanClaim("ns/c", question.Needs!).Lines()[0]);
    }

    [Fact]
    public void A_Lost_claim_is_told_so_once()
    {
        var plan = new World(Claim.BoundTo(Volume)).Settle().PlanClaim("ns/c");

        Assert.Equal((Verdict.Lost, true), (plan.Verdict, plan.IsQuiet));
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void A_bound_claim_whose_volume_was_let_go_is_bound_to_it_again() => Assert.Equal(
        ["volume v spec: claimRef=ns/c#uid-of-ns/c +bound-by-controller", "volume v status: phase=Bound (after 0)"],
        new World(Claim.BoundTo(Volume), Volume).PlanClaim("ns/c").Lines());

    [Fact]
    public void A_whole_bond_needs_nothing()
    {
        var claim = Claim.BoundTo(Volume);
        var plan = new World(claim, Volume.BoundTo(claim)).PlanClaim("ns/c");

        Assert.Equal((Verdict.Bound, true), (plan.Verdict, plan.IsQuiet));
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void A_Lost_claim_heals_when_its_volume_returns()
    {
        var lost = Claim.BoundTo(Volume).InPhase(Phases.Lost) with { StatusCapacityText = "", StatusAccessModes = AccessModeList.Empty };
        var plan = new World(lost, Volume.Holding("20Gi").BoundTo(lost)).PlanClaim("ns/c");

        Assert.Equal(["claim ns/c status: phase=Bound capacity=20Gi modes=ReadWriteOnce"], plan.Lines());
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void A_bound_claims_capacity_is_not_the_volumes_while_a_file_system_is_still_to_grow()
    {
        var claim = Claim.BoundTo(Volume);
        Assert.True(new World(claim, Volume.Holding("20Gi").BoundTo(claim)).PlanClaim("ns/c").IsQuiet);

        var becoming = new World(Claim, Volume.Holding("20Gi").Annotated(WellKnown.PreResizeCapacity, "10Gi")).PlanClaim("ns/c");
        Assert.EndsWith("capacity=10Gi modes=ReadWriteOnce (after 2)", becoming.Lines()[3], StringComparison.Ordinal);
    }

    [Fact]
    public void The_attributes_class_is_noted_when_a_pending_claim_becomes_bound()
    {
        var plan = new World(Claim.InAttributesClass("gold"), Volume.InAttributesClass("gold")).PlanClaim("ns/c");

        Assert.EndsWith("modes=ReadWriteOnce attributes=gold (after 2)", plan.Lines()[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_that_are_there_are_left_alone_whatever_their_value()
    {
        var claim = Claim.BoundTo(Volume) with { Annotations = KeyValueSet.From([new(WellKnown.BindCompleted, ""), new(WellKnown.BoundByController, "true")]) };

        Assert.True(new World(claim, Volume.PointingTo(claim).Annotated(WellKnown.BoundByController, "no").InPhase(Phases.Bound)).PlanClaim("ns/c").IsQuiet);
    }
}
