using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Reads the <c>openAPIV3Schema</c> of a CustomResourceDefinition.</summary>
public static class CustomSchemas
{
    /// <summary>
    /// The schema tree of <paramref name="schema"/>. What does not belong to a schema is passed over: whether it is a
    /// structural one is <see cref="StructuralRules"/>' question.
    /// </summary>
    public static SchemaNode Read(JsonObject schema) => new()
    {
        Type = Type(Text(schema, "type")),
        Format = Text(schema, "format"),
        Title = Text(schema, "title"),
        Description = Text(schema, "description") ?? "",
        Properties = Fields(schema, "properties").ToFrozenDictionary(field
            => field.Key, field => Read(field.Value), StringComparer.Ordinal),
        Items = schema["items"] is JsonObject items ? Read(items) : null,
        AdditionalProperties = schema["additionalProperties"] switch
        {
            JsonObject additional => Read(additional),
            JsonValue flag when flag.GetValueKind() == JsonValueKind.True => SchemaNode.Anything,
            _ => null,
        },
        Required = Texts(schema, "required"),
        Enum = schema["enum"] is JsonArray values ? [.. values.Select(value => value?.DeepClone())] : [],
        Minimum = Number(schema, "minimum"),
        Maximum = Number(schema, "maximum"),
        ExclusiveMinimum = Flag(schema, "exclusiveMinimum") ?? false,
        ExclusiveMaximum = Flag(schema, "exclusiveMaximum") ?? false,
        MultipleOf = Number(schema, "multipleOf"),
        MinLength = Count(schema, "minLength"),
        MaxLength = Count(schema, "maxLength"),
        MinItems = Count(schema, "minItems"),
        MaxItems = Count(schema, "maxItems"),
        UniqueItems = Flag(schema, "uniqueItems") ?? false,
        MinProperties = Count(schema, "minProperties"),
        MaxProperties = Count(schema, "maxProperties"),
        Pattern = Text(schema, "pattern"),
        Default = schema["default"]?.DeepClone(),
        Nullable = Flag(schema, "nullable") ?? false,
        PreserveUnknownFields = Flag(schema, "x-kubernetes-preserve-unknown-fields") ?? false,
        IntOrString = Flag(schema, "x-kubernetes-int-or-string") ?? false,
        EmbeddedResource = Flag(schema, "x-kubernetes-embedded-resource") ?? false,
        ListType = Text(schema, "x-kubernetes-list-type") switch
        {
            "map" => ListType.Map,
            "set" => ListType.Set,
            "atomic" => ListType.Atomic,
            _ => null,
        },
        ListMapKeys = Texts(schema, "x-kubernetes-list-map-keys"),
        AtomicMap = Text(schema, "x-kubernetes-map-type") is { } map ? map == "atomic" : null,
        Validations = [.. Nodes(schema, "x-kubernetes-validations").Select(Rule)],
        AllOf = [.. Nodes(schema, "allOf").Select(Read)],
        AnyOf = [.. Nodes(schema, "anyOf").Select(Read)],
        OneOf = [.. Nodes(schema, "oneOf").Select(Read)],
        Not = schema["not"] is JsonObject not ? Read(not) : null,
    };

    private static ValidationRule Rule(JsonObject rule) => new(
        Text(rule, "rule") ?? "", Text(rule, "message"), Text(rule, "messageExpression"), Text(rule, "reason"), Text(rule, "fieldPath"),
        Flag(rule, "optionalOldSelf") ?? false);

    private static SchemaType Type(string? name) => name switch
    {
        "object" => SchemaType.Object,
        "array" => SchemaType.Array,
        "string" => SchemaType.String,
        "integer" => SchemaType.Integer,
        "number" => SchemaType.Number,
        "boolean" => SchemaType.Boolean,
        _ => SchemaType.Any,
    };

    private static IEnumerable<KeyValuePair<string, JsonObject>> Fields(JsonObject schema, string name)
        => schema[name] is not JsonObject fields ? []
            : fields.Where(field => field.Value is JsonObject).Select(field => KeyValuePair.Create(field.Key, (JsonObject)field.Value!));

    private static IEnumerable<JsonObject> Nodes(JsonObject schema, string name)
        => schema[name] is JsonArray list ? list.OfType<JsonObject>() : [];

    private static string? Text(JsonObject schema, string name)
        => schema[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string[] Texts(JsonObject schema, string name)
        => schema[name] is JsonArray list
            ? [.. list.OfType<JsonValue>().Select(value => value.TryGetValue<string>(out var text) ? text : "")] : [];

    private static bool? Flag(JsonObject schema, string name)
        => schema[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    private static decimal? Number(JsonObject schema, string name)
        => schema[name] is JsonValue value ? JsonNumbers.Decimal(value) : null;

    private static long? Count(JsonObject schema, string name) => (long?)Number(schema, name);
}
