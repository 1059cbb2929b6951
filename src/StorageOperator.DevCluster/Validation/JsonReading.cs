using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// Reads of optional fields that never throw: a field of another type than asked for reads as absent,
/// because such objects are refused when they are decoded, before any rule sees them.
/// </summary>
internal static class JsonReading
{
    public static JsonObject? Object(this JsonObject? parent, string name) => parent?[name] as JsonObject;

    public static JsonArray? Array(this JsonObject? parent, string name) => parent?[name] as JsonArray;

    public static string? Text(this JsonObject? parent, string name) => parent?[name].AsText();

    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static bool? Flag(this JsonObject? parent, string name) => parent?[name] is JsonValue value
        ? value.GetValueKind() switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
        : null;

    public static long? Number(this JsonObject? parent, string name) =>
        parent?[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && long.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    public static ResourceQuantity? Quantity(this JsonObject? parent, string name) =>
        ResourceQuantity.TryParse(parent?[name], out var quantity) ? quantity : null;

    public static bool Has(this JsonObject? parent, string name) => parent?[name] is not null;

    /// <summary>The objects in a list, with their index; items of other types are left out.</summary>
    public static IEnumerable<(int Index, JsonObject Item)> Objects(this JsonObject? parent, string name)
    {
        var array = parent.Array(name);
        for (var i = 0; i < (array?.Count ?? 0); i++)
        {
            if (array![i] is JsonObject item)
            {
                yield return (i, item);
            }
        }
    }

    public static IReadOnlyList<string> Texts(this JsonObject? parent, string name) =>
        parent.Array(name)?.Select(item => item.AsText()).OfType<string>().ToList() ?? [];

    /// <summary>The entries of a map of strings (labels, parameters), in the object's order.</summary>
    public static IEnumerable<(string Key, string Value)> TextMap(this JsonObject? parent, string name)
    {
        foreach (var (key, value) in parent.Object(name) ?? [])
        {
            yield return (key, value.AsText() ?? "");
        }
    }

    public static JsonObject Metadata(this JsonObject resource) => resource.Object("metadata") ?? [];

    public static string? Name(this JsonObject resource) => resource.Metadata().Text("name");

    public static string? Annotation(this JsonObject resource, string key) => resource.Metadata().Object("annotations").Text(key);

    /// <summary>The object at <paramref name="name"/>, made when absent.</summary>
    public static JsonObject Ensure(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject existing)
        {
            return existing;
        }

        var made = new JsonObject();
        parent[name] = made;
        return made;
    }

    /// <summary>Sets a field that is absent or null.</summary>
    public static void Default(this JsonObject parent, string name, JsonNode value)
    {
        if (parent[name] is null)
        {
            parent[name] = value;
        }
    }

    /// <summary>Sets a text field that is absent, null or empty: the default of a field that is not a pointer in Go.</summary>
    public static void DefaultText(this JsonObject parent, string name, string value)
    {
        if (string.IsNullOrEmpty(parent.Text(name)))
        {
            parent[name] = value;
        }
    }

    /// <summary>Makes a field of <paramref name="target"/> what it is in <paramref name="source"/>, absence included.</summary>
    public static void Restore(this JsonObject target, JsonObject source, string name)
    {
        if (source.TryGetPropertyValue(name, out var value))
        {
            target[name] = value?.DeepClone();
        }
        else
        {
            target.Remove(name);
        }
    }

    /// <summary>Times that are printed as null when a condition does not have them.</summary>
    public static void DefaultConditionTimes(this JsonObject? status, params ReadOnlySpan<string> times)
    {
        foreach (var (_, condition) in status.Objects("conditions"))
        {
            foreach (var time in times)
            {
                condition.TryAdd(time, null);
            }
        }
    }

    public static bool Same(JsonNode? left, JsonNode? right) => JsonNode.DeepEquals(left, right);
}
