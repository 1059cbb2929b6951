using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Reads the numbers of a JSON tree, however the tree was made.</summary>
internal static class JsonNumbers
{
    /// <summary>The exact number, or null if the node is none or lies outside a decimal.</summary>
    internal static decimal? Decimal(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The number, or null if the node is none.</summary>
    internal static double? Double(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            ? double.Parse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    /// <summary>True if the node is a number without a fraction. Kubernetes takes 1.0 for a float, so that is none.</summary>
    internal static bool IsInteger(JsonNode? node)
        => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && value.ToJsonString().AsSpan().IndexOfAny('.', 'e', 'E') < 0;
}
