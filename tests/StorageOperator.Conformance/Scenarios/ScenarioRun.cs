using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>One scenario on a cluster: prepared before the implementation starts, replayed while it runs, removed after it has stopped.</summary>
internal sealed class ScenarioRun(Scenario scenario, KubernetesApi api, ObservedCluster observed)
{
    private const string UidOf = "uid-of:";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, string> _uids = [];
    private readonly Dictionary<string, string> _namesOfUids = [];

    public Scenario Scenario => scenario;

    /// <summary>Brings the cluster into the state that the scenario begins with.</summary>
    /// <exception cref="HttpRequestException">The API server refused something.</exception>
    public async Task Prepare(CancellationToken cancellationToken)
    {
        foreach (var name in scenario.Namespaces)
        {
            await CreateNamespace(name, cancellationToken);
        }

        foreach (var manifest in scenario.Objects)
        {
            (await Create(manifest, cancellationToken)).Succeeded();
        }

        foreach (var status in scenario.Status)
        {
            var patch = new JsonObject { ["status"] = status["status"]!.DeepClone() };
            (await api.Patch(PathOf(status, "status"), patch, cancellationToken: cancellationToken)).Succeeded();
        }

        foreach (var operation in scenario.Prepare)
        {
            (await Act(operation, cancellationToken))?.Succeeded();
        }
    }

    /// <summary>Waits for the first state, then does each step and waits for the state after it.</summary>
    /// <returns>What is wrong, for people; null when everything is as expected.</returns>
    public async Task<string?> Replay(Implementation implementation, RunningImplementation running, CancellationToken cancellationToken)
    {
        for (var stage = 0; stage < scenario.Settled.Count; stage++)
        {
            var wrong = (stage > 0 ? await Step(stage - 1, cancellationToken) : null)
                ?? await Settle(stage, implementation.Quiet, running, cancellationToken);
            if (wrong is not null)
            {
                return wrong;
            }
        }

        return null;
    }

    /// <summary>Removes everything that the scenario has made.</summary>
    public async Task Remove(CancellationToken cancellationToken)
    {
        var objects = observed.Of(scenario);
        var left = objects.Claims.Select(claim => ("PersistentVolumeClaim", (string?)claim["metadata"]!["namespace"], (string)claim["metadata"]!["name"]!))
            .Concat(objects.Volumes.Select(volume => ("PersistentVolume", (string?)null, (string)volume["metadata"]!["name"]!)))
            .Concat(objects.RecyclerPods.Select(pod => ("Pod", (string?)"default", pod)))
            .Concat(scenario.Manifests.Select(m => ((string)m["kind"]!, (string?)m["metadata"]!["namespace"], (string)m["metadata"]!["name"]!)))
            .Distinct();
        foreach (var (kind, inNamespace, name) in left)
        {
            var path = ResourcePath.Object(kind, inNamespace, name);
            await api.Delete(path, NoGrace(), cancellationToken);
            await api.Patch(path, NoFinalizers(), cancellationToken: cancellationToken);
        }

        foreach (var name in scenario.Namespaces)
        {
            await api.Delete(ResourcePath.Object("Namespace", null, name), cancellationToken: cancellationToken);
        }

        await Eventually.Holds(
            $"the objects of {scenario.Id} to be gone",
            () => observed.Of(scenario) is { Claims: [], Volumes: [], RecyclerPods: [] },
            within: Deadline,
            cancellationToken: cancellationToken);
    }

    private async Task<string?> Step(int index, CancellationToken cancellationToken)
    {
        var step = scenario.Steps[index];
        var answer = await Act(step, cancellationToken);
        var expected = scenario.Rejected.GetValueOrDefault(index);
        return answer is null || (expected == 0 ? answer.IsSuccess : (int)answer.Status == expected)
            ? null
            : $"Step {index} should have been {(expected == 0 ? "accepted" : $"refused with {expected}")}: {step.ToJsonString()}\n{answer.Request}: {(int)answer.Status} {answer.Text}";
    }

    private async Task<string?> Settle(int stage, TimeSpan quiet, RunningImplementation running, CancellationToken cancellationToken)
    {
        var expected = ScenarioState.Recorded(scenario.Settled[stage]);
        if (RecordedScenarios.Deviations.TryGetValue(scenario.Id, out var deviation) && deviation.Expected.TryGetValue(stage, out var changes))
        {
            expected = expected.With(changes);
        }

        var time = TimeProvider.System;
        var moved = time.GetTimestamp();
        var versions = "";
        IReadOnlyList<string> differences = [];
        try
        {
            await Eventually.Holds(
                "the recorded state",
                () =>
                {
                    var objects = observed.Of(scenario);
                    differences = expected.Differences(ScenarioState.Observed(objects, NameOfUid), scenario.Optional);
                    if (ObservedCluster.Versions(objects) is var now && now != versions)
                    {
                        (versions, moved) = (now, time.GetTimestamp());
                    }

                    // Equal once is not enough: what is right now may still be about to change.
                    return differences.Count == 0 && time.GetElapsedTime(moved) >= quiet;
                },
                within: Deadline,
                between: BetweenLooks,
                cancellationToken: cancellationToken);
            return null;
        }
        catch (TimeoutException)
        {
            return Explain(stage, differences, running);
        }
    }

    private string Explain(int stage, IReadOnlyList<string> differences, RunningImplementation running) => string.Join('\n',
    [
        $"{scenario.Id}: {scenario.Title}",
        stage == 0 ? "After the start:" : $"After step {stage - 1}, {scenario.Steps[stage - 1].ToJsonString()}:",
        .. differences.Count == 0 ? ["  the state is as recorded, but never came to rest"] : differences.Select(line => "  " + line),
        "Objects:",
        .. observed.Of(scenario) is var objects ? objects.Claims.Concat(objects.Volumes).Select(o => "  " + Brief(o)) : [],
        "Events:",
        .. objects.Events.Select(e => $"  {e["involvedObject"]!["kind"]} {e["involvedObject"]!["name"]} {e["type"]} {e["reason"]}: {e["message"]}"),
        running.HasEnded ? $"The implementation has ended! Its last lines:\n{running.LastLines}" : $"Its log about this scenario:\n{running.LogAbout(scenario)}",
    ]);

    private static string Brief(JsonNode o)
    {
        var brief = o.DeepClone();
        _ = brief["metadata"]!.AsObject().Remove("managedFields");
        return brief.ToJsonString();
    }

    private async Task<ApiResponse?> Act(JsonNode operation, CancellationToken cancellationToken)
    {
        if (operation["pause"] is { } pause)
        {
            // The scenario itself asks for time to pass between two creations, which have a resolution of a second.
            await Task.Delay(TimeSpan.FromSeconds((double)pause), TimeProvider.System, cancellationToken);
            return null;
        }

        if (operation["apply"] is { } manifest)
        {
            return await Create(manifest, cancellationToken);
        }

        if (operation["patch"] is { } patch)
        {
            return await api.Patch(PathOf(patch, (string?)patch["subresource"]), Resolve(patch["patch"]!), cancellationToken: cancellationToken);
        }

        var delete = operation["delete"]!;
        var path = PathOf(delete, null);
        var answer = await api.Delete(path, (string)delete["kind"]! == "Pod" ? NoGrace() : null, cancellationToken);
        if (answer.IsSuccess && ((bool?)delete["force"] ?? false))
        {
            await api.Patch(path, NoFinalizers(), cancellationToken: cancellationToken);
        }

        return answer;
    }

    private async Task<ApiResponse> Create(JsonNode manifest, CancellationToken cancellationToken)
    {
        var answer = await CreateWhenAllowed(Resolve(manifest), cancellationToken);
        if (answer.IsSuccess && (string)manifest["kind"]! == "PersistentVolumeClaim")
        {
            Remember($"{manifest["metadata"]!["namespace"]}/{manifest["metadata"]!["name"]}", (string)answer.Body["metadata"]!["uid"]!);
        }

        return answer;
    }

    // Where service accounts are admitted, a new namespace cannot have pods until a controller has given it one.
    private async Task<ApiResponse> CreateWhenAllowed(JsonNode manifest, CancellationToken cancellationToken)
    {
        ApiResponse? answer = null;
        await Eventually.Holds(
            "a service account for a pod",
            async token => (answer = await api.Create(manifest.DeepClone(), token)) is not { Status: System.Net.HttpStatusCode.Forbidden } refused
                || !refused.Text.Contains("service account", StringComparison.OrdinalIgnoreCase),
            within: Deadline,
            between: BetweenLooks,
            cancellationToken: cancellationToken);
        return answer!;
    }

    private async Task CreateNamespace(string name, CancellationToken cancellationToken)
    {
        var manifest = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        var answer = await api.Create(manifest, cancellationToken);
        if (answer.Status != System.Net.HttpStatusCode.Conflict)
        {
            answer.Succeeded();
        }
    }

    private void Remember(string claim, string uid)
    {
        var name = UidOf + claim;
        for (var nth = 2; _uids.ContainsKey(name); nth++)
        {
            name = $"{UidOf}{claim}#{nth}";
        }

        _uids[name] = uid;
        _namesOfUids[uid] = name;
    }

    private string NameOfUid(string uid) => _namesOfUids.GetValueOrDefault(uid, uid);

    private JsonNode Resolve(JsonNode json) => JsonNode.Parse(_uids
        .OrderByDescending(pair => pair.Key.Length)
        .Aggregate(json.ToJsonString(), (text, pair) => text.Replace($"\"{pair.Key}\"", $"\"{pair.Value}\"", StringComparison.Ordinal)))!;

    private static string PathOf(JsonNode named, string? subresource) =>
        ResourcePath.Object((string)named["kind"]!, (string?)named["namespace"], (string)named["name"]!, subresource);

    private static JsonObject NoGrace() => new() { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["gracePeriodSeconds"] = 0 };

    private static JsonObject NoFinalizers() => new() { ["metadata"] = new JsonObject { ["finalizers"] = null } };
}
