using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using k8s.Models;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// The schemas of the built-in kinds, made by reflection over the client's model classes and <see cref="FieldConventions"/>,
/// under the definition names that Kubernetes gives them (io.k8s.api.core.v1.PersistentVolume). A definition is made when it is first asked
/// for.
/// </summary>
public sealed partial class BuiltInSchemas
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static readonly Lazy<BuiltInSchemas> Shared = new(() => new BuiltInSchemas(), LazyThreadSafetyMode.ExecutionAndPublication);

    private static readonly FrozenSet<string> MetaTypes = new[]
    {
        "APIGroup", "APIGroupList", "APIResource", "APIResourceList", "APIVersions", "Condition", "DeleteOptions",
            "FieldSelectorRequirement",
        "GroupVersionForDiscovery", "LabelSelector", "LabelSelectorRequirement", "ListMeta", "ManagedFieldsEntry", "ObjectMeta",
        "OwnerReference", "Patch", "Preconditions", "ServerAddressByClientCIDR", "Status", "StatusCause", "StatusDetails", "WatchEvent",
    }.ToFrozenSet();

    /// <summary>The fields whose times carry microseconds; every other time has whole seconds.</summary>
    private static readonly FrozenSet<string> MicroTimes = new[]
    {
        "LeaseSpec.acquireTime", "LeaseSpec.renewTime", "LeaseCandidateSpec.pingTime", "LeaseCandidateSpec.renewTime", "Event.eventTime",
        "EventSeries.lastObservedTime",
    }.ToFrozenSet();

    private readonly FrozenDictionary<Type, string> _names;
    private readonly FrozenDictionary<string, Type> _types;
    private readonly FrozenDictionary<GroupVersionKind, string> _kinds;
    private readonly FrozenDictionary<string, GroupVersionKind> _kindOf;
    private readonly ConcurrentDictionary<string, SchemaNode> _definitions = new(StringComparer.Ordinal);

    private BuiltInSchemas()
    {
        var kinds = ModelTypes().Select(type => (Type: type, Entity: type.GetCustomAttribute<KubernetesEntityAttribute>()))
            .Where(pair => pair.Entity is not null)
            .Select(pair => (pair.Type, Kind: new GroupVersionKind(pair.Entity!.Group, pair.Entity.ApiVersion, pair.Entity.Kind)))
            .OrderBy(pair => pair.Kind.Group, StringComparer.Ordinal)
            .ThenBy(pair => pair.Kind.Version.Length)
            .ThenBy(pair => pair.Kind.Kind, StringComparer.Ordinal)
            .ToList();
        var names = new Dictionary<Type, string>();
        foreach (var (type, kind) in kinds)
        {
            Name(type, kind.Group, names);
        }

        _names = names.ToFrozenDictionary();
        _types = names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
        _kinds = kinds.ToFrozenDictionary(pair => pair.Kind, pair => names[pair.Type]);
        _kindOf = _kinds.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);
        foreach (var (name, node) in WellKnown())
        {
            _definitions[name] = node;
        }
    }

    /// <summary>The schemas; they never change, so there is one of them.</summary>
    public static BuiltInSchemas Instance => Shared.Value;

    /// <summary>All kinds that have a schema, among them the list kinds.</summary>
    public IEnumerable<GroupVersionKind> Kinds => _kinds.Keys;

    /// <summary>The names of all definitions.</summary>
    public IEnumerable<string> DefinitionNames => _types.Keys.Concat(_definitions.Keys).Distinct(StringComparer.Ordinal);

    /// <summary>The schema of a kind, or null if it is not built in.</summary>
    public SchemaNode? Of(GroupVersionKind kind) => _kinds.TryGetValue(kind, out var name) ? Definition(name) : null;

    /// <summary>The definition name of a kind, or null if it is not built in.</summary>
    public string? NameOf(GroupVersionKind kind) => _kinds.GetValueOrDefault(kind);

    /// <summary>The kind that a definition describes, or null if it describes a part of one: the x-kubernetes-group-version-kind.</summary>
    public GroupVersionKind? KindOf(string definition) => _kindOf.TryGetValue(definition, out var kind) ? kind : null;

    /// <summary>The definition of that name, or null if there is none.</summary>
    public SchemaNode? Definition(string name)
        => _definitions.TryGetValue(name, out var known) ? known
            : _types.TryGetValue(name, out var type) ? _definitions.GetOrAdd(name, _ => Define(type))
            : null;

    /// <summary>A reference to the definition of that name.</summary>
    public SchemaNode Reference(string name) => new(name, () => Definition(name) ?? throw new KeyNotFoundException(name));

    private SchemaNode Define(Type type)
    {
        var name = ShortName(type);
        var fields = Fields(type).ToList();
        return new SchemaNode
        {
            Type = SchemaType.Object,
            Title = name,
            DescribedBy = () => ModelDescriptions.Instance.Of(type),
            Properties = fields.ToFrozenDictionary(field
                => field.Name, field => Field(name, field.Name, field.Property), StringComparer.Ordinal),
            Required = [.. fields.Where(field => IsRequired(name, field)).Select(field => field.Name)],
            AtomicMap = FieldConventions.IsAtomic(name) ? true : null,
        };
    }

    private SchemaNode Field(string owner, string name, PropertyInfo property)
    {
        var type = Bare(property.PropertyType);
        var item = ItemOf(type);
        var convention = FieldConventions.Of(
            owner, name, item is not null, item is not null && Fields(item).Any(field => field.Name == "type"));
        Func<string?> description = () => ModelDescriptions.Instance.Of(property);
        if (ReferenceFor(type, owner, name) is { } reference)
        {
            return new SchemaNode(reference, () => Definition(reference)!)
            {
                DescribedBy = description,
                PatchStrategy = convention.PatchStrategy,
                AtomicMap = convention.AtomicMap,
            };
        }

        return new SchemaNode
        {
            Type = TypeFor(type),
            Format = FormatFor(type),
            Items = item is null ? null : ValueNode(item, owner, name),
            AdditionalProperties = ValueOf(type) is { } value ? ValueNode(value, owner, name) : null,
            DescribedBy = description,
            PatchStrategy = convention.PatchStrategy,
            PatchMergeKey = convention.PatchMergeKey,
            ListType = convention.ListType,
            ListMapKeys = convention.ListMapKeys,
            AtomicMap = convention.AtomicMap,
            Default = DefaultOf(owner, name),
        };
    }

    private SchemaNode ValueNode(Type type, string owner, string name)
    {
        if (ReferenceFor(type, owner, name) is { } reference)
        {
            return Reference(reference);
        }

        return new SchemaNode
        {
            Type = TypeFor(type),
            Format = FormatFor(type),
            Items = ItemOf(type) is { } item ? ValueNode(item, owner, name) : null,
            AdditionalProperties = ValueOf(type) is { } value ? ValueNode(value, owner, name) : null,
        };
    }

    /// <summary>A server-side apply key has to be complete: a port without a protocol is a TCP port.</summary>
    private static JsonValue? DefaultOf(string owner, string name)
        => name == "protocol" && owner is "ContainerPort" or "ServicePort" ? JsonValue.Create("TCP") : null;

    private string? ReferenceFor(Type type, string owner, string field)
        => type == typeof(ResourceQuantity) ? "io.k8s.apimachinery.pkg.api.resource.Quantity"
            : type == typeof(IntOrString) ? "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
            : type == typeof(DateTime) ? Meta + (MicroTimes.Contains(owner + "." + field) ? "MicroTime" : "Time")
            : type == typeof(object) ? AnyJson(owner, field)
            : _names.GetValueOrDefault(type);

    // Inside the schema of a custom resource any JSON may stand, not only objects: a default of "red", items that are true.
    private static string AnyJson(string owner, string field)
        => field == "fieldsV1" ? Meta + "FieldsV1"
            : owner == "JSONSchemaProps" ? "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON"
            : "io.k8s.apimachinery.pkg.runtime.RawExtension";

    private static SchemaType TypeFor(Type type)
        => type == typeof(string) || type == typeof(byte[]) ? SchemaType.String
            : type == typeof(bool) ? SchemaType.Boolean
            : type == typeof(int) || type == typeof(long) ? SchemaType.Integer
            : type == typeof(double) || type == typeof(float) ? SchemaType.Number
            : ItemOf(type) is not null ? SchemaType.Array
            : SchemaType.Object;

    private static string? FormatFor(Type type)
        => type == typeof(byte[]) ? "byte"
            : type == typeof(int) ? "int32"
            : type == typeof(long) ? "int64"
            : type == typeof(double) ? "double"
            : null;

    private static bool IsRequired(string owner, (string Name, PropertyInfo Property) field)
        => (field.Property.PropertyType.IsValueType && Nullable.GetUnderlyingType(field.Property.PropertyType) is null)
            || FieldConventions.IsRequired(owner, field.Name);

    private static Type? ItemOf(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>) ? Bare(type.GetGenericArguments()[0]) : null;

    private static Type? ValueOf(Type type)
        => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>) ? Bare(type.GetGenericArguments()[1]) : null;

    private static Type Bare(Type type) => Nullable.GetUnderlyingType(type) ?? type;

    private static IEnumerable<(string Name, PropertyInfo Property)> Fields(Type type)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name, property))
            .Where(pair => pair.Name is not null)
            .Select(pair => (pair.Name!, pair.property));

    private static IEnumerable<Type> ModelTypes()
        => typeof(V1Pod).Assembly.GetExportedTypes().Where(type
            => type.Namespace == typeof(V1Pod).Namespace && ModelName().IsMatch(type.Name));

    /// <summary>
    /// Names <paramref name="type"/> and the parts that no kind named before it has: the core group comes first, and nothing in it uses
    /// another group.
    /// </summary>
    private static void Name(Type type, string group, Dictionary<Type, string> names)
    {
        if (names.ContainsKey(type))
        {
            return;
        }

        names[type] = MetaTypes.Contains(ShortName(type)) && ModelName().Match(type.Name).Groups["group"].Length == 0
            ? Meta + ShortName(type)
            : Package(group) + "." + ModelName().Match(type.Name).Groups["version"].Value.ToLowerInvariant() + "." + ShortName(type);
        foreach (var part in Fields(type).Select(field => Part(field.Property.PropertyType)))
        {
            if (part.Namespace == type.Namespace && ModelName().IsMatch(part.Name))
            {
                Name(part, group, names);
            }
        }
    }

    private static Type Part(Type type)
        => ItemOf(type) is { } item ? Part(item) : ValueOf(type) is { } value ? Part(value) : type;

    private static string ShortName(Type type) => ModelName().Match(type.Name).Groups["kind"].Value;

    private static string Package(string group) => group switch
    {
        "" => "io.k8s.api.core",
        "apiextensions.k8s.io" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        "apiregistration.k8s.io" => "io.k8s.kube-aggregator.pkg.apis.apiregistration",
        "internal.apiserver.k8s.io" => "io.k8s.api.apiserverinternal",
        _ => "io.k8s.api." + group.Split('.')[0],
    };

    private static IEnumerable<(string Name, SchemaNode Node)> WellKnown()
    {
        var text = new SchemaNode { Type = SchemaType.String };
        yield return (Meta + "Time",
            new SchemaNode
            {
                Type = SchemaType.String,
                Format = "date-time",
                Description = "A time with a precision of seconds, in RFC 3339."
            });
        yield return (Meta + "MicroTime",
            new SchemaNode
            {
                Type = SchemaType.String,
                Format = "date-time",
                Description = "A time with a precision of microseconds, in RFC 3339."
            });
        yield return (Meta + "Patch",
            new SchemaNode
            {
                Type = SchemaType.Object,
                Description = "A change of an object, in the form that the request's content type says."
            });
        yield return (Meta + "FieldsV1",
            new SchemaNode
            {
                Type = SchemaType.Object,
                Description = "A set of fields as a tree: f:name is a field, k:{keys} and v:value are list items, a dot is the node itself."
            });
        yield return ("io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", new SchemaNode { Description = "Any JSON value." });
        yield return ("io.k8s.apimachinery.pkg.runtime.RawExtension",
            new SchemaNode { Type = SchemaType.Object, Description = "Any JSON." });
        yield return ("io.k8s.apimachinery.pkg.api.resource.Quantity", new SchemaNode
        {
            OneOf = [text, new SchemaNode { Type = SchemaType.Number }],
            Description = "A fixed-point number with an optional suffix: a power of 1024 (Ki, Mi, Gi, Ti, Pi, Ei), of 1000 (n, u, m, k, M, G, T, P, E) or an exponent (e3).",
        });
        yield return ("io.k8s.apimachinery.pkg.util.intstr.IntOrString", new SchemaNode
        {
            Format = "int-or-string",
            IntOrString = true,
            OneOf = [new SchemaNode { Type = SchemaType.Integer }, text],
            Description = "A number or a string.",
        });
    }

    [GeneratedRegex("^(?<group>[A-Z][a-z]+)?(?<version>[vV][0-9]+(?:(?:alpha|beta)[0-9]+)?)(?<kind>[A-Z].*)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex ModelName();
}
