using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Resources;

/// <summary>
/// A field selector as it stands in a query: <c>metadata.name=a,status.phase!=Running</c>. Every kind knows metadata.name and
/// metadata.namespace; which others exist is the real server's list (the strategies' <c>GetAttrs</c>), or a definition's
/// <c>selectableFields</c>.
/// </summary>
internal sealed class FieldSelector
{
    private static readonly Dictionary<string, string[]> WellKnown = new(StringComparer.Ordinal)
    {
        ["/pods"] =
        [
            "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase",
            "status.podIP", "status.nominatedNodeName",
        ],
        ["/nodes"] = ["spec.unschedulable"],
        ["/namespaces"] = ["status.phase"],
        ["/secrets"] = ["type"],
        ["/services"] = ["spec.clusterIP", "spec.type"],
        ["/replicationcontrollers"] = ["status.replicas"],
        ["apps/replicasets"] = ["status.replicas"],
        ["batch/jobs"] = ["status.successful"],
        ["/events"] =
        [
            "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
            "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type",
        ],
    };

    private readonly IReadOnlyList<(string Field, string Value, bool IsEqual)> _terms;
    private readonly string[] _fields;

    private FieldSelector(IReadOnlyList<(string Field, string Value, bool IsEqual)> terms, string[] fields)
    {
        _terms = terms;
        _fields = fields;
    }

    /// <summary>Whether every object matches.</summary>
    public bool IsEmpty => _terms.Count == 0;

    /// <summary>The name that the selector fixes, or null.</summary>
    public string? Name => _terms.FirstOrDefault(term => term is { Field: "metadata.name", IsEqual: true }).Value;

    /// <summary>Reads a selector for a kind.</summary>
    /// <exception cref="FormatException">It is none, or names a field that the kind does not offer.</exception>
    public static FieldSelector Parse(string? text, ResourceKind kind)
    {
        string[] fields = FieldsOf(kind);
        var terms = new List<(string, string, bool)>();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            (string Field, string Value, bool IsEqual) term = ParseTerm(part, text!);
            string field = Stored(kind, term.Field);
            if (field is not ("metadata.name" or "metadata.namespace") && !fields.Contains(field))
            {
                throw new FormatException($"field label not supported: {term.Field}");
            }
            terms.Add((field, term.Value, term.IsEqual));
        }
        return new FieldSelector(terms, fields);
    }

    /// <summary>Whether an object fulfils every term.</summary>
    public bool Matches(StoredObject stored) =>
        _terms.All(term => string.Equals(Read(stored, term.Field), term.Value, StringComparison.Ordinal) == term.IsEqual);

    private static (string Field, string Value, bool IsEqual) ParseTerm(string part, string text)
    {
        int sign = part.IndexOf('=', StringComparison.Ordinal);
        if (sign < 1)
        {
            throw new FormatException($"invalid selector: '{text}'; can't understand '{part}'");
        }
        bool isEqual = part[sign - 1] != '!';
        return (part[..(isEqual ? sign : sign - 1)].Trim(), part[(sign + 1)..].TrimStart('=').Trim(), isEqual);
    }

    private static string[] FieldsOf(ResourceKind kind) => kind.CustomVersion?["selectableFields"] is JsonArray selectable
        ? [.. selectable.Select(field => ((string)field!["jsonPath"]!).TrimStart('.'))]
        : WellKnown.GetValueOrDefault(kind.StorageKey, []);

    private static string Stored(ResourceKind kind, string field) => kind.StorageKey != "/events" ? field : field switch
    {
        "regarding.kind" or "regarding.namespace" or "regarding.name" or "regarding.uid" or "regarding.apiVersion"
            or "regarding.resourceVersion" or "regarding.fieldPath" => "involvedObject" + field["regarding".Length..],
        "reportingController" => "reportingComponent",
        _ => field,
    };

    private string Read(StoredObject stored, string field) => field switch
    {
        "metadata.name" => stored.Name,
        "metadata.namespace" => stored.Namespace,
        _ => (stored.SelectableFields ??= ReadFields(stored)).GetValueOrDefault(field, ""),
    };

    private Dictionary<string, string> ReadFields(StoredObject stored)
    {
        JsonObject value = stored.ToJson();
        return _fields.ToDictionary(field => field, field => ReadField(value, field), StringComparer.Ordinal);
    }

    private static string ReadField(JsonObject value, string field)
    {
        if (field == "source")
        {
            return Text(value["source"]?["component"]) is { Length: > 0 } component ? component : Text(value["reportingComponent"]);
        }
        JsonNode? node = value;
        foreach (string step in field.Split('.'))
        {
            node = (node as JsonObject)?[step];
        }
        return field switch
        {
            "spec.unschedulable" or "spec.hostNetwork" when node is null => "false",
            "status.replicas" or "status.successful" when node is null => "0",
            _ => Text(node),
        };
    }

    private static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue(out string? text) => text,
        _ => node.ToJsonString(),
    };
}
