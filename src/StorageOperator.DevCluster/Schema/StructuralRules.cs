using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// Whether a custom resource's schema is structural, as apiextensions.k8s.io/v1 demands: every value has a type, logical junctors
/// (allOf, anyOf, oneOf, not) restrict values and describe none, metadata is left alone. Messages are those of the real server.
/// </summary>
public static class StructuralRules
{
    private enum Level
    {
        Root,
        Item,
        Field,
    }

    private static readonly string[] Junctors = ["allOf", "anyOf", "oneOf"];

    private static readonly (string Field, string Message)[] NestedForbidden =
    [
        ("type", "must be empty to be structural"), ("additionalProperties", "must be undefined to be structural"),
        ("default", "must be undefined to be structural"), ("title", "must be empty to be structural"),
        ("description", "must be empty to be structural"), ("nullable", "must be false to be structural"),
        ("x-kubernetes-preserve-unknown-fields", "must be false to be structural"),
        ("x-kubernetes-embedded-resource", "must be false to be structural"),
        ("x-kubernetes-int-or-string", "must be false to be structural"),
        ("x-kubernetes-list-map-keys", "must be empty to be structural"),
        ("x-kubernetes-list-type", "must be undefined to be structural"),
        ("x-kubernetes-map-type", "must be undefined to be structural"),
    ];

    /// <summary>What is wrong with <paramref name="schema"/>; empty if it is structural.</summary>
    /// <param name="schema">The openAPIV3Schema of one version.</param>
    /// <param name="path">Where it stands: <c>spec.versions[0].schema.openAPIV3Schema</c>.</param>
    public static IReadOnlyList<SchemaError> Check(JsonObject schema, string path)
    {
        var errors = new List<SchemaError>();
        CheckNode(schema, Level.Root, path, errors);
        CheckDefaults(schema, path, errors);
        return [.. errors.OrderBy(error => error.ToString(), StringComparer.Ordinal)];
    }

    private static void CheckNode(JsonObject schema, Level level, string path, List<SchemaError> errors)
    {
        CheckType(schema, level, path, errors);
        CheckExtensions(schema, path, errors);
        CheckResource(schema, level, path, errors);
        CheckChildren(schema, level, path, errors);
        foreach (var (junctor, index, nested) in Nested(schema))
        {
            if (!IsIntOrStringPattern(schema, junctor))
            {
                CheckNested(nested, schema, index is null ? $"{path}.{junctor}" : $"{path}.{junctor}[{index}]", errors);
            }
        }
    }

    private static void CheckType(JsonObject schema, Level level, string path, List<SchemaError> errors)
    {
        var type = Text(schema, "type");
        if (schema.ContainsKey("$ref"))
        {
            errors.Add(SchemaError.Forbidden(path + ".$ref", "$ref is not supported"));
        }

        if (type.Length == 0 && !Is(schema, "x-kubernetes-int-or-string") && !Is(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Add(SchemaError.Required(path + ".type", level switch
            {
                Level.Root => "must not be empty at the root",
                Level.Item => "must not be empty for specified array items",
                _ => "must not be empty for specified object fields",
            }));
        }
        else if (type is not ("" or "object" or "array" or "string" or "integer" or "number" or "boolean"))
        {
            errors.Add(SchemaError.NotSupported(path + ".type", JsonText.Quote(type),
                ["\"array\"", "\"boolean\"", "\"integer\"", "\"number\"", "\"object\"", "\"string\""]));
        }
        else if (level == Level.Root && type.Length > 0 && type != "object")
        {
            errors.Add(SchemaError.Invalid(path + ".type", JsonText.Quote(type), "must be object at the root"));
        }

        if (Text(schema, "pattern") is { Length: > 0 } pattern && Re2.Fault(pattern) is { } fault)
        {
            errors.Add(SchemaError.Invalid(path + ".pattern", JsonText.Quote(pattern),
                "must be a valid regular expression, but isn't: " + fault));
        }
    }

    private static void CheckExtensions(JsonObject schema, string path, List<SchemaError> errors)
    {
        if (Is(schema, "x-kubernetes-int-or-string"))
        {
            foreach (var other in new[] { "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource" })
            {
                if (Is(schema, other))
                {
                    errors.Add(SchemaError.Invalid($"{path}.{other}", "true", "must be false if x-kubernetes-int-or-string is true"));
                }
            }
        }

        if (schema.ContainsKey("x-kubernetes-preserve-unknown-fields") && !Is(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Add(SchemaError.Invalid(path + ".x-kubernetes-preserve-unknown-fields", "false", "must be true or undefined"));
        }

        CheckList(schema, path, errors);
        if (Is(schema, "uniqueItems"))
        {
            errors.Add(SchemaError.Forbidden(path + ".uniqueItems",
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }
    }

    private static void CheckList(JsonObject schema, string path, List<SchemaError> errors)
    {
        var listType = Text(schema, "x-kubernetes-list-type");
        var keys = schema["x-kubernetes-list-map-keys"] as JsonArray ?? [];
        if (listType.Length > 0 && Text(schema, "type") != "array")
        {
            errors.Add(Text(schema, "type").Length == 0
                ? SchemaError.Required(path + ".type", "must be array if x-kubernetes-list-type is specified")
                : SchemaError.Invalid(path + ".type", JsonText.Quote(Text(schema, "type")),
                    "must be array if x-kubernetes-list-type is specified"));
        }

        if (listType is not ("" or "atomic" or "set" or "map"))
        {
            errors.Add(SchemaError.NotSupported(path + ".x-kubernetes-list-type", JsonText.Quote(listType),
                ["\"atomic\"", "\"map\"", "\"set\""]));
        }

        if (keys.Count > 0 && listType != "map")
        {
            errors.Add(SchemaError.Invalid(path + ".x-kubernetes-list-type", JsonText.Quote(listType),
                "must be map if x-kubernetes-list-map-keys is non-empty"));
        }

        if (listType == "map")
        {
            CheckMapKeys(schema, keys, path, errors);
        }
    }

    private static void CheckMapKeys(JsonObject schema, JsonArray keys, string path, List<SchemaError> errors)
    {
        if (keys.Count == 0)
        {
            errors.Add(SchemaError.Required(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        }

        var items = schema["items"] as JsonObject ?? [];
        var properties = items["properties"] as JsonObject ?? [];
        var required = (items["required"] as JsonArray ?? []).Select(name => (string?)name).ToHashSet();
        foreach (var key in keys.Select(key => (string)key!))
        {
            if (properties[key] is not JsonObject property)
            {
                errors.Add(SchemaError.Invalid(path + ".x-kubernetes-list-map-keys", keys.ToJsonString(),
                    "entries must all be names of item properties"));
            }
            else if (!required.Contains(key) && property["default"] is null)
            {
                errors.Add(SchemaError.Required($"{path}.items.properties[{key}].default",
                    "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"));
            }
        }
    }

    private static void CheckResource(JsonObject schema, Level level, string path, List<SchemaError> errors)
    {
        var embedded = Is(schema, "x-kubernetes-embedded-resource");
        var properties = schema["properties"] as JsonObject ?? [];
        if (embedded && Text(schema, "type") is var type && type != "object")
        {
            errors.Add(type.Length == 0
                ? SchemaError.Required(path + ".type", "must be object if x-kubernetes-embedded-resource is true")
                : SchemaError.Invalid(path + ".type", JsonText.Quote(type), "must be object if x-kubernetes-embedded-resource is true"));
        }

        if (embedded && schema.ContainsKey("additionalProperties"))
        {
            errors.Add(SchemaError.Forbidden(path + ".additionalProperties", "must not be used if x-kubernetes-embedded-resource is set"));
        }

        if (embedded && properties.Count == 0 && !Is(schema, "x-kubernetes-preserve-unknown-fields"))
        {
            errors.Add(SchemaError.Required(path + ".properties",
                "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields"));
        }

        if (!embedded && level != Level.Root)
        {
            return;
        }

        foreach (var (name, wanted) in new[] { ("kind", "string"), ("apiVersion", "string"), ("metadata", "object") })
        {
            if (properties[name] is JsonObject property && Text(property, "type") != wanted)
            {
                errors.Add(SchemaError.Invalid($"{path}.properties[{name}].type", JsonText.Quote(Text(property, "type")),
                    "must be " + wanted));
            }
        }

        if (level == Level.Root && properties["metadata"] is JsonObject metadata && !RestrictsNamesOnly(metadata))
        {
            errors.Add(SchemaError.Forbidden(path + ".properties[metadata]",
                "must not specify anything other than name and generateName, but metadata is implicitly specified"));
        }
    }

    private static bool RestrictsNamesOnly(JsonObject metadata)
        => metadata.All(field => field.Key is "type" or "properties" or "default" or "description")
            && (metadata["properties"] as JsonObject ?? []).All(field => field.Key is "name" or "generateName");

    private static void CheckChildren(JsonObject schema, Level level, string path, List<SchemaError> errors)
    {
        if (Text(schema, "type") == "array" && schema["items"] is null)
        {
            errors.Add(SchemaError.Required(path + ".items", "must be specified"));
        }
        else if (schema["items"] is JsonArray)
        {
            errors.Add(SchemaError.Forbidden(path + ".items", "items must be a schema object and not an array"));
        }

        if (schema["items"] is JsonObject items)
        {
            CheckNode(items, Level.Item, path + ".items", errors);
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject node && !(level == Level.Root && name == "metadata"))
            {
                CheckNode(node, Level.Field, $"{path}.properties[{name}]", errors);
            }
        }

        if (!schema.TryGetPropertyValue("additionalProperties", out var additional))
        {
            return;
        }

        if (level == Level.Root)
        {
            errors.Add(SchemaError.Forbidden(path + ".additionalProperties", "must not be used at the root"));
        }

        if (schema["properties"] is JsonObject { Count: > 0 })
        {
            errors.Add(SchemaError.Forbidden(path + ".additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }

        if (additional is JsonObject values)
        {
            CheckNode(values, Level.Field, path + ".additionalProperties", errors);
        }
        else if (additional is JsonValue flag && flag.GetValueKind() == JsonValueKind.False)
        {
            errors.Add(SchemaError.Forbidden(path + ".additionalProperties", "additionalProperties cannot be set to false"));
        }
    }

    /// <summary>A schema under a junctor restricts values that <paramref name="outer"/> has described; it describes none itself.</summary>
    private static void CheckNested(JsonObject schema, JsonObject? outer, string path, List<SchemaError> errors)
    {
        foreach (var (field, message) in NestedForbidden)
        {
            if (schema[field] is { } value && !(value.GetValueKind() == JsonValueKind.False))
            {
                errors.Add(SchemaError.Forbidden($"{path}.{field}", message));
            }
        }

        foreach (var (junctor, index, nested) in Nested(schema))
        {
            if (!(Is(outer, "x-kubernetes-int-or-string") && IsIntOrStringPattern(outer!, junctor, schema)))
            {
                CheckNested(nested, outer, index is null ? $"{path}.{junctor}" : $"{path}.{junctor}[{index}]", errors);
            }
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (name == "metadata")
            {
                errors.Add(SchemaError.Forbidden($"{path}.properties[metadata]", "must not be specified in a nested context"));
            }

            var described = outer?["properties"]?[name] as JsonObject ?? outer?["additionalProperties"] as JsonObject;
            if (described is null && !Is(outer, "x-kubernetes-preserve-unknown-fields"))
            {
                errors.Add(SchemaError.Required($"{Outside(path)}.properties[{name}]",
                    $"because it is defined in {path}.properties[{name}]"));
            }

            if (property is JsonObject node)
            {
                CheckNested(node, described, $"{path}.properties[{name}]", errors);
            }
        }

        if (schema["items"] is JsonObject items)
        {
            CheckNested(items, outer?["items"] as JsonObject, path + ".items", errors);
        }
    }

    /// <summary>The path outside of the junctors: where the described field has to stand.</summary>
    private static string Outside(string path)
    {
        var at = Junctors.Select(junctor => path.IndexOf($".{junctor}[", StringComparison.Ordinal))
            .Append(path.IndexOf(".not", StringComparison.Ordinal))
            .Where(index => index >= 0).DefaultIfEmpty(path.Length).Min();
        var end = path.IndexOf(']', at) is var bracket and >= 0 ? bracket + 1 : path.Length;
        return path[..at] + path[Math.Min(end, path.Length)..];
    }

    private static void CheckDefaults(JsonObject schema, string path, List<SchemaError> errors)
    {
        if (schema["default"] is { } value)
        {
            var node = CustomSchemas.Read(schema);
            foreach (var error in SchemaValidation.Check(value, node, ""))
            {
                errors.Add(error with { Field = error.Field.Length == 0 ? path + ".default" : $"{path}.default.{error.Field}" });
            }
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (property is JsonObject node)
            {
                CheckDefaults(node, $"{path}.properties[{name}]", errors);
            }
        }

        foreach (var name in new[] { "items", "additionalProperties" })
        {
            if (schema[name] is JsonObject node)
            {
                CheckDefaults(node, $"{path}.{name}", errors);
            }
        }
    }

    /// <summary>The one use of types under a junctor: anyOf integer and string, at the node or in its first allOf.</summary>
    private static bool IsIntOrStringPattern(JsonObject schema, string junctor, JsonObject? nested = null)
    {
        if (!Is(schema, "x-kubernetes-int-or-string") || junctor != "anyOf")
        {
            return false;
        }

        var any = (nested ?? schema)["anyOf"] as JsonArray ?? [];
        return any.Count == 2 && any.OfType<JsonObject>().Select(node => Text(node, "type")).SequenceEqual(["integer", "string"]);
    }

    private static IEnumerable<(string Junctor, int? Index, JsonObject Schema)> Nested(JsonObject schema)
    {
        foreach (var junctor in Junctors)
        {
            if (schema[junctor] is JsonArray list)
            {
                for (var index = 0; index < list.Count; index++)
                {
                    if (list[index] is JsonObject nested)
                    {
                        yield return (junctor, index, nested);
                    }
                }
            }
        }

        if (schema["not"] is JsonObject not)
        {
            yield return ("not", null, not);
        }
    }

    private static bool Is(JsonObject? schema, string flag)
        => schema?[flag] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static string Text(JsonObject schema, string name)
        => schema[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
