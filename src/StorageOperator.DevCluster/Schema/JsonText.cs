using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>JSON as messages to people show it: without the escapes that only a browser needs.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Of(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    internal static string Quote(string text) => JsonSerializer.Serialize(text, Plain);

    /// <summary>The name of the node's type as messages have it: a number without a fraction is an integer.</summary>
    internal static string TypeOf(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => JsonNumbers.IsInteger(node) ? "integer" : "number",
        _ => "null",
    };
}
