using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>
/// Replays the recorded scenarios behind the tests that ask for their outcomes: many side by side under one start of the
/// implementation, the exclusive ones one after another on a cluster of their own.
/// </summary>
public sealed class ScenarioReplay : IAsyncLifetime
{
    private const int SideBySide = 100;
    private const int RequestsAtOnce = 16;

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<ScenarioOutcome>> _outcomes = new();
    private readonly Implementation _implementation = Implementation.Chosen;
    private Task _replay = Task.CompletedTask;
    private int _starts;

    public async ValueTask InitializeAsync()
    {
        var scenarios = RecordedScenarios.Wanted.ToList();
        scenarios.ForEach(scenario => _outcomes[scenario.Id] = new(TaskCreationOptions.RunContinuationsAsynchronously));
        var together = scenarios.Where(scenario => !scenario.IsExclusive).Chunk(SideBySide).ToList();
        var alone = scenarios.Where(scenario => scenario.IsExclusive).Chunk(1).ToList();
        // One existing cluster has to do for both; of the others there are as many as are started.
        _replay = Cluster.Chosen == "existing" ? ReplayOnOneCluster([.. together, .. alone]) : Task.WhenAll(ReplayOnOneCluster(together), ReplayOnOneCluster(alone));
        await Task.CompletedTask;
    }

    /// <summary>Waits for a scenario's turn and its end.</summary>
    internal Task<ScenarioOutcome> OutcomeOf(string id) => _outcomes[id].Task;

    public async ValueTask DisposeAsync()
    {
        // An existing cluster is to be left clean; one of our own goes as it is.
        if (Cluster.Chosen != "existing")
        {
            await _stop.CancelAsync();
        }

        await _replay.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _stop.Dispose();
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "each test that waits gets the error")]
    private async Task ReplayOnOneCluster(List<Scenario[]> batches)
    {
        if (batches.Count == 0)
        {
            return;
        }

        try
        {
            await using var cluster = await Cluster.Start(cancellationToken: _stop.Token);
            using var api = new KubernetesApi(cluster.Connection);
            await using var observed = await ObservedCluster.Start(api, _stop.Token);
            foreach (var batch in batches)
            {
                await ReplayBatch(batch, cluster, api, observed);
            }
        }
        catch (Exception error)
        {
            foreach (var scenario in batches.SelectMany(batch => batch))
            {
                _outcomes[scenario.Id].TrySetException(error);
            }
        }
    }

    private async Task ReplayBatch(Scenario[] batch, ICluster cluster, KubernetesApi api, ObservedCluster observed)
    {
        var runs = new List<ScenarioRun>();
        foreach (var scenario in batch)
        {
            if (ServerNeed.Missing(scenario, cluster) is { } reason)
            {
                _outcomes[scenario.Id].SetResult(ScenarioOutcome.Skipped(reason));
            }
            else
            {
                runs.Add(new ScenarioRun(scenario, api, observed));
            }
        }

        var prepared = new ConcurrentBag<ScenarioRun>();
        await Parallel.ForEachAsync(runs, AtOnce(), async (run, token) =>
        {
            if (await Try(run, () => run.Prepare(token)))
            {
                prepared.Add(run);
            }
        });
        await ReplayPrepared([.. prepared], cluster, api, observed);
        await Parallel.ForEachAsync(runs, AtOnce(), async (run, token) => await run.Remove(token));
    }

    private async Task ReplayPrepared(List<ScenarioRun> runs, ICluster cluster, KubernetesApi api, ObservedCluster observed)
    {
        if (runs.Count == 0)
        {
            return;
        }

        var marker = await CreateMarker(api);
        observed.ForgetEvents();
        await using (var running = await _implementation.Start(cluster, _stop.Token))
        {
            await Eventually.Holds(
                $"{_implementation.Name} to be at work",
                () => running.HasEnded || (string?)observed.Volume(marker)?["status"]?["phase"] == "Available",
                lastSeen: () => running.LastLines,
                cancellationToken: _stop.Token);
            await Task.WhenAll(runs.Select(run => Try(run, async () =>
            {
                var wrong = await run.Replay(_implementation, running, _stop.Token);
                _outcomes[run.Scenario.Id].TrySetResult(wrong is null ? ScenarioOutcome.Passed : ScenarioOutcome.Failed(wrong));
            })));
        }

        await RemoveMarker(marker, api, observed);
    }

    // Of a class of its own, so that no scenario's claim could take it: the implementation is at work when it has looked at it.
    private async Task<string> CreateMarker(KubernetesApi api)
    {
        var name = $"at-work-marker-{Interlocked.Increment(ref _starts)}";
        var manifest = JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{name}}" },
              "spec": {
                "capacity": { "storage": "1Mi" }, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "{{name}}", "hostPath": { "path": "/tmp/scenario-data/{{name}}" }
              }
            }
            """)!;
        (await api.Create(manifest, _stop.Token)).Succeeded();
        return name;
    }

    private async Task RemoveMarker(string name, KubernetesApi api, ObservedCluster observed)
    {
        var path = ResourcePath.Object("PersistentVolume", null, name);
        await api.Delete(path, cancellationToken: _stop.Token);
        await api.Patch(path, JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!, cancellationToken: _stop.Token);
        await Eventually.Holds("the marker volume to be gone", () => observed.Volume(name) is null, cancellationToken: _stop.Token);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "the test of this scenario gets the error, the others go on")]
    private async Task<bool> Try(ScenarioRun run, Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception error)
        {
            _outcomes[run.Scenario.Id].TrySetResult(ScenarioOutcome.Failed($"{run.Scenario.Id}: {error.Message}"));
            return false;
        }
    }

    private ParallelOptions AtOnce() => new() { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = _stop.Token };
}

/// <summary>How a scenario ended.</summary>
/// <param name="Wrong">What was not as recorded, if anything.</param>
/// <param name="WhySkipped">Why it was not run, if it was not.</param>
internal sealed record ScenarioOutcome(string? Wrong, string? WhySkipped)
{
    public static readonly ScenarioOutcome Passed = new(null, null);

    public static ScenarioOutcome Failed(string wrong) => new(wrong, null);

    public static ScenarioOutcome Skipped(string why) => new(null, why);
}
