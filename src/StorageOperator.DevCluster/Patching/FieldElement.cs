using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>
/// One part of a value that can be owned on its own: a field of an object, an item of a set, an item of a list with keys.
/// </summary>
/// <param name="Text">The element as fieldsV1 writes it.</param>
/// <param name="Value">The part's value.</param>
/// <param name="Schema">The part's schema; null where none is known, then objects are granular and lists atomic.</param>
internal readonly record struct FieldElement(string Text, JsonNode? Value, SchemaNode? Schema)
{
    /// <summary>The parts of <paramref name="value"/>; null if it is owned as a whole (a scalar, an atomic list or object).</summary>
    internal static List<FieldElement>? Below(JsonNode? value, SchemaNode? schema) => value switch
    {
        JsonObject fields when !IsAtomic(schema)
            => [.. fields.Select(field => new FieldElement("f:" + field.Key, field.Value, schema?.Field(field.Key)))],
        JsonArray items when schema?.ListType is ListType.Set or ListType.Map => BelowList(items, schema),
        _ => null,
    };

    /// <summary>The element of <paramref name="item"/> of a list that has keys or is a set; null if the item lacks a key.</summary>
    internal static string? OfItem(JsonNode? item, SchemaNode list)
    {
        if (list.ListType == ListType.Set)
        {
            return "v:" + JsonText.Of(item);
        }

        var keys = new JsonObject();
        foreach (var key in list.ListMapKeys.Order(StringComparer.Ordinal))
        {
            var value = (item as JsonObject)?[key] ?? list.Item?.Field(key)?.Default;
            if (value is not null)
            {
                keys[key] = value.DeepClone();
            }
        }

        return keys.Count == 0 ? null : "k:" + JsonText.Of(keys);
    }

    /// <summary>A list with an item that lacks its keys or is there twice cannot be told apart: it is one value.</summary>
    private static List<FieldElement>? BelowList(JsonArray items, SchemaNode schema)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var elements = new List<FieldElement>(items.Count);
        foreach (var item in items)
        {
            if (OfItem(item, schema) is not { } text || !seen.Add(text))
            {
                return null;
            }

            elements.Add(new FieldElement(text, item, schema.Item));
        }

        return elements;
    }

    /// <summary>Opaque JSON in a built-in kind is set as a whole; in a custom kind its objects are merged.</summary>
    private static bool IsAtomic(SchemaNode? schema)
        => schema is not null && (schema.IsAtomicMap || (schema.Reference is not null && schema.IsOpaque));
}
