using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Objects;

/// <summary>Reads and writes of <c>metadata</c>.</summary>
internal static class ObjectMeta
{
    /// <summary>The longest generated name, in characters, and the length of its random end.</summary>
    private const int MaxGeneratedName = 63, RandomLength = 5;

    // No vowels and no digits that look like letters, so that no words come about: k/k apimachinery util/rand.
    private const string RandomAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>metadata, made when missing.</summary>
    public static JsonObject MetadataOf(JsonObject value)
    {
        if (value["metadata"] is JsonObject metadata)
        {
            return metadata;
        }
        value["metadata"] = metadata = [];
        return metadata;
    }

    /// <summary>A text field of metadata; empty when absent or of another type.</summary>
    public static string Text(JsonObject value, string field) =>
        value["metadata"] is JsonObject metadata ? TextOf(metadata[field]) : "";

    /// <summary>A text, or empty for anything else.</summary>
    public static string TextOf(JsonNode? node) => node is JsonValue leaf && leaf.TryGetValue(out string? text) ? text : "";

    /// <summary>metadata.finalizers.</summary>
    public static List<string> Finalizers(JsonObject value) =>
        value["metadata"]?["finalizers"] is JsonArray finalizers ? [.. finalizers.Select(TextOf)] : [];

    /// <summary>Sets metadata.finalizers; none removes the field.</summary>
    public static void SetFinalizers(JsonObject value, IEnumerable<string> finalizers)
    {
        JsonArray array = [.. finalizers.Select(finalizer => JsonValue.Create(finalizer))];
        JsonObject metadata = MetadataOf(value);
        metadata.Remove("finalizers");
        if (array.Count > 0)
        {
            metadata["finalizers"] = array;
        }
    }

    /// <summary>A time as Kubernetes writes it, in whole seconds.</summary>
    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A name from metadata.generateName.</summary>
    public static string GenerateName(string prefix)
    {
        int keep = Math.Min(prefix.Length, MaxGeneratedName - RandomLength);
        return prefix[..keep] + RandomNumberGenerator.GetString(RandomAlphabet, RandomLength);
    }

    /// <summary>metadata.generation plus one, or 1.</summary>
    public static void CountGeneration(JsonObject value, JsonObject? before) =>
        MetadataOf(value)["generation"] = JsonNode.Parse(((long)(before?["metadata"]?["generation"]?.GetValue<long>() ?? 0) + 1)
            .ToString(CultureInfo.InvariantCulture));
}
