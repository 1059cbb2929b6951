using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>
/// What is compared of a scenario at one moment, flat: a path for every field, such as <c>claims/ns~data/phase</c>, with its value as
/// JSON text. Events are paths that are there or not.
/// </summary>
internal sealed class ScenarioState
{
    private const string Events = "events/";

    // A field that is null says no more than one that is absent.
    private const string Nothing = "null";

    private static readonly string[] AnnotationPrefixes =
        ["pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/", "volume.alpha.kubernetes.io/"];

    private readonly SortedDictionary<string, string> _paths;

    private ScenarioState(SortedDictionary<string, string> paths) => _paths = paths;

    /// <summary>A state as it was recorded.</summary>
    public static ScenarioState Recorded(JsonNode state)
    {
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var kind in new[] { "claims", "volumes" })
        {
            foreach (var (name, fields) in state[kind]!.AsObject())
            {
                AddFields(paths, $"{kind}/{Escape(name)}", fields!.AsObject());
            }
        }

        AddRecyclerPods(paths, state["recyclerPods"]!.AsArray().Select(name => (string)name!));
        foreach (var e in state["events"]!.AsArray())
        {
            AddEvent(paths, (string)e!["kind"]!, (string)e["name"]!, (string)e["type"]!, (string)e["reason"]!);
        }

        return new ScenarioState(paths);
    }

    /// <summary>A state as it is now.</summary>
    /// <param name="nameOfUid">Turns a UID into the name that recorded states use for it.</param>
    public static ScenarioState Observed(ScenarioObjects objects, Func<string, string> nameOfUid)
    {
        var paths = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in objects.Claims)
        {
            AddFields(paths, $"claims/{Escape($"{claim["metadata"]!["namespace"]}/{claim["metadata"]!["name"]}")}", Claim(claim));
        }

        foreach (var volume in objects.Volumes)
        {
            AddFields(paths, $"volumes/{Escape((string)volume["metadata"]!["name"]!)}", Volume(volume, nameOfUid));
        }

        AddRecyclerPods(paths, objects.RecyclerPods);
        foreach (var e in objects.Events)
        {
            var about = e["involvedObject"]!;
            var inNamespace = (string?)about["namespace"];
            var name = (string)about["kind"]! == "PersistentVolumeClaim" ? $"{inNamespace}/{about["name"]}" : (string)about["name"]!;
            AddEvent(paths, (string)about["kind"]!, name, (string?)e["type"] ?? "", (string?)e["reason"] ?? "");
        }

        return new ScenarioState(paths);
    }

    /// <summary>Where <paramref name="actual"/> is not as this state says, one line for each path. Events beyond these are allowed.</summary>
    public IReadOnlyList<string> Differences(ScenarioState actual, IEnumerable<string> optional)
    {
        var free = optional.Select(Pattern).ToList();
        var paths = _paths.Keys.Union(actual._paths.Keys.Where(path => !path.StartsWith(Events, StringComparison.Ordinal)));
        return
        [
            .. from path in paths.Order(StringComparer.Ordinal)
               let expected = _paths.GetValueOrDefault(path)
               let was = actual._paths.GetValueOrDefault(path)
               where (expected ?? Nothing) != (was ?? Nothing) && !free.Any(pattern => pattern.IsMatch(path))
               select $"{path}: expected {expected ?? "absent"}, is {was ?? "absent"}",
        ];
    }

    /// <summary>This state with some paths changed; null removes one.</summary>
    public ScenarioState With(IReadOnlyDictionary<string, string?> changes)
    {
        var paths = new SortedDictionary<string, string>(_paths, StringComparer.Ordinal);
        foreach (var (path, value) in changes)
        {
            _ = paths.Remove(path);
            if (value is not null)
            {
                paths.Add(path, value);
            }
        }

        return new ScenarioState(paths);
    }

    public bool Has(string path) => _paths.ContainsKey(path);

    private static JsonObject Claim(JsonNode claim) => new()
    {
        ["phase"] = Copy(claim["status"]?["phase"]),
        ["volumeName"] = Copy(claim["spec"]!["volumeName"]),
        ["storageClassName"] = Copy(claim["spec"]!["storageClassName"]),
        ["capacity"] = Copy(claim["status"]?["capacity"]?["storage"]),
        ["accessModes"] = Copy(claim["status"]?["accessModes"]) ?? new JsonArray(),
        ["currentVolumeAttributesClassName"] = Copy(claim["status"]?["currentVolumeAttributesClassName"]),
        ["annotations"] = Annotations(claim),
        ["finalizers"] = Finalizers(claim),
        ["deleting"] = claim["metadata"]!["deletionTimestamp"] is not null,
    };

    private static JsonObject Volume(JsonNode volume, Func<string, string> nameOfUid) => new()
    {
        ["phase"] = Copy(volume["status"]?["phase"]),
        ["message"] = !string.IsNullOrEmpty((string?)volume["status"]?["message"]),
        ["claimRef"] = ClaimRef(volume["spec"]!["claimRef"], nameOfUid),
        ["reclaimPolicy"] = Copy(volume["spec"]!["persistentVolumeReclaimPolicy"]),
        ["storageClassName"] = Copy(volume["spec"]!["storageClassName"]),
        ["capacity"] = Copy(volume["spec"]!["capacity"]?["storage"]),
        ["annotations"] = Annotations(volume),
        ["finalizers"] = Finalizers(volume),
        ["deleting"] = volume["metadata"]!["deletionTimestamp"] is not null,
    };

    private static JsonObject? ClaimRef(JsonNode? claimRef, Func<string, string> nameOfUid) => claimRef is null ? null : new JsonObject
    {
        ["namespace"] = Copy(claimRef["namespace"]),
        ["name"] = Copy(claimRef["name"]),
        ["uid"] = (string?)claimRef["uid"] is { Length: > 0 } uid ? nameOfUid(uid) : null,
    };

    private static JsonObject Annotations(JsonNode o) => new(
        (o["metadata"]!["annotations"] as JsonObject ?? [])
        .Where(pair => AnnotationPrefixes.Any(prefix => pair.Key.StartsWith(prefix, StringComparison.Ordinal)))
        .Select(pair => KeyValuePair.Create(pair.Key, Copy(pair.Value))));

    private static JsonArray Finalizers(JsonNode o) =>
        [.. (o["metadata"]!["finalizers"] as JsonArray ?? []).Select(name => (string)name!).Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name))];

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    private static void AddFields(SortedDictionary<string, string> paths, string path, JsonObject fields)
    {
        foreach (var (field, value) in fields)
        {
            if (value is JsonObject annotations && field == "annotations")
            {
                foreach (var (key, text) in annotations)
                {
                    paths.Add($"{path}/annotations/{Escape(key)}", Text(text));
                }
            }
            else
            {
                paths.Add($"{path}/{field}", Text(value));
            }
        }
    }

    private static void AddRecyclerPods(SortedDictionary<string, string> paths, IEnumerable<string> names) =>
        paths.Add("recyclerPods", string.Join(' ', names.Order(StringComparer.Ordinal)));

    private static void AddEvent(SortedDictionary<string, string> paths, string kind, string name, string type, string reason) =>
        paths[$"{Events}{kind}/{Escape(name)}/{type}/{reason}"] = "there";

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? Nothing;

    private static string Escape(string name) => name.Replace('/', '~');

    private static Regex Pattern(string path) => new($"^{Regex.Escape(path).Replace("\\*", ".*", StringComparison.Ordinal)}$", RegexOptions.CultureInvariant);
}

/// <summary>The objects of a scenario at one moment.</summary>
internal sealed record ScenarioObjects(
    IReadOnlyList<JsonNode> Claims, IReadOnlyList<JsonNode> Volumes, IReadOnlyList<string> RecyclerPods, IReadOnlyList<JsonNode> Events);
