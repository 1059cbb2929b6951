using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Patching;

/// <summary>JSON merge patch, RFC 7386: <c>application/merge-patch+json</c>.</summary>
public static class MergePatch
{
    /// <summary>Returns <paramref name="original"/> with <paramref name="patch"/> merged in. Neither argument is changed.</summary>
    /// <exception cref="PatchException">The patch of a Kubernetes object is not an object itself (400).</exception>
    public static JsonObject Apply(JsonObject original, JsonNode? patch)
        => patch is JsonObject fields ? Merge(original, fields) : throw PatchException.BadRequest("Invalid JSON Patch");

    /// <summary>
    /// Returns the smallest merge patch that turns <paramref name="from"/> into <paramref name="to"/>.
    /// A merge patch cannot write null: fields that are null in <paramref name="to"/> come out as absent.
    /// </summary>
    public static JsonObject Difference(JsonObject from, JsonObject to)
    {
        var patch = new JsonObject();
        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
            {
                patch[name] = null;
            }
        }

        foreach (var (name, wanted) in to)
        {
            from.TryGetPropertyValue(name, out var present);
            if (present is JsonObject old && wanted is JsonObject changed)
            {
                if (Difference(old, changed) is { Count: > 0 } inner)
                {
                    patch[name] = inner;
                }
            }
            else if (!from.ContainsKey(name) || !JsonNode.DeepEquals(present, wanted))
            {
                patch[name] = wanted?.DeepClone();
            }
        }

        return patch;
    }

    private static JsonObject Merge(JsonObject original, JsonObject patch)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in original)
        {
            if (!patch.TryGetPropertyValue(name, out var change))
            {
                merged[name] = value?.DeepClone();
            }
            else if (change is not null)
            {
                merged[name] = change is JsonObject fields ? Merge(value as JsonObject ?? [], fields) : change.DeepClone();
            }
        }

        foreach (var (name, value) in patch)
        {
            if (value is not null && !original.ContainsKey(name))
            {
                merged[name] = value is JsonObject fields ? Merge([], fields) : value.DeepClone();
            }
        }

        return merged;
    }
}
