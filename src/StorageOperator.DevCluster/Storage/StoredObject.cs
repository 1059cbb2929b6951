using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Storage;

/// <summary>
/// One revision of one object. It holds the object's JSON without <c>kind</c> and <c>apiVersion</c>, serialised once; lists, watches and
/// reads in any served version share these bytes and only put their own head before them.
/// </summary>
internal sealed class StoredObject
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    private StoredObject(string key, long revision, ReadOnlyMemory<byte> body, JsonObject? metadata)
    {
        Key = key;
        Revision = revision;
        Body = body;
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        Namespace = key[..slash];
        Name = key[(slash + 1)..];
        Uid = (string?)metadata?["uid"] ?? "";
        Labels = metadata?["labels"] is JsonObject labels ? ReadLabels(labels) : NoLabels;
        OwnerUids = metadata?["ownerReferences"] is JsonArray owners ? ReadOwners(owners) : [];
        IsTerminating = metadata?["deletionTimestamp"] is not null;
    }

    /// <summary>Namespace and name joined by a slash; the namespace is empty for cluster-scoped objects.</summary>
    public string Key { get; }

    /// <summary>The store's revision at which this state was written; the object's resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>The object as UTF-8 JSON, without <c>kind</c> and <c>apiVersion</c>.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Namespace, or empty.</summary>
    public string Namespace { get; }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>metadata.uid, or empty.</summary>
    public string Uid { get; }

    /// <summary>metadata.labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The uids of metadata.ownerReferences.</summary>
    public IReadOnlyList<string> OwnerUids { get; }

    /// <summary>Whether metadata.deletionTimestamp is set.</summary>
    public bool IsTerminating { get; }

    /// <summary>What a field selector last read from this object; see <see cref="Resources.FieldSelector"/>.</summary>
    public IReadOnlyDictionary<string, string>? SelectableFields { get; set; }

    /// <summary>The key of an object.</summary>
    public static string KeyOf(string? ns, string name) => $"{ns}/{name}";

    /// <summary>Serialises an object as of a revision; stamps its resourceVersion.</summary>
    public static StoredObject From(string key, long revision, JsonObject value)
    {
        JsonObject metadata = (JsonObject)value["metadata"]!;
        metadata["resourceVersion"] = RevisionText(revision);
        return new StoredObject(key, revision, SerializeBody(value), metadata);
    }

    /// <summary>What a dry run would have written: a new object has no resourceVersion, a changed one keeps its own.</summary>
    public static StoredObject Preview(string key, long revision, JsonObject value) =>
        new(key, revision, SerializeBody(value), value["metadata"] as JsonObject);

    /// <summary>Takes back bytes that <see cref="From"/> made, as read from a log.</summary>
    public static StoredObject FromBody(string key, long revision, ReadOnlyMemory<byte> body) =>
        new(key, revision, body, JsonNode.Parse(body.Span)?["metadata"] as JsonObject);

    /// <summary>A probe that sorts like the object with this key.</summary>
    public static StoredObject Probe(string key) => new(key, 0, default, null);

    /// <summary>A fresh tree of the object, without kind and apiVersion, that the caller may change.</summary>
    public JsonObject ToJson() => (JsonObject)JsonNode.Parse(Body.Span)!;

    /// <summary>A revision as clients see it.</summary>
    public static string RevisionText(long revision) => revision.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] SerializeBody(JsonObject value)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, JsonBytes.WriterOptions))
        {
            writer.WriteStartObject();
            foreach ((string name, JsonNode? member) in value)
            {
                if (name is "kind" or "apiVersion")
                {
                    continue;
                }
                writer.WritePropertyName(name);
                if (member is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    member.WriteTo(writer);
                }
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static Dictionary<string, string> ReadLabels(JsonObject labels)
    {
        var result = new Dictionary<string, string>(labels.Count, StringComparer.Ordinal);
        foreach ((string name, JsonNode? value) in labels)
        {
            result[name] = (value as JsonValue)?.TryGetValue(out string? text) == true ? text : "";
        }
        return result;
    }

    private static List<string> ReadOwners(JsonArray owners) =>
        [.. owners.Select(owner => (string?)owner?["uid"]).OfType<string>().Where(uid => uid.Length > 0)];
}
