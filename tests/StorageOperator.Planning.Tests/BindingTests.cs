using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>The order of the writes of a bind, and that a crash between any two of them loses nothing.</summary>
public sealed class BindingTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Fact]
    public void A_bind_points_the_volume_to_the_claim_first_then_writes_the_rest()
    {
        var plan = new World(Claim, Volume).PlanClaim("ns/c");

        Assert.Equal(Verdict.Binding, plan.Verdict);
        Assert.Equal(
            [
                "volume v spec: claimRef=ns/c#uid-of-ns/c +bound-by-controller",
                "volume v status: phase=Bound (after 0)",
                "claim ns/c spec: volumeName=v +bind-completed +bound-by-controller (after 0)",
                "claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce (after 2)",
            ],
            plan.Lines());
        Assert.Empty(plan.Events);
    }

    [Fact]
    public void A_provisioned_volume_needs_no_pointer_and_three_writes() => Assert.Equal(
        [
            "volume v status: phase=Bound",
            "claim ns/c spec: volumeName=v +bind-completed +bound-by-controller",
            "claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce (after 1)",
        ],
        new World(Claim, Volume.PointingTo(Claim).ProvisionedBy("csi.example.com").InPhase(Phases.Pending)).PlanClaim("ns/c").Lines());

    [Fact]
    public void A_failed_volumes_message_goes_when_it_is_bound()
    {
        var volume = Volume.PointingTo(Claim).InPhase(Phases.Failed) with { Message = "broken" };

        Assert.Equal("volume v status: phase=Bound message=", new World(Claim, volume).PlanClaimWithProofs("ns/c").Lines()[0]);
    }

    public static readonly TheoryData<string, IEntry[]> Situations = new()
    {
        { "a claim and a free volume", [Claim, Volume] },
        { "a volume nobody has looked at", [Claim, Volume.InPhase(Phases.Pending).WithFinalizers()] },
        { "a volume reserved by name", [Claim, Volume.ReservedFor("ns/c")] },
        { "a claim that names its volume", [Claim.Naming("v"), Volume] },
        { "two that name each other", [Claim.Naming("v"), Volume.ReservedFor("ns/c")] },
        { "a provisioned volume", [Claim, Volume.PointingTo(Claim).ProvisionedBy("csi.example.com")] },
        { "a claim without protection", [Claim.WithFinalizers(), Volume] },
        { "a bond whose volume was let go", [Claim.BoundTo(Volume), Volume] },
        { "a claim that waits for its class", [Claim.Classless(), Volume.InClass("standard"), Given.Class("standard").ByDefault()] },
        { "a Lost claim and its volume", [Claim.BoundTo(Volume).InPhase(Phases.Lost), Volume.PointingTo(Claim)] },
        { "a claim that wants more than it has", [Claim.BoundTo(Volume).Requesting("20Gi").WithFinalizers(), Volume.BoundTo(Claim)] },
        { "two claims and two volumes", [Claim, Given.Claim("ns/d").Requesting("20Gi"), Volume, Given.Volume("w").Holding("30Gi")] },
        { "a volume whose claim is bound elsewhere", [Claim.BoundTo(Given.Volume("w")), Given.Volume("w").BoundTo(Claim), Volume.PointingTo(Claim).Annotated(WellKnown.BoundByController)] },
        { "a volume whose claim is gone", [Volume.BoundTo(Claim)] },
        { "a volume whose claim is gone, and a claim that waits", [Given.Claim("ns/d"), Volume.BoundTo(Claim).WithPolicy(ReclaimPolicies.Retain)] },
    };

    /// <summary>Every way to cut a plan short, for the first plan of each object, then whatever follows.</summary>
    [Theory]
    [MemberData(nameof(Situations), DisableDiscoveryEnumeration = true)]
    public void A_crash_after_any_of_the_writes_ends_in_the_same_state(string situation, IEntry[] entries)
    {
        var whole = new World(entries).Settle();
        foreach (var plan in PlansOf(entries))
        {
            foreach (var done in Cuts(plan(new World(entries))))
            {
                var world = new World(entries);
                var steps = plan(world).Steps;
                foreach (var step in done)
                {
                    world.Apply(steps[step]);
                }

                Assert.True(whole.Picture() == world.Settle().Picture(), $"{situation}: after steps {string.Join(",", done)}\n{world.Picture()}\ninstead of\n{whole.Picture()}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Situations), DisableDiscoveryEnumeration = true)]
    public void What_has_settled_stays_as_it_is(string situation, IEntry[] entries)
    {
        var world = new World(entries).Settle();

        Assert.All(world.State.Claims.All.ToArray(), claim => Assert.True(world.PlanClaimWithProofs(claim.Key.ToString()).IsQuiet, situation));
        Assert.All(world.State.Volumes.All.ToArray(), volume => Assert.True(world.PlanVolumeWithProofs(volume.Name).IsQuiet, situation));
    }

    [Theory]
    [MemberData(nameof(Situations), DisableDiscoveryEnumeration = true)]
    public void No_object_is_written_twice_at_one_time(string situation, IEntry[] entries)
    {
        foreach (var plan in PlansOf(entries))
        {
            var steps = plan(new World(entries)).Steps;
            foreach (var (at, step) in steps.Index())
            {
                Assert.True(step.After is null || step.After < at, situation);
                Assert.All(steps.Take(at), (earlier, before) => Assert.True(
                    Target(earlier) != Target(step) || Waits(steps, at, before), $"{situation}: steps {before} and {at} write {Target(step)} side by side"));
            }
        }
    }

    [Fact]
    public void A_bind_that_was_cut_short_is_not_taken_for_an_expansion()
    {
        var world = new World(Claim, Volume);
        foreach (var step in world.PlanClaim("ns/c").Steps.Take(3))
        {
            world.Apply(step);
        }

        Assert.Equal(["claim ns/c status: phase=Bound capacity=10Gi modes=ReadWriteOnce"], world.PlanClaim("ns/c").Lines());
        Assert.Empty(world.PlanClaim("ns/c").Events);
    }

    private static IEnumerable<Func<World, Plan>> PlansOf(IEntry[] entries) => entries.Select(entry => entry switch
    {
        ClaimEntry claim => world => world.PlanClaimWithProofs(claim.Key.ToString()),
        VolumeEntry volume => world => world.PlanVolumeWithProofs(volume.Name),
        _ => (Func<World, Plan>)(_ => new Plan(Verdict.Bound)),
    });

    // Steps that do not wait for one another may have been done in any combination when the crash came.
    private static IEnumerable<int[]> Cuts(Plan plan) => Enumerable.Range(0, 1 << plan.Steps.Length)
        .Select(bits => Enumerable.Range(0, plan.Steps.Length).Where(at => (bits & (1 << at)) != 0).ToArray())
        .Where(done => done.All(at => plan.Steps[at].After is not { } after || done.Contains(after)));

    private static bool Waits(IReadOnlyList<Step> steps, int at, int forStep)
    {
        for (var waiting = steps[at].After; waiting is { } earlier; waiting = steps[earlier].After)
        {
            if (earlier == forStep)
            {
                return true;
            }
        }

        return false;
    }

    private static string Target(Step step) => step switch
    {
        WriteClaim write => $"claim {write.Before.Key}",
        WriteVolume write => $"volume {write.Before.Name}",
        _ => step.GetType().Name,
    };
}
