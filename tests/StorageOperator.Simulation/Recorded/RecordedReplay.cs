using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.Conformance.Scenarios;
using StorageOperator.Model;
using StorageOperator.Simulation.Cluster;
using StorageOperator.Simulation.Operators;

namespace StorageOperator.Simulation.Recorded;

/// <summary>One recorded scenario, replayed on a model API server with the product's planners: what takes a real cluster seconds takes this milliseconds.</summary>
/// <param name="scenario">The scenario.</param>
/// <param name="order">Chooses the order in which events, work and requests follow each other; null: one after another.</param>
internal sealed class RecordedReplay(Scenario scenario, Random? order = null)
{
    // Long enough for every retry that a user would notice; the reference looks at everything again each second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly ModelServer _server = new();
    private readonly List<string> _problems = [];
    private readonly Dictionary<string, string> _uids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _namesOfUids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _specClasses = new(StringComparer.Ordinal);

    /// <summary>Replays it all.</summary>
    /// <returns>What is not as recorded, one line for each path; nothing when everything agrees.</returns>
    public IReadOnlyList<string> Run()
    {
        foreach (var manifest in scenario.Objects)
        {
            Create(manifest);
        }

        foreach (var status in scenario.Status)
        {
            Patch(status, "status", new JsonObject { ["status"] = status["status"]!.DeepClone() });
        }

        foreach (var operation in scenario.Prepare)
        {
            Act(operation);
        }

        var process = new OperatorProcess(_server) { Panicked = e => _problems.Add($"a controller threw {e}") };
        process.Network.Refused = (step, why) => _problems.Add($"the API server refuses {step}: {why}");
        for (var stage = 0; stage <= scenario.Steps.Count; stage++)
        {
            if (stage > 0 && Step(stage - 1) is { } wrong)
            {
                return [wrong];
            }

            var (_, rests) = Calm.Run(_server, [process], Patience, order: order);
            IReadOnlyList<string> differences = [.. Compare(stage), .. _problems];
            if (!rests || differences.Count > 0)
            {
                var after = stage == 0 ? "after the start" : $"after step {stage - 1}, {scenario.Steps[stage - 1].ToJsonString()}";
                return [$"{scenario.Id}: {scenario.Title}, {after}:", .. differences, .. rests ? Array.Empty<string>() : ["it does not come to rest"]];
            }
        }

        return [];
    }

    private IReadOnlyList<string> Compare(int stage)
    {
        var expected = ScenarioState.Recorded(scenario.Settled[stage]);
        if (RecordedScenarios.Deviations.TryGetValue(scenario.Id, out var deviation) && deviation.Expected.TryGetValue(stage, out var changes))
        {
            expected = expected.With(changes);
        }

        return expected.Differences(ScenarioState.Observed(Objects(), uid => _namesOfUids.GetValueOrDefault(uid, uid)), scenario.Optional);
    }

    private ScenarioObjects Objects() => new(
        [.. _server.Claims.All.Select(EntryJson.Of)],
        [.. _server.Volumes.All.Select(volume => EntryJson.Of(volume, _specClasses.GetValueOrDefault(volume.Name)))],
        [.. _server.Pods.All.Select(pod => pod.Key).Where(key => key.Namespace == WellKnown.RecyclerNamespace && key.Name.StartsWith(WellKnown.RecyclerPodPrefix, StringComparison.Ordinal)).Select(key => key.Name)],
        [.. _server.Events.Select(told => (JsonNode)new JsonObject
        {
            ["involvedObject"] = new JsonObject { ["kind"] = told.Kind, ["namespace"] = told.Key.Namespace, ["name"] = told.Key.Name },
            ["type"] = told.IsWarning ? "Warning" : "Normal",
            ["reason"] = told.Reason,
        })]);

    private string? Step(int index)
    {
        var refusal = Act(scenario.Steps[index]);
        var status = refusal switch
        {
            Refusal.None => 0,
            Refusal.NotFound => 404,
            Refusal.AlreadyExists or Refusal.Conflict => 409,
            Refusal.Forbidden => 403,
            _ => 422,
        };
        return status == scenario.Rejected.GetValueOrDefault(index) ? null : $"{scenario.Id}: step {index} was answered with {status}: {scenario.Steps[index].ToJsonString()}";
    }

    private Refusal Act(JsonNode operation)
    {
        if (operation["pause"] is { } pause)
        {
            _server.Now += TimeSpan.FromSeconds((double)pause);
            return Refusal.None;
        }

        if (operation["apply"] is { } manifest)
        {
            return Create(manifest);
        }

        if (operation["patch"] is { } patch)
        {
            return Patch(patch, (string?)patch["subresource"], patch["patch"]!.AsObject());
        }

        var delete = operation["delete"]!;
        var refusal = Delete(delete);
        return refusal == Refusal.None && ((bool?)delete["force"] ?? false)
            ? Patch(delete, null, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }) is var stripped && stripped == Refusal.NotFound ? Refusal.None : stripped
            : refusal;
    }

    private Refusal Create(JsonNode manifest)
    {
        var json = Resolve(manifest);
        switch ((string)manifest["kind"]!)
        {
            case "PersistentVolumeClaim":
                var claim = _server.Create(EntryJson.Claim(json));
                if (claim.Entry is { } created)
                {
                    Remember(created);
                }

                return claim.Refusal;
            case "PersistentVolume":
                _specClasses[(string)json["metadata"]!["name"]!] = SpecClass(json);
                return _server.Create(EntryJson.Volume(json)).Refusal;
            case "StorageClass":
                return _server.Create(EntryJson.Class(json)).Refusal;
            case "Pod":
                return EntryJson.Pod(json) is { } pod ? _server.Create(pod).Refusal : Refusal.None;
            case "Node" or "VolumeAttributesClass":
                // Nothing is decided by them.
                return Refusal.None;
            case var other:
                throw new NotSupportedException($"The model API server knows no kind {other}.");
        }
    }

    private Refusal Patch(JsonNode named, string? subresource, JsonObject patch)
    {
        var key = KeyOf(named);
        var resolved = Resolve(patch).AsObject();
        var isStatus = subresource == "status";
        switch ((string)named["kind"]!)
        {
            case "PersistentVolumeClaim" when _server.Claims.Get(key) is { } current:
                var claim = EntryJson.Claim(EntryJson.Merged(EntryJson.Of(current), resolved));
                return (isStatus ? _server.UpdateStatus(claim) : _server.UpdateSpec(claim)).Refusal;
            case "PersistentVolume" when _server.Volumes.Get(key) is { } current:
                var merged = EntryJson.Merged(EntryJson.Of(current, _specClasses.GetValueOrDefault(key.Name)), resolved);
                _specClasses[key.Name] = SpecClass(merged);
                var volume = EntryJson.Volume(merged);
                return (isStatus ? _server.UpdateStatus(volume) : _server.UpdateSpec(volume)).Refusal;
            case "Pod" when _server.Pods.Get(key) is { } current:
                return _server.Update(EntryJson.Pod(EntryJson.Merged(EntryJson.Of(current), resolved))!).Refusal;
            case "PersistentVolumeClaim" or "PersistentVolume" or "Pod":
                return Refusal.NotFound;
            case var other:
                throw new NotSupportedException($"Nothing patches a {other}.");
        }
    }

    private Refusal Delete(JsonNode named)
    {
        var key = KeyOf(named);
        return (string)named["kind"]! switch
        {
            "PersistentVolumeClaim" => _server.DeleteClaim(key).Refusal,
            "PersistentVolume" => _server.DeleteVolume(key).Refusal,
            "StorageClass" => _server.DeleteClass(key).Refusal,
            "Pod" => _server.DeletePod(key).Refusal,
            var other => throw new NotSupportedException($"Nothing deletes a {other}."),
        };
    }

    // An empty class is not printed by the API server.
    private static string? SpecClass(JsonNode volume) => (string?)volume["spec"]!["storageClassName"] is { Length: > 0 } name ? name : null;

    private static ObjectKey KeyOf(JsonNode named) => new((string?)named["namespace"] ?? "", (string)named["name"]!);

    private void Remember(ClaimEntry claim)
    {
        var name = $"uid-of:{claim.Key}";
        for (var nth = 2; _uids.ContainsKey(name); nth++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"uid-of:{claim.Key}#{nth}");
        }

        _uids[name] = claim.Uid;
        _namesOfUids[claim.Uid] = name;
    }

    private JsonNode Resolve(JsonNode json)
    {
        var text = json.ToJsonString();
        foreach (var (name, uid) in _uids)
        {
            text = text.Replace($"\"{name}\"", $"\"{uid}\"", StringComparison.Ordinal);
        }

        return JsonNode.Parse(text)!;
    }
}
