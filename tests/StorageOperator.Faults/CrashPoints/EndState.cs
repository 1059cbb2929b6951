using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.CrashPoints;

/// <summary>All that is left of an instance, written so that two instances of one flow read the same when they ended the same.</summary>
internal static class EndState
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly string[] Incidental =
        ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "managedFields", "selfLink", "generation", "lastPhaseTransitionTime"];

    /// <summary>Reads it, for many instances at once.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> Of(IReadOnlyList<Instance> instances, KubernetesApi api)
    {
        var volumes = await List(api, "PersistentVolume");
        var claims = await List(api, "PersistentVolumeClaim");
        var pods = await List(api, "Pod");
        var uids = claims.ToDictionary(claim => (string)claim["metadata"]!["uid"]!, claim => $"{claim["metadata"]!["namespace"]}/{claim["metadata"]!["name"]}");
        var owned = volumes.Concat(claims).Concat(pods).ToLookup(OwnerOf);
        return instances.ToDictionary(x => x.Name, x => string.Join('\n', owned[x.Name].Select(found => Text(found, uids)).Concat(x.BytesLeft()))
            .Replace(x.Name, "(instance)", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<JsonNode>> List(KubernetesApi api, string kind) =>
        [.. (await api.Get(ResourcePath.Collection(kind))).Succeeded()["items"]!.AsArray().Select(found => found!)];

    private static string OwnerOf(JsonNode found)
    {
        var (space, name) = ((string?)found["metadata"]!["namespace"], (string)found["metadata"]!["name"]!);
        return (space is null or "default" ? name.Replace("recycler-for-", "", StringComparison.Ordinal) : space).Split('-')[0];
    }

    private static string Text(JsonNode found, Dictionary<string, string> uids) => Plain(found, uids)!.ToJsonString(Indented);

    private static JsonNode? Plain(JsonNode? node, Dictionary<string, string> uids) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(item => Plain(item, uids))]),
        JsonObject found => new JsonObject(found.Where(field => !Incidental.Contains(field.Key) || IsReference(found, field.Key))
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, field.Key == "uid" ? Whose((string)field.Value!, uids) : Plain(field.Value, uids)))),
        _ => node?.DeepClone(),
    };

    // A reference's UID matters: it must be that of the claim there is, or of none.
    private static bool IsReference(JsonObject found, string field) => field == "uid" && found.ContainsKey("kind") && found.ContainsKey("name");

    private static JsonValue Whose(string uid, Dictionary<string, string> uids) => JsonValue.Create($"that of {uids.GetValueOrDefault(uid, "nobody")}");
}
