using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>The scale subresource: an autoscaling/v1 Scale read out of, and written into, a workload or a custom resource.</summary>
internal sealed class ScaleEndpoint(ObjectStore store, ObjectWriter writer)
{
    /// <summary>The scale of an object.</summary>
    public JsonObject Get(RequestTarget target)
    {
        StoredObject stored = store.Get(target.Kind.StorageKey, StoredObject.KeyOf(target.Namespace, target.Name))
            ?? throw ApiException.NotFound(target.Kind, target.Name);
        return ScaleOf(target.Kind, ObjectWriter.ToKind(target.Kind, stored));
    }

    /// <summary>Changes the scale: <paramref name="change"/> gets the present one and gives the new one.</summary>
    public JsonObject Update(RequestTarget target, Func<JsonObject, JsonObject> change, WriteContext context)
    {
        StoredObject stored = writer.Update(
            target.Kind, target.Namespace, target.Name, "",
            value =>
            {
                JsonObject scale = change(ScaleOf(target.Kind, value));
                ObjectMeta.MetadataOf(value)["resourceVersion"] = ObjectMeta.TextOf(scale["metadata"]?["resourceVersion"]);
                Set(value, Paths(target.Kind).Spec, scale["spec"]?["replicas"]?.DeepClone() ?? 0);
                return value;
            },
            context);
        return ScaleOf(target.Kind, ObjectWriter.ToKind(target.Kind, stored));
    }

    private static JsonObject ScaleOf(ResourceKind kind, JsonObject value)
    {
        (string spec, string status, string selector) = Paths(kind);
        var metadata = new JsonObject();
        foreach (string field in (string[])["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (value["metadata"]?[field] is { } found)
            {
                metadata[field] = found.DeepClone();
            }
        }
        var scale = new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = Read(value, spec)?.DeepClone() ?? 0 },
            ["status"] = new JsonObject { ["replicas"] = Read(value, status)?.DeepClone() ?? 0 },
        };
        if (SelectorText(Read(value, selector)) is { Length: > 0 } text)
        {
            scale["status"]!["selector"] = text;
        }
        return scale;
    }

    private static (string Spec, string Status, string Selector) Paths(ResourceKind kind)
    {
        JsonNode? scale = kind.CustomVersion?["subresources"]?["scale"];
        return (
            (string?)scale?["specReplicasPath"] ?? ".spec.replicas",
            (string?)scale?["statusReplicasPath"] ?? ".status.replicas",
            (string?)scale?["labelSelectorPath"] ?? (kind.IsCustom ? "" : ".spec.selector"));
    }

    private static JsonNode? Read(JsonNode? node, string path) =>
        path.Length == 0 ? null : path.TrimStart('.').Split('.').Aggregate(node, (at, step) => (at as JsonObject)?[step]);

    private static void Set(JsonObject value, string path, JsonNode replicas)
    {
        string[] steps = path.TrimStart('.').Split('.');
        JsonObject at = value;
        foreach (string step in steps[..^1])
        {
            if (at[step] is not JsonObject next)
            {
                at[step] = next = [];
            }
            at = next;
        }
        at[steps[^1]] = replicas;
    }

    private static string SelectorText(JsonNode? selector) => selector switch
    {
        JsonValue text => ObjectMeta.TextOf(text),
        JsonObject labels => string.Join(',', (labels["matchLabels"] as JsonObject ?? []).Select(label => $"{label.Key}={label.Value}")),
        _ => "",
    };
}
