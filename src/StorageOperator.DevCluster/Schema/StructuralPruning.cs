using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>Removes from a custom object what its schema does not know.</summary>
public static class StructuralPruning
{
    private static readonly SchemaNode ObjectMeta = BuiltInSchemas.Instance.Definition("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")!;

    /// <summary>
    /// Removes the unknown fields of <paramref name="resource"/>, changing it, and returns their paths (<c>spec.list[0].typo</c>).
    /// <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> of the object and of embedded resources are always known.
    /// </summary>
    public static IReadOnlyList<string> Prune(JsonObject resource, SchemaNode schema)
    {
        var removed = new List<string>();
        PruneFields(resource, schema, "", isResource: true, removed);
        return removed;
    }

    private static void Prune(JsonNode? value, SchemaNode schema, string path, List<string> removed)
    {
        switch (value)
        {
            case JsonObject fields:
                PruneFields(fields, schema, path, schema.Target.EmbeddedResource, removed);
                break;
            case JsonArray items when schema.Item is { } item:
                for (var index = 0; index < items.Count; index++)
                {
                    Prune(items[index], item, $"{path}[{index}]", removed);
                }

                break;
        }
    }

    private static void PruneFields(JsonObject fields, SchemaNode schema, string path, bool isResource, List<string> removed)
    {
        var target = schema.Target;
        foreach (var (name, value) in fields.ToList())
        {
            var at = path.Length == 0 ? name : path + "." + name;
            if (isResource && name is "apiVersion" or "kind")
            {
                continue;
            }

            if (isResource && name == "metadata")
            {
                PruneMetadata(value, at, removed);
            }
            else if (target.Field(name) is { } field)
            {
                Prune(value, field, at, removed);
            }
            else if (!target.PreserveUnknownFields)
            {
                fields.Remove(name);
                removed.Add(at);
            }
        }
    }

    private static void PruneMetadata(JsonNode? metadata, string path, List<string> removed)
    {
        if (metadata is JsonObject fields)
        {
            foreach (var name in fields.Select(field => field.Key).Where(name => !ObjectMeta.Properties.ContainsKey(name)).ToList())
            {
                fields.Remove(name);
                removed.Add(path + "." + name);
            }
        }
    }
}
