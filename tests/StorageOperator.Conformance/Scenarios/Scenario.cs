using System.Text.Json.Nodes;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>One recorded scenario; Recorded/README.md gives the meaning of each field.</summary>
/// <param name="Id">Unique; also its namespace and the prefix of its cluster-scoped names.</param>
/// <param name="IsExclusive">Whether it needs a cluster of its own while it runs.</param>
/// <param name="Settled">The state after the start, then after each step.</param>
/// <param name="Rejected">The HTTP status of the steps that the API server refused.</param>
internal sealed record Scenario(
    string Id,
    string Category,
    string Title,
    bool IsExclusive,
    IReadOnlyList<JsonNode> Objects,
    IReadOnlyList<JsonNode> Status,
    IReadOnlyList<JsonNode> Prepare,
    IReadOnlyList<JsonNode> Steps,
    IReadOnlyList<JsonNode> Settled,
    IReadOnlyList<string> Optional,
    IReadOnlyDictionary<int, int> Rejected)
{
    public static Scenario Parse(JsonNode json) => new(
        (string)json["id"]!,
        (string)json["category"]!,
        (string)json["title"]!,
        (bool?)json["exclusive"] ?? false,
        List(json["objects"]),
        List(json["status"]),
        List(json["prepare"]),
        List(json["steps"]),
        List(json["settled"]),
        [.. List(json["optional"]).Select(path => (string)path!)],
        (json["rejected"] as JsonObject ?? []).ToDictionary(
            pair => int.Parse(pair.Key, System.Globalization.CultureInfo.InvariantCulture), pair => (int)pair.Value!));

    /// <summary>Every manifest that it creates, at any time.</summary>
    public IEnumerable<JsonNode> Manifests => Objects.Concat(Prepare.Concat(Steps).Select(step => step["apply"]).OfType<JsonNode>());

    /// <summary>Every patch of an object itself or of its status, at any time.</summary>
    public IEnumerable<JsonNode> Patches => Prepare.Concat(Steps).Select(step => step["patch"]).OfType<JsonNode>();

    public IEnumerable<string> Namespaces => Manifests.Select(manifest => (string?)manifest["metadata"]!["namespace"]).OfType<string>().Distinct();

    /// <summary>Whether a cluster-scoped name, or a namespace, is one of this scenario's.</summary>
    public bool Owns(string name) => name == Id || name.StartsWith(Id + "-", StringComparison.Ordinal);

    private static IReadOnlyList<JsonNode> List(JsonNode? list) => [.. (list as JsonArray ?? []).OfType<JsonNode>()];
}
