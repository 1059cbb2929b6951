using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Resources;

/// <summary>
/// Events exist once, in the form of core/v1, and are served in events.k8s.io/v1 too, where some fields have other names
/// (k/k:pkg/apis/events/v1/conversion.go).
/// </summary>
internal static class EventConversion
{
    private static readonly (string Core, string Events)[] Renamed =
    [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ];

    /// <summary>core/v1 to events.k8s.io/v1.</summary>
    public static JsonObject FromCore(JsonObject core)
    {
        JsonObject converted = Rename(core, name => Renamed.FirstOrDefault(pair => pair.Core == name).Events);
        foreach (string optional in (string[])["reportingController", "reportingInstance"])
        {
            if (converted[optional]?.ToString() is "")
            {
                converted.Remove(optional);
            }
        }
        return converted;
    }

    /// <summary>events.k8s.io/v1 to core/v1.</summary>
    public static JsonObject ToCore(JsonObject value) => Rename(value, name => Renamed.FirstOrDefault(pair => pair.Events == name).Core);

    private static JsonObject Rename(JsonObject source, Func<string, string?> rename)
    {
        var result = new JsonObject();
        foreach ((string name, JsonNode? value) in source)
        {
            result[rename(name) ?? name] = value?.DeepClone();
        }
        return result;
    }
}
