using System.Diagnostics;
using StorageOperator.Model;
using StorageOperator.Planning.Matching;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>What one decision costs must not depend on how many objects there are. Bounds are on growth, since machines differ.</summary>
public sealed class ScaleTests
{
    private const int Few = 2_000;
    private const int Many = 32_000;

    [Fact]
    public void Matching_and_reserving_costs_a_claim_the_same_among_many_volumes_as_among_few() => AssertGrowth(MatchAll, allocations: 1.5, time: 8);

    [Fact]
    public void Planning_a_claim_costs_the_same_among_many_volumes_as_among_few() => AssertGrowth(PlanAllClaims, allocations: 1.5, time: 8);

    [Fact]
    public void Offering_a_volume_costs_the_same_among_many_claims_as_among_few() => AssertGrowth(PlanAllVolumes, allocations: 2, time: 8);

    [Fact]
    public void Explaining_costs_the_same_among_many_volumes_as_among_few() => AssertGrowth(ExplainAll, allocations: 1.5, time: 8);

    /// <summary>Compares the cost of one operation among <see cref="Many"/> objects with that among <see cref="Few"/>.</summary>
    private static void AssertGrowth(Func<World, int> run, double allocations, double time)
    {
        run(WorldOf(200));
        var (few, many) = (Cost(run, Few), Cost(run, Many));

        Assert.True(many.Bytes <= few.Bytes * allocations, $"{few.Bytes:0} bytes each among {Few}, {many.Bytes:0} among {Many}");
        Assert.True(many.Microseconds <= few.Microseconds * time, $"{few.Microseconds:0.00} us each among {Few}, {many.Microseconds:0.00} among {Many}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{few.Microseconds:0.00} us and {few.Bytes:0} bytes each among {Few}; {many.Microseconds:0.00} us and {many.Bytes:0} bytes among {Many}");
    }

    // The best of three: a busy machine only ever adds.
    private static (double Microseconds, double Bytes) Cost(Func<World, int> run, int size)
    {
        var best = (Microseconds: double.MaxValue, Bytes: double.MaxValue);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var world = WorldOf(size);
            var (start, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            var count = run(world);
            var (bytes, elapsed) = (GC.GetAllocatedBytesForCurrentThread() - allocated, Stopwatch.GetElapsedTime(start));
            best = (Math.Min(best.Microseconds, elapsed.TotalMicroseconds / count), Math.Min(best.Bytes, (double)bytes / count));
        }

        return best;
    }

    // Sizes repeat, so there are long runs of equal volumes, and there are three classes and two sets of access modes.
    private static World WorldOf(int size)
    {
        string[] classes = ["", "fast", "slow"];
        var claims = Enumerable.Range(0, size).Select(at => Given.Claim($"ns-{at % 50}/c-{at}").InClass(classes[at % 3]).Requesting($"{1 + (at % 97)}Gi"));
        var volumes = Enumerable.Range(0, size).Select(at => (at % 2 == 0 ? Given.Volume($"v-{at}") : Given.Volume($"v-{at}").WithModes("ReadWriteOnce", "ReadWriteMany"))
            .InClass(classes[at % 3]).Holding($"{1 + (at % 89)}Gi").InPhase(Phases.Pending));
        return new World([.. claims, .. volumes]);
    }

    private static int MatchAll(World world)
    {
        var claims = world.State.Claims.All.ToArray();
        var matched = 0;
        foreach (var claim in claims)
        {
            if (VolumeMatcher.Find(world.State.Volumes, claim, onlyPointing: false) is { } volume)
            {
                world.State.Volumes.Reserve(volume.Name, claim.Key);
                matched++;
            }
        }

        Assert.True(matched > claims.Length / 2);
        return claims.Length;
    }

    private static int PlanAllClaims(World world)
    {
        var claims = world.State.Claims.All.Take(Few).ToArray();
        var seen = world.Seen;
        foreach (var claim in claims)
        {
            var plan = Claims.ClaimPlanner.Plan(claim, seen);
            if (plan.Verdict == Verdict.Binding)
            {
                world.State.Volumes.Reserve(((WriteVolume)plan.Steps[0]).Before.Name, claim.Key);
            }
        }

        return claims.Length;
    }

    private static int PlanAllVolumes(World world)
    {
        var volumes = world.State.Volumes.All.Take(Few).ToArray();
        var seen = world.Seen;
        Assert.All(volumes, volume => Assert.True(Volumes.VolumePlanner.Plan(volume, seen) is { WakeClaims.IsEmpty: false } or { Verdict: Verdict.Binding }));
        return volumes.Length;
    }

    private static int ExplainAll(World world)
    {
        var claims = world.State.Claims.All.Take(Few).ToArray();
        Assert.All(claims, claim => Assert.NotEmpty(MatchExplainer.Explain(world.State.Volumes, claim.Requesting("1Ti")).Misses));
        return claims.Length;
    }
}
