using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Differential;

/// <summary>Brings two servers' answers into a form in which they must be equal, and tells where they are not.</summary>
internal sealed partial class Comparison(ServerVersion real)
{
    private static readonly string[] Chosen = ["uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "selfLink", "continue"];

    private static readonly ServerVersion TracksSubresources = new(1, 22);

    /// <summary>Structures that are atomic for managed fields since about 1.23: selectors of nodes and of fields, references to objects.</summary>
    private static readonly string[] WholeInNewer = ["f:required", "f:fieldRef", "f:nodeSelector", "f:involvedObject", "f:regarding"];

    /// <summary>
    /// Fields that a server older than <c>Since</c> does not know. The embedded server behaves as 1.36, so they are left out of its
    /// answers before these are compared with such a server's. Each says where it is from.
    /// </summary>
    private static readonly (ServerVersion Since, string Kind, string Path, string Why)[] Newer =
    [
        (new(1, 21), "Namespace", "metadata.labels.kubernetes.io/metadata.name", "NamespaceDefaultLabelName"),
        (new(1, 22), "PersistentVolumeClaim", "spec.dataSourceRef", "AnyVolumeDataSource"),
        (new(1, 23), "StatefulSet", "spec.persistentVolumeClaimRetentionPolicy", "StatefulSetAutoDeletePVC"),
        (new(1, 22), "StatefulSet", "status.availableReplicas", "StatefulSetMinReadySeconds"),
        (new(1, 28), "PersistentVolume", "status.lastPhaseTransitionTime", "PersistentVolumeLastPhaseTransitionTime"),
        (new(1, 33), "Pod", "metadata.generation", "PodObservedGenerationTracking"),
        (new(1, 25), "CSIDriver", "spec.seLinuxMount", "SELinuxMountReadWriteOncePod"),
        (new(1, 21), "CSIDriver", "spec.requiresRepublish", "CSIServiceAccountToken"),
        (new(1, 21), "CSIDriver", "spec.storageCapacity", "CSIStorageCapacity"),
    ];

    /// <summary>
    /// Causes of a refusal that an older server reports otherwise. The exact version in which each changed does not matter here: it lies
    /// between the one that was compared and 1.36.
    /// </summary>
    private static readonly (ServerVersion Since, string Cause, string Older, string Why)[] ReportedOtherwise =
    [
        (new(1, 36), "FieldValueInvalid reclaimPolicy", "FieldValueForbidden reclaimPolicy",
            "immutable fields of a class were 'forbidden'"),
        (new(1, 36), "FieldValueInvalid parameters", "FieldValueForbidden parameters", "immutable fields of a class were 'forbidden'"),
        (new(1, 36), "FieldValueInvalid provisioner", "FieldValueForbidden provisioner", "immutable fields of a class were 'forbidden'"),
        (new(1, 36), "FieldValueTooMany spec.tags", "FieldValueInvalid spec.tags", "the schema of custom resources had one type of cause"),
        (new(1, 36), "FieldValueTypeInvalid spec.size", "FieldValueInvalid spec.size",
            "the schema of custom resources had one type of cause"),
        (new(1, 36), "FieldValueInvalid spec.drivers", "FieldValueInvalid CSINodeDriver", "a CSINode's driver had another path"),
    ];

    /// <summary>An answer without what each server chooses for itself, and without what the real one is too old to know.</summary>
    public JsonNode? Normal(DifferentialAnswer answer)
    {
        var copy = answer.Body?.DeepClone();
        if (copy is JsonArray events)
        {
            foreach (var happened in events.OfType<JsonObject>())
            {
                NormalizeObject(happened["object"] as JsonObject, (string?)happened["type"] == "ERROR");
            }

            return copy;
        }

        if (copy is JsonObject body)
        {
            NormalizeObject(body, (string?)body["kind"] == "Status");
        }

        return copy;
    }

    /// <summary>Where two normal forms differ, one line each.</summary>
    public static IEnumerable<string> Differences(JsonNode? embedded, JsonNode? reference, string path = "")
    {
        if (embedded is JsonObject left && reference is JsonObject right)
        {
            return left.Select(field => field.Key).Union(right.Select(field => field.Key))
                .SelectMany(name => left.ContainsKey(name) == right.ContainsKey(name)
                    ? Differences(left[name], right[name], $"{path}.{name}")
                    : [$"{path}.{name}: {Show(left, name)} instead of {Show(right, name)}"]);
        }

        if (embedded is JsonArray first && reference is JsonArray second && first.Count == second.Count)
        {
            return first.Zip(second).SelectMany((pair, index) => Differences(pair.First, pair.Second, $"{path}[{index}]"));
        }

        return JsonNode.DeepEquals(embedded, reference) ? [] : [$"{path}: {Show(embedded)} instead of {Show(reference)}"];
    }

    private static string Show(JsonObject parent, string name) => parent.ContainsKey(name) ? Show(parent[name]) : "nothing";

    private static string Show(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    private void NormalizeObject(JsonObject? body, bool isStatus)
    {
        if (body is null)
        {
            return;
        }

        if (isStatus)
        {
            NormalizeStatus(body);
            return;
        }

        var kind = (string?)body["kind"] ?? "";
        NormalizeMetadata(body["metadata"] as JsonObject, kind);
        DropNewer(body, kind);
        if (kind == "Table")
        {
            NormalizeTable(body);
        }

        foreach (var item in (body["items"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            var of = kind.EndsWith("List", StringComparison.Ordinal) ? kind[..^4] : kind;
            NormalizeMetadata(item["metadata"] as JsonObject, of);
            DropNewer(item, of);
        }

        NormalizeTimes(body);
    }

    // People read messages, and they are worded differently in every version; programs go by code, reason, details and the causes'
    // reasons and fields. Equal causes count once, in any order: maps are checked in random order.
    private void NormalizeStatus(JsonObject status)
    {
        status.Remove("message");
        status.Remove("metadata");
        if (status["details"] is not JsonObject details)
        {
            return;
        }

        details.Remove("uid");
        if (details["causes"] is JsonArray causes)
        {
            var kept = causes.OfType<JsonObject>().Select(cause => AsOlder($"{(string?)cause["reason"]} {(string?)cause["field"]}"))
                .Distinct().Order(StringComparer.Ordinal).ToList();
            // Until 1.20 an empty name was also told to be malformed.
            kept.RemoveAll(cause => cause.StartsWith("FieldValueInvalid ", StringComparison.Ordinal)
                && kept.Contains(cause.Replace("FieldValueInvalid", "FieldValueRequired", StringComparison.Ordinal)));
            details["causes"] = new JsonArray([.. kept.Select(cause => (JsonNode)cause)]);
        }
    }

    private string AsOlder(string cause) =>
        ReportedOtherwise.FirstOrDefault(entry => entry.Cause == cause && real < entry.Since).Older ?? cause;

    private void NormalizeMetadata(JsonObject? metadata, string kind)
    {
        if (metadata is null)
        {
            return;
        }

        foreach (var field in Chosen.Where(field => !string.IsNullOrEmpty(metadata[field]?.ToString())))
        {
            metadata[field] = "set by the server";
        }

        metadata.Remove("selfLink");
        if (metadata["managedFields"] is JsonArray managers)
        {
            metadata["managedFields"] = real < TracksSubresources ? AsBeforeSubresources(managers, kind) : WithoutTimes(managers);
        }
    }

    private static JsonArray WithoutTimes(JsonArray managers)
    {
        var kept = managers.OfType<JsonObject>().Select(manager => manager.DeepClone().AsObject()).ToList();
        kept.ForEach(manager => manager.Remove("time"));
        return [.. kept];
    }

    // Before 1.22 a manager had one entry for an object and all its subresources, which also owned a status that was thrown away.
    private JsonArray AsBeforeSubresources(JsonArray managers, string kind)
    {
        var merged = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var manager in WithoutTimes(managers).OfType<JsonObject>())
        {
            manager.Remove("subresource");
            var fields = manager["fieldsV1"]!.DeepClone().AsObject();
            manager.Remove("fieldsV1");
            fields.Remove("f:status");
            Blur(fields);
            foreach (var (_, _, path, _) in Newer.Where(entry => entry.Kind == kind && real < entry.Since))
            {
                Drop(fields, path, "f:");
            }

            if (fields.Count > 0)
            {
                var key = $"{manager["manager"]} {manager["operation"]} {manager["apiVersion"]}";
                merged[key] = merged.TryGetValue(key, out var earlier) ? Union(earlier, fields) : fields;
            }
        }

        return [.. merged.Select(entry => (JsonNode)new JsonObject { ["manager"] = entry.Key, ["fields"] = entry.Value })];
    }

    // Older schemas take some structures apart that newer ones own as a whole.
    private static void Blur(JsonObject fields)
    {
        foreach (var (name, value) in fields.ToList())
        {
            if (WholeInNewer.Contains(name))
            {
                fields[name] = new JsonObject();
            }
            else if (value is JsonObject child)
            {
                Blur(child);
            }
        }
    }

    // A field without anything below it is owned itself; one with something below it is so only by the mark ".".
    private static JsonObject Union(JsonObject left, JsonObject right)
    {
        if (left.Count == 0 != (right.Count == 0))
        {
            left["."] = new JsonObject();
        }

        foreach (var (name, value) in right)
        {
            left[name] = left[name] is JsonObject mine && value is JsonObject theirs ? Union(mine, theirs.DeepClone().AsObject())
                : value?.DeepClone();
        }

        return left;
    }

    private void NormalizeTable(JsonObject table)
    {
        table["columnDefinitions"] = new JsonArray([.. table["columnDefinitions"]!.AsArray().Select(column =>
            $"{column!["name"]} {column["type"]} {column["priority"]}")]);
        foreach (var row in table["rows"]!.AsArray().OfType<JsonObject>())
        {
            row["cells"] = new JsonArray([.. row["cells"]!.AsArray().Select(cell => AgeRegex().IsMatch(cell?.ToString() ?? "") ? "age"
                : cell?.DeepClone())]);
            NormalizeMetadata(row["object"]?["metadata"] as JsonObject, "");
        }
    }

    private void DropNewer(JsonObject body, string kind)
    {
        foreach (var (_, _, path, _) in Newer.Where(entry => entry.Kind == kind && real < entry.Since))
        {
            Drop(body, path, "");
        }
    }

    private static void Drop(JsonObject body, string path, string prefix)
    {
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || body.ContainsKey(prefix + path))
        {
            body.Remove(prefix + path);
        }
        else if (body[prefix + path[..dot]] is JsonObject child)
        {
            Drop(child, path[(dot + 1)..], prefix);
            if (child.All(field => field.Key == "."))
            {
                body.Remove(prefix + path[..dot]);
            }
        }
    }

    // Times that the server took from its own clock; those of the table are all on 2 January 2026.
    private static void NormalizeTimes(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parent:
                foreach (var (name, value) in parent.ToList())
                {
                    // Older servers print the time at which a template was created, which is never.
                    if (name == "creationTimestamp" && value is null)
                    {
                        parent.Remove(name);
                    }
                    else if (value is JsonValue && TimeRegex().IsMatch(value.ToString()) && !value.ToString().StartsWith("2026-01-02",
                        StringComparison.Ordinal))
                    {
                        parent[name] = "set by the server";
                    }
                    else
                    {
                        NormalizeTimes(value);
                    }
                }

                break;
            case JsonArray list:
                foreach (var item in list)
                {
                    NormalizeTimes(item);
                }

                break;
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\z")]
    private static partial Regex TimeRegex();

    [GeneratedRegex(@"^\d+s\z")]
    private static partial Regex AgeRegex();
}
