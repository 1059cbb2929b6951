using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Reads JSON as Go does: of a field that is there twice the last one counts, and the paths of such fields are told.</summary>
public static class DuplicateFields
{
    /// <summary>Reads one document.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="duplicates">The paths of the fields that are there more than once, such as <c>spec.size</c>.</param>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    public static JsonNode? Read(ReadOnlySpan<byte> json, out IReadOnlyList<string> duplicates)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        var found = new List<string>();
        reader.Read();
        try
        {
            var node = ReadValue(ref reader, "", found);
            if (reader.Read())
            {
                throw new JsonException("the document is followed by something else");
            }

            duplicates = found;
            return node;
        }
        catch (InvalidOperationException fault)
        {
            // A string with half a surrogate pair or bytes that are no UTF-8.
            throw new JsonException(fault.Message, fault);
        }
    }

    private static JsonNode? ReadValue(ref Utf8JsonReader reader, string path, List<string> duplicates) => reader.TokenType switch
    {
        JsonTokenType.StartObject => ReadObject(ref reader, path, duplicates),
        JsonTokenType.StartArray => ReadArray(ref reader, path, duplicates),
        JsonTokenType.Null => null,
        JsonTokenType.String => JsonValue.Create(reader.GetString()),
        JsonTokenType.True => JsonValue.Create(true),
        JsonTokenType.False => JsonValue.Create(false),
        _ when reader.TryGetInt64(out var integer) => JsonValue.Create(integer),
        _ => JsonValue.Create(JsonElement.ParseValue(ref reader)),
    };

    private static JsonObject ReadObject(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var result = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var at = path.Length == 0 ? name : path + "." + name;
            reader.Read();
            var value = ReadValue(ref reader, at, duplicates);
            if (!result.TryAdd(name, value))
            {
                result[name] = value;
                if (!duplicates.Contains(at))
                {
                    duplicates.Add(at);
                }
            }
        }

        return result;
    }

    private static JsonArray ReadArray(ref Utf8JsonReader reader, string path, List<string> duplicates)
    {
        var result = new JsonArray();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            result.Add(ReadValue(ref reader, $"{path}[{result.Count}]", duplicates));
        }

        return result;
    }
}
