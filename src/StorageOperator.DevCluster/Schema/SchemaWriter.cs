using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Writes schema trees as OpenAPI, version 2 or 3, with Kubernetes' extensions.</summary>
/// <param name="version">2 or 3.</param>
internal sealed class SchemaWriter(int version)
{
    private readonly string _prefix = version == 2 ? "#/definitions/" : "#/components/schemas/";

    /// <summary>The definitions that what was written so far refers to.</summary>
    internal HashSet<string> References { get; } = new(StringComparer.Ordinal);

    /// <summary>A reference to a definition.</summary>
    internal JsonObject Reference(string name)
    {
        References.Add(name);
        return new JsonObject { ["$ref"] = _prefix + name };
    }

    /// <summary>A field of type <paramref name="name"/> with a description of its own.</summary>
    internal JsonObject Field(string name, string description)
    {
        var field = version == 2 ? Reference(name) : new JsonObject { ["allOf"] = new JsonArray(Reference(name)) };
        Describe(field, description);
        return field;
    }

    /// <summary>The schema of one node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="withTitle">True for custom schemas, whose titles are their author's.</param>
    internal JsonObject Write(SchemaNode node, bool withTitle = false)
    {
        if (node.Reference is { } reference)
        {
            var field = Field(reference, node.Description);
            Extensions(field, node);
            return field;
        }

        var schema = new JsonObject();
        Describe(schema, node.Description);
        if (withTitle && node.Title is not null)
        {
            schema["title"] = node.Title;
        }

        if (version == 2 && (node.Nullable || node.IntOrString || node.OneOf.Count > 0))
        {
            WriteLoose(schema, node);
        }
        else
        {
            WriteTyped(schema, node, withTitle);
        }

        Extensions(schema, node);
        return schema;
    }

    /// <summary>OpenAPI 2 knows no nullable and no alternatives: such a value is described as loosely as need be.</summary>
    private static void WriteLoose(JsonObject schema, SchemaNode node)
    {
        if (node.IntOrString && node.Format is not null)
        {
            schema["type"] = "string";
            schema["format"] = node.Format;
        }
        else if (!node.Nullable && node.OneOf.Any(choice => choice.Type == SchemaType.String))
        {
            schema["type"] = "string";
        }
    }

    private void WriteTyped(JsonObject schema, SchemaNode node, bool withTitle)
    {
        if (node.Type != SchemaType.Any)
        {
            schema["type"] = node.Type.ToString().ToLowerInvariant();
        }

        Set(schema, "format", node.Format);
        Set(schema, "default", node.Default?.DeepClone());
        Set(schema, "items", node.Items is null ? null : Write(node.Items, withTitle));
        Set(schema, "additionalProperties", node.AdditionalProperties is null ? null : Write(node.AdditionalProperties, withTitle));
        if (node.Properties.Count > 0)
        {
            schema["properties"] = new JsonObject(node.Properties.OrderBy(field => field.Key, StringComparer.Ordinal)
                .Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Write(field.Value, withTitle))));
        }

        if (node.Required.Count > 0)
        {
            schema["required"] = Texts(node.Required);
        }

        Bounds(schema, node);
        if (version == 3)
        {
            Set(schema, "nullable", node.Nullable ? JsonValue.Create(true) : null);
            Junctor(schema, "allOf", node.AllOf);
            Junctor(schema, "anyOf", node.AnyOf);
            Junctor(schema, "oneOf", node.OneOf);
            Set(schema, "not", node.Not is null ? null : Write(node.Not));
        }
    }

    private static void Bounds(JsonObject schema, SchemaNode node)
    {
        if (node.Enum.Count > 0)
        {
            schema["enum"] = new JsonArray([.. node.Enum.Select(value => value?.DeepClone())]);
        }

        Set(schema, "pattern", node.Pattern);
        Set(schema, "minimum", node.Minimum is { } least ? JsonValue.Create(least) : null);
        Set(schema, "maximum", node.Maximum is { } most ? JsonValue.Create(most) : null);
        Set(schema, "exclusiveMinimum", node.ExclusiveMinimum ? JsonValue.Create(true) : null);
        Set(schema, "exclusiveMaximum", node.ExclusiveMaximum ? JsonValue.Create(true) : null);
        Set(schema, "multipleOf", node.MultipleOf is { } factor ? JsonValue.Create(factor) : null);
        foreach (var (name, count) in new[]
        {
            ("minLength", node.MinLength), ("maxLength", node.MaxLength), ("minItems", node.MinItems), ("maxItems", node.MaxItems),
            ("minProperties", node.MinProperties), ("maxProperties", node.MaxProperties),
        })
        {
            Set(schema, name, count is { } number ? JsonValue.Create(number) : null);
        }
    }

    private static void Extensions(JsonObject schema, SchemaNode node)
    {
        Set(schema, "x-kubernetes-patch-strategy", node.PatchStrategy);
        Set(schema, "x-kubernetes-patch-merge-key", node.PatchMergeKey);
        Set(schema, "x-kubernetes-list-type", node.ListType?.ToString().ToLowerInvariant());
        if (node.ListMapKeys.Count > 0)
        {
            schema["x-kubernetes-list-map-keys"] = Texts(node.ListMapKeys);
        }

        Set(schema, "x-kubernetes-map-type", node.AtomicMap is { } atomic ? JsonValue.Create(atomic ? "atomic" : "granular") : null);
        Set(schema, "x-kubernetes-preserve-unknown-fields", node.PreserveUnknownFields ? JsonValue.Create(true) : null);
        Set(schema, "x-kubernetes-int-or-string", node.IntOrString && node.Format is null ? JsonValue.Create(true) : null);
        Set(schema, "x-kubernetes-embedded-resource", node.EmbeddedResource ? JsonValue.Create(true) : null);
        if (node.Validations.Count > 0)
        {
            schema["x-kubernetes-validations"] = new JsonArray([.. node.Validations.Select(Rule)]);
        }
    }

    private static JsonObject Rule(ValidationRule rule)
    {
        var result = new JsonObject { ["rule"] = rule.Rule };
        Set(result, "message", rule.Message);
        Set(result, "messageExpression", rule.MessageExpression);
        Set(result, "reason", rule.Reason);
        Set(result, "fieldPath", rule.FieldPath);
        Set(result, "optionalOldSelf", rule.OptionalOldSelf ? JsonValue.Create(true) : null);
        return result;
    }

    private void Junctor(JsonObject schema, string name, IReadOnlyList<SchemaNode> nodes)
    {
        if (nodes.Count > 0)
        {
            schema[name] = new JsonArray([.. nodes.Select(node => Write(node))]);
        }
    }

    private static void Describe(JsonObject schema, string description)
    {
        if (description.Length > 0)
        {
            schema["description"] = description;
        }
    }

    private static void Set(JsonObject schema, string name, JsonNode? value)
    {
        if (value is not null)
        {
            schema[name] = value;
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
