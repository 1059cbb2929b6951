namespace StorageOperator.Comparison;

/// <summary>The contestants take turns on one API server; before every turn it is cleared.</summary>
internal static class Match
{
    private static readonly string[] Writing = ["create", "update", "patch", "delete"];

    public static async Task<Results> Play(Load load, CancellationToken cancellationToken)
    {
        await using var arena = await Arena.Open(countsRequests: false, cancellationToken);
        var results = new Results(arena.Version);
        for (var round = 1; round <= load.Rounds; round++)
        {
            results.Ceilings.Add(await Ceiling(arena, load, cancellationToken));
            foreach (var contestant in (Contestant[])[Contestant.KubeControllerManager, Contestant.Operator])
            {
                Console.Error.WriteLine($"round {round} of {load.Rounds}: {contestant.Name}");
                await Turn(arena, contestant, load, results, $"r{round}-", cancellationToken);
                await arena.Clear(cancellationToken);
            }
        }

        await CountRequests(load.Pairs / 4, results, cancellationToken);
        return results;
    }

    // On an API server of its own: one that logs every request is a slower one.
    private static async Task CountRequests(int pairs, Results results, CancellationToken cancellationToken)
    {
        await using var arena = await Arena.Open(countsRequests: true, cancellationToken);
        foreach (var contestant in (Contestant[])[Contestant.KubeControllerManager, Contestant.Operator])
        {
            var version = await Prepare(arena, pairs, "counted-", cancellationToken);
            var before = await Requests(arena, cancellationToken);
            await using (var process = await contestant.Start(arena.Kubeconfig))
            {
                await arena.ClaimsBound(pairs, version, cancellationToken);
                await process.Stop(cancellationToken: cancellationToken);
            }

            results.Add(contestant, Measure.RequestsPerBind, (await Requests(arena, cancellationToken) - before) / (double)pairs);
            await CountWritesAfterRestart(arena, contestant, results, cancellationToken);
            await arena.Clear(cancellationToken);
        }
    }

    private static async Task CountWritesAfterRestart(Arena arena, Contestant contestant, Results results, CancellationToken cancellationToken)
    {
        var before = await Writes(arena, cancellationToken);
        await using var process = await contestant.Start(arena.Kubeconfig);
        await arena.Works("counted-restart", cancellationToken);
        await process.Stop(cancellationToken: cancellationToken);

        // The marker's phase itself is one write.
        results.Add(contestant, Measure.WritesAfterRestart, await Writes(arena, cancellationToken) - before - 1);
    }

    private static async Task<string> Prepare(Arena arena, int pairs, string prefix, CancellationToken cancellationToken)
    {
        await arena.CreateVolumes(prefix + "v", pairs, cancellationToken);
        await arena.MakeAvailable(prefix + "v", pairs, cancellationToken);
        await arena.CreateClaims(prefix + "c", pairs, cancellationToken);
        return await arena.ClaimsVersion(cancellationToken);
    }

    private static async Task<double> Ceiling(Arena arena, Load load, CancellationToken cancellationToken)
    {
        var ceiling = await arena.Ceiling(load.Pairs / 4, cancellationToken);
        await arena.Clear(cancellationToken);
        return ceiling;
    }

    private static async Task Turn(Arena arena, Contestant contestant, Load load, Results results, string prefix, CancellationToken cancellationToken)
    {
        await AtOnce(arena, contestant, load, results, prefix, cancellationToken);
        await Restart(arena, contestant, results, prefix, cancellationToken);
        await arena.Clear(cancellationToken);
        await Singles(arena, contestant, load.Singles, results, prefix + "single-", cancellationToken);
    }

    // Everything is there before the contestant starts, and the time runs from its first bind to its last: neither its start nor the
    // creation of the objects is in the figure.
    private static async Task AtOnce(Arena arena, Contestant contestant, Load load, Results results, string prefix, CancellationToken cancellationToken)
    {
        var version = await Prepare(arena, load.Pairs, prefix, cancellationToken);
        await using var process = await contestant.Start(arena.Kubeconfig);
        var (first, last) = await arena.ClaimsBound(load.Pairs, version, cancellationToken);
        var rate = (load.Pairs - 1) / TimeProvider.System.GetElapsedTime(first, last).TotalSeconds;
        results.Add(contestant, Measure.BindsAtOnce, rate);
        results.Add(contestant, Measure.ShareOfCeiling, 100 * rate / results.Ceilings[^1]);
        results.Add(contestant, Measure.CpuPerBind, Contestant.Cpu(process).TotalMilliseconds / load.Pairs);

        // What a process keeps at rest is the question, not what a burst takes for a moment.
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System, cancellationToken);
        results.Add(contestant, Measure.Resident, Contestant.Resident(process));
        await process.Stop(cancellationToken: cancellationToken);
    }

    private static async Task Singles(Arena arena, Contestant contestant, int count, Results results, string prefix, CancellationToken cancellationToken)
    {
        await using var process = await contestant.Start(arena.Kubeconfig);
        await arena.Works(prefix + "marker", cancellationToken);
        await arena.CreateVolumes(prefix + "v", count, cancellationToken);
        await arena.VolumesReach("Available", count, cancellationToken);
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var bound = arena.ClaimsBound(1, await arena.ClaimsVersion(cancellationToken), cancellationToken);
            var start = TimeProvider.System.GetTimestamp();
            await arena.CreateClaim($"{prefix}c{i}", cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(start, (await bound).Last).TotalMilliseconds);
        }

        results.Add(contestant, Measure.IdleLatency, Results.Median(times));
        await process.Stop(cancellationToken: cancellationToken);
    }

    private static async Task Restart(Arena arena, Contestant contestant, Results results, string prefix, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        await using var process = await contestant.Start(arena.Kubeconfig);
        await arena.Works(prefix + "restarted", cancellationToken);
        results.Add(contestant, Measure.Restart, TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        await process.Stop(cancellationToken: cancellationToken);
    }

    private static async Task<int> Requests(Arena arena, CancellationToken cancellationToken) => (await arena.Requests(cancellationToken)).Values.Sum();

    private static async Task<int> Writes(Arena arena, CancellationToken cancellationToken) =>
        (await arena.Requests(cancellationToken)).Where(verb => Writing.Contains(verb.Key)).Sum(verb => verb.Value);
}
