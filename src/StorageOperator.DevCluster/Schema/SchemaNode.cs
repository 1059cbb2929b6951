using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>The JSON type a schema allows. <see cref="Any"/> stands for an absent <c>type</c>.</summary>
public enum SchemaType
{
    /// <summary>Every JSON value.</summary>
    Any,

    /// <summary>A JSON object.</summary>
    Object,

    /// <summary>A JSON array.</summary>
    Array,

    /// <summary>A string.</summary>
    String,

    /// <summary>A number without a fraction.</summary>
    Integer,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,
}

/// <summary>How the items of a list relate to each other: <c>x-kubernetes-list-type</c>.</summary>
public enum ListType
{
    /// <summary>The list is one value, replaced as a whole. The default.</summary>
    Atomic,

    /// <summary>Scalars, each at most once.</summary>
    Set,

    /// <summary>Objects, told apart by the values of <see cref="SchemaNode.ListMapKeys"/>.</summary>
    Map,
}

/// <summary>One CEL rule of a custom resource's schema: an entry of <c>x-kubernetes-validations</c>.</summary>
/// <param name="Rule">The CEL expression; it must be true for a valid value.</param>
/// <param name="Message">What to say when it is not, or null.</param>
/// <param name="MessageExpression">A CEL expression that makes the message, or null. It wins over <paramref name="Message"/>.</param>
/// <param name="Reason">FieldValueInvalid (the default), FieldValueForbidden, FieldValueRequired or FieldValueDuplicate.</param>
/// <param name="FieldPath">The path below the value that the error is about (such as <c>.spec.size</c>), or null.</param>
/// <param name="OptionalOldSelf">True if a rule that names oldSelf also runs when there is no old value.</param>
public sealed record ValidationRule(
    string Rule, string? Message, string? MessageExpression, string? Reason, string? FieldPath, bool OptionalOldSelf);

/// <summary>
/// One immutable node of a schema tree: of a built-in kind (<see cref="BuiltInSchemas"/>) or of a custom one
/// (a CustomResourceDefinition). What a field says of itself (merge key, list type, description) is on the node;
/// what its type says (properties, map type) is on <see cref="Target"/>, which is the node itself unless it is a reference.
/// </summary>
public sealed class SchemaNode
{
    private static readonly FrozenDictionary<string, SchemaNode> NoProperties = FrozenDictionary<string, SchemaNode>.Empty;
    private readonly Func<SchemaNode>? _referred;
    private readonly Func<string?>? _describe;
    private SchemaNode? _target;

    /// <summary>Makes a node that is described by its init-only properties.</summary>
    public SchemaNode()
    {
    }

    /// <summary>
    /// Makes a reference to the definition <paramref name="name"/>, resolved on first use so that definitions may recurse.
    /// </summary>
    public SchemaNode(string name, Func<SchemaNode> referred)
    {
        Reference = name;
        _referred = referred;
    }

    /// <summary>A schema without any restriction.</summary>
    public static SchemaNode Anything { get; } = new();

    /// <summary>The name of the definition this node refers to (io.k8s.api.core.v1.PodSpec), or null.</summary>
    public string? Reference { get; }

    /// <summary>The node that describes the value: the referred definition, or this node.</summary>
    public SchemaNode Target => _target ??= _referred is null ? this : _referred();

    /// <summary>The allowed JSON type.</summary>
    public SchemaType Type { get; init; }

    /// <summary>int32, int64, double, byte, date-time, ... or null.</summary>
    public string? Format { get; init; }

    /// <summary>The schemas of the named fields.</summary>
    public IReadOnlyDictionary<string, SchemaNode> Properties { get; init; } = NoProperties;

    /// <summary>The schema of a list's items, or null.</summary>
    public SchemaNode? Items { get; init; }

    /// <summary>The schema of the values of a map with free keys, or null.</summary>
    public SchemaNode? AdditionalProperties { get; init; }

    /// <summary>The fields that must be present.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The allowed values; empty for no restriction.</summary>
    public IReadOnlyList<JsonNode?> Enum { get; init; } = [];

    /// <summary>The smallest allowed number.</summary>
    public decimal? Minimum { get; init; }

    /// <summary>The largest allowed number.</summary>
    public decimal? Maximum { get; init; }

    /// <summary>True if <see cref="Minimum"/> itself is not allowed.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>True if <see cref="Maximum"/> itself is not allowed.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>What the number must be a multiple of.</summary>
    public decimal? MultipleOf { get; init; }

    /// <summary>The least length of a string, in characters.</summary>
    public long? MinLength { get; init; }

    /// <summary>The greatest length of a string, in characters.</summary>
    public long? MaxLength { get; init; }

    /// <summary>The least number of items of a list.</summary>
    public long? MinItems { get; init; }

    /// <summary>The greatest number of items of a list.</summary>
    public long? MaxItems { get; init; }

    /// <summary>True if no two items of a list may be equal.</summary>
    public bool UniqueItems { get; init; }

    /// <summary>The least number of fields of an object.</summary>
    public long? MinProperties { get; init; }

    /// <summary>The greatest number of fields of an object.</summary>
    public long? MaxProperties { get; init; }

    /// <summary>The regular expression (RE2) a string must match somewhere.</summary>
    public string? Pattern { get; init; }

    /// <summary>The value an absent field takes, or null for none. Never hand it out: clone it.</summary>
    public JsonNode? Default { get; init; }

    /// <summary>True if null is a value of its own.</summary>
    public bool Nullable { get; init; }

    /// <summary>A short name of the type: of a built-in one always, of a custom one if its schema says.</summary>
    public string? Title { get; init; }

    /// <summary>What the field means, for <c>kubectl explain</c>; empty if nothing is known.</summary>
    public string Description
    {
        get => _describe?.Invoke() ?? "";
        init => _describe = () => value;
    }

    /// <summary>
    /// Finds the description when it is first asked for: reading all of them takes longer than the server may take to start.
    /// </summary>
    public Func<string?> DescribedBy { init => _describe = value; }

    /// <summary>x-kubernetes-preserve-unknown-fields.</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary>x-kubernetes-int-or-string.</summary>
    public bool IntOrString { get; init; }

    /// <summary>x-kubernetes-embedded-resource.</summary>
    public bool EmbeddedResource { get; init; }

    /// <summary>x-kubernetes-list-type; null if the schema does not say (then the list is atomic).</summary>
    public ListType? ListType { get; init; }

    /// <summary>x-kubernetes-list-map-keys.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>x-kubernetes-map-type: true for atomic, false for granular, null if the schema does not say.</summary>
    public bool? AtomicMap { get; init; }

    /// <summary>x-kubernetes-patch-strategy: merge, replace, retainKeys or a comma-separated list of them; null for none.</summary>
    public string? PatchStrategy { get; init; }

    /// <summary>x-kubernetes-patch-merge-key, or null.</summary>
    public string? PatchMergeKey { get; init; }

    /// <summary>The CEL rules of this node.</summary>
    public IReadOnlyList<ValidationRule> Validations { get; init; } = [];

    /// <summary>All of these must hold.</summary>
    public IReadOnlyList<SchemaNode> AllOf { get; init; } = [];

    /// <summary>At least one of these must hold.</summary>
    public IReadOnlyList<SchemaNode> AnyOf { get; init; } = [];

    /// <summary>Exactly one of these must hold.</summary>
    public IReadOnlyList<SchemaNode> OneOf { get; init; } = [];

    /// <summary>This must not hold.</summary>
    public SchemaNode? Not { get; init; }

    /// <summary>True if <see cref="Target"/> knows nothing of the value, so that any JSON may stand there.</summary>
    public bool IsOpaque => Target is { Type: SchemaType.Any, IntOrString: false, OneOf.Count: 0 }
        or { Type: SchemaType.Object, Properties.Count: 0, AdditionalProperties: null };

    /// <summary>True if the value is a map that is set as a whole.</summary>
    public bool IsAtomicMap => AtomicMap ?? Target.AtomicMap ?? false;

    /// <summary>
    /// The schema of the field <paramref name="name"/> of an object, whether named or of a free key; null if it has no such field.
    /// </summary>
    public SchemaNode? Field(string name)
        => Target.Properties.TryGetValue(name, out var field) ? field : Target.AdditionalProperties;

    /// <summary>The schema of a list's items; null if the node is no list or says nothing of them.</summary>
    public SchemaNode? Item => Target.Items;
}
