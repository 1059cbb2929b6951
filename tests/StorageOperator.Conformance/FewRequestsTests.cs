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

    [Fact]
    public async Task Claim_with_a_fitting_volume_is_bound_within_three_sequential_round_trips()
    {
        await using var space = await Space.Create(Api, "round-trips");
        await using var running = await Implementation.Chosen.Start(Cluster, CancellationToken.None);
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.UntilVolume("v", "Available");
        await UntilWritesEnd();
        switch (Cluster)
        {
            case EmbeddedCluster embedded:
                await AssertBoundWithinThreeDelays(embedded, space);
                break;
            case RealApiServer real:
                await AssertBoundWithinThreeAudited(real, space);
                break;
            default:
                Assert.Skip("an existing cluster does not tell which requests it got");
                break;
        }
    }

    // Every request but a watch takes a while, and only that: what takes less than four such whiles took at most three in a row.
    private static async Task AssertBoundWithinThreeDelays(EmbeddedCluster cluster, Space space)
    {
        var delay = TimeSpan.FromMilliseconds(700);
        var claim = await space.Create(space.NewClaim("data", "1Gi"));
        // The claim above may be bound before the rule is there: the rule comes first, for a second claim.
        await space.UntilClaim("data", "Bound");
        await space.Create(space.NewVolume("second", "1Gi"));
        await space.UntilVolume("second", "Available");
        using var watching = new KubernetesApi(cluster.Connection);
        var bound = UntilBound(watching, space, (string)claim["metadata"]!["resourceVersion"]!);
        await cluster.AddFault(JsonNode.Parse($$"""
            { "action": "delay", "milliseconds": {{delay.TotalMilliseconds}}, "match": { "verb": "get,list,create,update,patch,delete" } }
            """)!);
        try
        {
            // The creation itself is delayed before it is done, and answered at once then: time runs from the answer.
            await space.Create(space.NewClaim("timed", "1Gi"));
            var start = TimeProvider.System.GetTimestamp();
            await bound;
            var trips = TimeProvider.System.GetElapsedTime(start) / delay;
            Assert.True(trips < 3.9, $"It took the time of {trips:0.0} sequential requests.");
        }
        finally
        {
            await cluster.ClearFaults();
        }
    }

    private static async Task UntilBound(KubernetesApi api, Space space, string since)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline, TimeProvider.System);
        await foreach (var change in api.Watch(ResourcePath.Collection("PersistentVolumeClaim", space.Name), since, deadline.Token))
        {
            if ((string?)change["object"]?["metadata"]?["name"] == "timed" && Space.Phase(change["object"]) == "Bound")
            {
                return;
            }
        }

        Assert.Fail("The watch ended before the claim was bound.");
    }

    private static async Task AssertBoundWithinThreeAudited(RealApiServer server, Space space)
    {
        var before = (await server.AuditLog()).Count;
        await space.Create(space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");
        await space.UntilVolume("v", "Bound");
        var requests = (await server.AuditLog()).Skip(before)
            .Where(request => request.Verb != "watch" && !request.Resource.StartsWith("events", StringComparison.Ordinal))
            .Where(request => !request.UserAgent.StartsWith(KubernetesApi.UserAgent, StringComparison.Ordinal))
            .ToList();
        var bound = requests.FindIndex(request => request.Resource == "persistentvolumeclaims/status");
        var untilBound = requests.Take(bound + 1).ToList();
        var story = string.Join('\n', untilBound.Select(r => $"{r.Received:HH:mm:ss.ffffff}-{r.Answered:HH:mm:ss.ffffff} {r.Verb} {r.Resource} {r.Name} {r.Status}"));
        Assert.True(bound >= 0, $"Nobody wrote the claim's status:\n{story}");
        Assert.True(LongestSequence(untilBound) <= 3, $"More than three requests in a row:\n{story}");
    }

    // The most requests of which each began after the one before had been answered.
    private static int LongestSequence(IEnumerable<AuditedRequest> requests)
    {
        var length = 0;
        var answered = DateTimeOffset.MinValue;
        foreach (var request in requests.OrderBy(request => request.Answered))
        {
            if (request.Received >= answered)
            {
                (length, answered) = (length + 1, request.Answered);
            }
        }

        return length;
    }

    private async Task UntilWritesEnd()
    {
        var last = -1L;
        await Eventually.Holds(
            "the writes to end",
            async _ => last == (last = await Writes()),
            between: TimeSpan.FromSeconds(2));
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
