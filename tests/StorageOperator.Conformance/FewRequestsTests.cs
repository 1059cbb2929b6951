using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.Conformance.Scenarios;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>The operator asks little of the API server: nothing when there is nothing to do, three round trips for a bind.</summary>
public sealed class FewRequestsTests(EmptyCluster empty) : EmptyClusterTests(empty)
{
    private const int Pairs = 25;

    // Ten minutes, and thousands of pairs, is what a soak does; here a fault that writes on every pass or every few seconds is found.
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("CONFORMANCE_QUIET_SECONDS") ?? "20", CultureInfo.InvariantCulture));

    [Fact]
    public async Task Nothing_is_written_while_nothing_happens_nor_after_a_restart()
    {
        await using var space = await Space.Create(Api, "quiet");
        await using (await Implementation.Chosen.Start(Cluster, CancellationToken.None))
        {
            for (var i = 0; i < Pairs; i++)
            {
                await space.Create(space.NewVolume($"v{i}", "1Gi"));
                await space.Create(space.NewClaim($"c{i}", "1Gi"));
            }

            await space.Create(space.NewVolume("free", "1Mi"));
            await space.Create(space.NewClaim("waiting", "100Gi"));
            for (var i = 0; i < Pairs; i++)
            {
                await space.UntilClaim($"c{i}", "Bound");
            }

            await UntilWritesEnd();
            await AssertNothingIsWrittenFor(QuietPeriod, async () => await Pass(QuietPeriod));
        }

        // A claim that still waits is told why by each new operator; bound ones leave it nothing to say.
        await Api.Delete(space.ClaimPath("waiting"));
        await Api.Patch(space.ClaimPath("waiting"), JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!);
        await AssertNothingIsWrittenFor(QuietPeriod, async () =>
        {
            await using var again = await Implementation.Chosen.Start(Cluster, CancellationToken.None);
            await Pass(QuietPeriod);
        });
    }

    // The operator is far away from the server, this test is not. A write that waits for the answer to another arrives two ways later;
    // the first waits one way for the claim to be heard of and arrives one way later. So n writes in a row take 2n ways.
    [Fact]
    public async Task Claim_with_a_fitting_volume_is_bound_within_three_sequential_round_trips()
    {
        var way = TimeSpan.FromMilliseconds(250);
        await using var space = await Space.Create(Api, "round-trips");
        await using var distant = new DistantServer(Cluster.Connection.Server.Port);
        using var folder = new TempDirectory("distant");
        (Cluster.Connection with { Server = new UriBuilder(Cluster.Connection.Server) { Port = distant.Port }.Uri }).Write(folder.File("kubeconfig"));
        await using var running = await OperatorProcess.Start(folder.File("kubeconfig"));
        // Several at once, so that every connection that it may want is there.
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Bind(space, $"warm-up-{i}")));

        var trips = double.MaxValue;
        for (var attempt = 0; attempt < 3 && trips > 3.5; attempt++)
        {
            await UntilWritesEnd();
            // The machine may be busy with something else meanwhile, so the best of three counts.
            trips = Math.Min(trips, await BindFromAfar(space, $"data-{attempt}", distant, way) / (2 * way));
        }

        Assert.True(trips <= 3.5, $"It took the time of {trips:0.0} sequential round trips.");
    }

    private static async Task Bind(Space space, string name)
    {
        await space.Create(space.NewVolume(name, "1Gi"));
        await space.Create(space.NewClaim(name, "1Gi"));
        await space.UntilClaim(name, "Bound");
    }

    private async Task<TimeSpan> BindFromAfar(Space space, string name, DistantServer distant, TimeSpan way)
    {
        await space.Create(space.NewVolume(name, "1Gi"));
        await space.UntilVolume(name, "Available");
        var list = (await Api.Get(ResourcePath.Collection("PersistentVolumeClaim", space.Name))).Succeeded();
        distant.Delay = way;
        try
        {
            var bound = UntilBound(space, name, (string)list["metadata"]!["resourceVersion"]!);
            await space.Create(space.NewClaim(name, "1Gi"));
            var start = TimeProvider.System.GetTimestamp();
            await bound;
            return TimeProvider.System.GetElapsedTime(start);
        }
        finally
        {
            distant.Delay = TimeSpan.Zero;
        }
    }

    private async Task UntilBound(Space space, string name, string since)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline, TimeProvider.System);
        await foreach (var change in Api.Watch(ResourcePath.Collection("PersistentVolumeClaim", space.Name), since, deadline.Token))
        {
            if ((string?)change["object"]?["metadata"]?["name"] == name && Space.Phase(change["object"]) == "Bound")
            {
                return;
            }
        }

        Assert.Fail("The watch ended before the claim was bound.");
    }

    private async Task UntilWritesEnd()
    {
        var last = -1L;
        await Eventually.Holds(
            "the writes to end",
            async _ => last == (last = await Writes()),
            // Longer than the operator waits before it tells a waiting claim that its reason has changed (5 s).
            between: TimeSpan.FromSeconds(7));
    }

    private async Task AssertNothingIsWrittenFor(TimeSpan period, Func<Task> meanwhile)
    {
        var (requests, versions) = (await Describe(), await Versions());
        await meanwhile();
        Assert.Equal(versions, await Versions());
        Assert.Equal(requests, await Describe());
    }

    // That nothing happens can only be seen by letting time pass.
    private static Task Pass(TimeSpan period) => Task.Delay(period, TimeProvider.System, TestContext.Current.CancellationToken);

    private async Task<long> Writes() => (await Cluster.Requests() ?? []).Where(request => request.IsWriteOfOthers).Sum(request => request.Count);

    private async Task<string> Describe() => string.Join('\n', (await Cluster.Requests() ?? [])
        .Where(request => request.IsWriteOfOthers)
        .Select(request => $"{request.Client} {request.Verb} {request.Resource}: {request.Count}")
        .Order(StringComparer.Ordinal));

    private async Task<string> Versions()
    {
        var objects = new List<string>();
        foreach (var kind in new[] { "PersistentVolume", "PersistentVolumeClaim", "Event" })
        {
            var list = (await Api.Get(ResourcePath.Collection(kind))).Succeeded()["items"]!.AsArray();
            objects.AddRange(list.Select(o => $"{kind} {o!["metadata"]!["name"]} {o["metadata"]!["resourceVersion"]}"));
        }

        return string.Join('\n', objects.Order(StringComparer.Ordinal));
    }
}
