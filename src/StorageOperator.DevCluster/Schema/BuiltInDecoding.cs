using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>A value of a built-in kind that Go's decoder would refuse: answered with 400, before any validation.</summary>
public sealed class DecodeException(string message) : Exception(message);

/// <summary>
/// Decodes an object of a built-in kind as the real server does by going through its Go types: wrong JSON types are refused, unknown fields
/// and nulls fall away. Source of the wordings: Go's encoding/json, apimachinery's Quantity and Time.
/// </summary>
public static class BuiltInDecoding
{
    /// <summary>
    /// Removes unknown fields and nulls from <paramref name="value"/>, changing it, and returns the paths of the unknown fields.
    /// </summary>
    /// <exception cref="DecodeException">
    /// A value has the wrong type. The server's whole message is <c>Kind in version "v1" cannot be handled as a Kind: </c> and this one's.
    /// </exception>
    public static IReadOnlyList<string> Decode(JsonObject value, SchemaNode schema)
    {
        var unknown = new List<string>();
        DecodeFields(value, schema.Target, ShortName(schema), "", unknown);
        return unknown;
    }

    /// <summary>The server's message for unknown and duplicate fields under fieldValidation=Strict.</summary>
    public static string StrictMessage(IEnumerable<string> duplicates, IEnumerable<string> unknown)
        => "strict decoding error: " + string.Join(", ", Warnings(duplicates, unknown));

    /// <summary>The server's Warning headers for unknown and duplicate fields under fieldValidation=Warn, one each.</summary>
    public static IEnumerable<string> Warnings(IEnumerable<string> duplicates, IEnumerable<string> unknown)
        => duplicates.Select(path => $"duplicate field \"{path}\"").Concat(unknown.Select(path => $"unknown field \"{path}\""));

    private static void DecodeFields(JsonObject fields, SchemaNode schema, string owner, string path, List<string> unknown)
    {
        foreach (var (name, value) in fields.ToList())
        {
            var at = path.Length == 0 ? name : path + "." + name;
            if (!schema.Properties.TryGetValue(name, out var field))
            {
                unknown.Add(at);
                fields.Remove(name);
            }
            else if (value is null)
            {
                fields.Remove(name);
            }
            else
            {
                DecodeValue(value, field, owner, at, unknown);
            }
        }
    }

    private static void DecodeValue(JsonNode? value, SchemaNode schema, string owner, string path, List<string> unknown)
    {
        var target = schema.Target;
        if (schema.IsOpaque || value is null)
        {
            return;
        }

        if (target.OneOf.Count > 0)
        {
            DecodeScalarChoice(value, schema, owner, path);
            return;
        }

        switch (target.Type, value)
        {
            case (SchemaType.Object, JsonObject fields) when target.AdditionalProperties is { } values:
                foreach (var (name, entry) in fields)
                {
                    DecodeValue(entry, values, owner, path + "." + name, unknown);
                }

                break;
            case (SchemaType.Object, JsonObject fields):
                DecodeFields(fields, target, ShortName(schema), path, unknown);
                break;
            case (SchemaType.Array, JsonArray items) when target.Items is { } item:
                for (var index = 0; index < items.Count; index++)
                {
                    DecodeValue(items[index], item, owner, $"{path}[{index}]", unknown);
                }

                break;
            default:
                DecodeScalar(value, schema, owner, path);
                break;
        }
    }

    private static void DecodeScalarChoice(JsonNode value, SchemaNode schema, string owner, string path)
    {
        if (value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
        {
            throw Mismatch(value, schema, owner, path);
        }
    }

    private static void DecodeScalar(JsonNode value, SchemaNode schema, string owner, string path)
    {
        var target = schema.Target;
        var fits = (target.Type, value.GetValueKind()) switch
        {
            (SchemaType.String, JsonValueKind.String) => FitsFormat((string)value!, target, schema.Reference),
            (SchemaType.Boolean, JsonValueKind.True or JsonValueKind.False) => true,
            (SchemaType.Number, JsonValueKind.Number) => true,
            (SchemaType.Integer, JsonValueKind.Number) => FitsInteger(value, target.Format),
            _ => false,
        };
        if (!fits)
        {
            throw Mismatch(value, schema, owner, path);
        }
    }

    private static bool FitsInteger(JsonNode value, string? format)
    {
        var number = value.ToJsonString();
        return format == "int32"
            ? int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)
            : long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
    }

    private static bool FitsFormat(string text, SchemaNode schema, string? reference)
    {
        if (schema.Format == "byte" && !Formats.IsBase64(text))
        {
            var at = text.TakeWhile(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/').Count();
            throw new DecodeException("illegal base64 data at input byte " + at.ToString(CultureInfo.InvariantCulture));
        }

        if (schema.Format == "date-time" && text.Length > 0 && !Formats.IsTime(text))
        {
            var layout = reference?.EndsWith(".MicroTime", StringComparison.Ordinal) == true ? "2006-01-02T15:04:05.000000Z07:00"
                : "2006-01-02T15:04:05Z07:00";
            throw new DecodeException($"parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"");
        }

        return true;
    }

    private static DecodeException Mismatch(JsonNode value, SchemaNode schema, string owner, string path)
    {
        if (schema.Reference?.EndsWith(".Quantity", StringComparison.Ordinal) == true)
        {
            return new DecodeException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        }

        var kind = value.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.False => "bool",
            JsonValueKind.Number when schema.Target.Type == SchemaType.Integer => "number " + value.ToJsonString(),
            var other => other.ToString().ToLowerInvariant(),
        };
        return new DecodeException($"json: cannot unmarshal {kind} into Go struct field {owner}.{WithoutIndexes(path)} of type {GoType(schema)}");
    }

    private static string WithoutIndexes(string path)
        => string.Concat(path.Split('[').Select((part, index)
            => index == 0 ? part : part[(part.IndexOf(']', StringComparison.Ordinal) + 1)..]));

    private static string GoType(SchemaNode schema)
    {
        var target = schema.Target;
        if (schema.Reference is { } reference)
        {
            var parts = reference.Split('.');
            return parts[^1] is "Time" or "MicroTime" ? "string" : $"{(parts[^2] == "resource" ? "resource" : parts[^2])}.{parts[^1]}";
        }

        return target.Type switch
        {
            SchemaType.Array => "[]" + (target.Items is { } item ? GoType(item) : "interface {}"),
            SchemaType.Object => "map[string]" + (target.AdditionalProperties is { } value ? GoType(value) : "interface {}"),
            SchemaType.Boolean => "bool",
            SchemaType.Integer => target.Format ?? "int64",
            SchemaType.Number => "float64",
            _ when target.Format == "byte" => "[]uint8",
            _ => "string",
        };
    }

    private static string ShortName(SchemaNode schema)
        => schema.Reference is { } reference ? reference[(reference.LastIndexOf('.') + 1)..] : schema.Title ?? "";
}
