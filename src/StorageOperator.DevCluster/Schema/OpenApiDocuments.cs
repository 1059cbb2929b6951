using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// The OpenAPI documents of what a server serves: the version 3 index and its document per group and version, and the whole in
/// version 2. kubectl reads them for <c>explain</c>, for the merge keys of client-side apply, and (the parameters of the PATCH operations)
/// to learn that the server validates fields and supports dry runs.
/// </summary>
/// <param name="resources">
/// Everything that is served. Make new documents when it changes: they are made once, when they are first asked for.
/// </param>
public sealed class OpenApiDocuments(IReadOnlyList<ServedResource> resources)
{
    /// <summary>The media type by which clients ask for <see cref="SecondInProtobuf"/>.</summary>
    public const string ProtobufType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>
    /// The content type of <see cref="SecondInProtobuf"/>: an @ is not allowed in one, and clients that parse it (kubectl 1.27) fail on it.
    /// </summary>
    public const string ProtobufContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private const string ApiVersionText = "The group and version that the object is written in, such as example.com/v1.";
    private const string KindText = "The kind of the object, in CamelCase. It never changes.";
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private readonly Dictionary<string, byte[]> _documents = [];
    private readonly Lock _making = new();
    private byte[]? _second;
    private byte[]? _secondInProtobuf;

    /// <summary>The answer to <c>/openapi/v3</c>: the documents there are, each with a hash of what it describes.</summary>
    public JsonObject Index() => new()
    {
        ["paths"] = new JsonObject(Groups().Select(group => KeyValuePair.Create(group.Key, (JsonNode?)new JsonObject
        {
            ["serverRelativeURL"] = $"/openapi/v3/{group.Key}?hash={Hash(group)}",
        }))),
    };

    /// <summary>The version 3 document of one group and version as UTF-8 JSON; null if nothing of it is served.</summary>
    /// <param name="path">The path of the group and version: <c>api/v1</c> or <c>apis/storage.k8s.io/v1</c>.</param>
    public ReadOnlyMemory<byte>? Third(string path)
    {
        lock (_making)
        {
            if (_documents.TryGetValue(path, out var known))
            {
                return known;
            }

            var group = Groups().FirstOrDefault(group => group.Key == path);
            return group is null ? null
                : (ReadOnlyMemory<byte>?)(_documents[path] = Encoding.UTF8.GetBytes(MakeThird(group).ToJsonString()));
        }
    }

    /// <summary>The answer to <c>/openapi/v2</c> as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Second()
    {
        lock (_making)
        {
            return _second ??= Encoding.UTF8.GetBytes(MakeSecond().ToJsonString());
        }
    }

    /// <summary>
    /// The answer to <c>/openapi/v2</c> for a client that accepts <see cref="ProtobufType"/>: kubectl up to 1.28 reads no other form and
    /// does not work without it.
    /// </summary>
    public ReadOnlyMemory<byte> SecondInProtobuf()
    {
        lock (_making)
        {
            return _secondInProtobuf ??= OpenApiProtobuf.Write(MakeSecond());
        }
    }

    /// <summary>The definition name of a custom kind: the group turned round, then version and kind.</summary>
    public static string NameOf(GroupVersionKind kind)
        => string.Join('.', kind.Group.Split('.').Reverse()) + "." + kind.Version + "." + kind.Kind;

    private IEnumerable<IGrouping<string, ServedResource>> Groups()
        => resources.GroupBy(resource => PathOf(resource.Kind)).OrderBy(group => group.Key, StringComparer.Ordinal);

    private static string PathOf(GroupVersionKind kind)
        => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";

    private static string Hash(IEnumerable<ServedResource> served)
    {
        var text = new StringBuilder();
        foreach (var resource in served)
        {
            text.Append(resource.Kind).Append(resource.Plural).Append(resource.Namespaced).AppendJoin(',', resource.Verbs)
                .AppendJoin(',', resource.Subresources).Append(resource.CustomSchema?.ToJsonString());
        }

        return Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static JsonObject MakeThird(IEnumerable<ServedResource> served)
    {
        var writer = new SchemaWriter(3);
        var paths = new OpenApiPaths(writer, 3);
        var definitions = Definitions(served, writer, paths);
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "unversioned" },
            ["paths"] = paths.Paths,
            ["components"] = new JsonObject { ["schemas"] = definitions },
        };
    }

    private JsonObject MakeSecond()
    {
        var writer = new SchemaWriter(2);
        var paths = new OpenApiPaths(writer, 2);
        var definitions = Definitions(resources, writer, paths);
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "unversioned" },
            ["paths"] = paths.Paths,
            ["definitions"] = definitions,
        };
    }

    /// <summary>Writes the paths, then every definition that they and the definitions themselves refer to.</summary>
    private static JsonObject Definitions(IEnumerable<ServedResource> served, SchemaWriter writer, OpenApiPaths paths)
    {
        var written = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var resource in served)
        {
            paths.Add(resource, DefinitionOf(resource), ListDefinitionOf(resource));
            if (resource.CustomSchema is { } schema)
            {
                written[DefinitionOf(resource)] = Custom(resource, schema, writer);
                written[ListDefinitionOf(resource)] = CustomList(resource, writer);
            }
        }

        for (var missing = Missing(); missing.Count > 0; missing = Missing())
        {
            foreach (var name in missing)
            {
                written[name] = BuiltIn(name, writer);
            }
        }

        return new JsonObject(written);

        List<string> Missing() => [.. writer.References.Where(name => !written.ContainsKey(name))];
    }

    private static string DefinitionOf(ServedResource resource)
        => resource.CustomSchema is not null ? NameOf(resource.Kind)
            : BuiltInSchemas.Instance.NameOf(resource.Kind) ?? "io.k8s.apimachinery.pkg.runtime.RawExtension";

    private static string ListDefinitionOf(ServedResource resource)
    {
        var kind = resource.Kind with { Kind = resource.ListKind };
        return resource.CustomSchema is not null ? NameOf(kind) : BuiltInSchemas.Instance.NameOf(kind) ?? DefinitionOf(resource);
    }

    private static JsonObject BuiltIn(string name, SchemaWriter writer)
    {
        var schema = writer.Write(BuiltInSchemas.Instance.Definition(name) ?? throw new KeyNotFoundException(name));
        if (BuiltInSchemas.Instance.KindOf(name) is { } kind)
        {
            schema["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(kind));
        }

        return schema;
    }

    private static JsonObject Custom(ServedResource resource, JsonObject schema, SchemaWriter writer)
    {
        var node = CustomSchemas.Read(schema);
        var written = writer.Write(node, withTitle: true);
        var properties = written["properties"] as JsonObject ?? [];
        properties["apiVersion"] = TypeMeta(ApiVersionText);
        properties["kind"] = TypeMeta(KindText);
        properties["metadata"] = writer.Field(Meta + "ObjectMeta", "What every object has: name, labels, annotations, owners, ...");
        written["type"] = "object";
        written["properties"] = properties;
        written["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(resource.Kind));
        return written;
    }

    private static JsonObject CustomList(ServedResource resource, SchemaWriter writer) => new()
    {
        ["description"] = $"{resource.ListKind} is a list of {resource.Kind.Kind}",
        ["type"] = "object",
        ["required"] = new JsonArray("items"),
        ["properties"] = new JsonObject
        {
            ["apiVersion"] = TypeMeta(ApiVersionText),
            ["items"] = new JsonObject
            {
                ["description"] = $"List of {resource.Plural}.",
                ["type"] = "array",
                ["items"] = writer.Reference(NameOf(resource.Kind)),
            },
            ["kind"] = TypeMeta(KindText),
            ["metadata"] = writer.Field(Meta + "ListMeta", "What every list has: its version and where it goes on."),
        },
        ["x-kubernetes-group-version-kind"] = new JsonArray(KindOf(resource.Kind with { Kind = resource.ListKind })),
    };

    private static JsonObject TypeMeta(string description) => new() { ["description"] = description, ["type"] = "string" };

    internal static JsonObject KindOf(GroupVersionKind kind) => new()
    {
        ["group"] = kind.Group,
        ["version"] = kind.Version,
        ["kind"] = kind.Kind,
    };
}
