using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>
/// Strategic merge patch (<c>application/strategic-merge-patch+json</c>): like a merge patch, but lists whose field has the patch strategy
/// <c>merge</c> are merged, items told apart by the field's merge key. Directives: <c>$patch</c> (delete, replace, merge),
/// <c>$deleteFromPrimitiveList/field</c>, <c>$setElementOrder/field</c>, <c>$retainKeys</c>. Behaviour as documented in
/// Kubernetes' "strategic merge patch" API convention; items that the patch adds come before those it does not name, as on the real server.
/// </summary>
public static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";
    private const string ElementOrder = "$setElementOrder/";

    /// <summary>
    /// Returns <paramref name="original"/> with <paramref name="patch"/> merged in by <paramref name="schema"/>. No argument is changed.
    /// </summary>
    /// <exception cref="PatchException">The patch is malformed (400) or contradicts itself (422 or 500, as on the real server).</exception>
    public static JsonObject Apply(JsonObject original, JsonNode? patch, SchemaNode schema)
        => patch is JsonObject fields ? MergeFields(original, fields, schema) : throw PatchException.BadRequest("invalid JSON document");

    private static JsonObject MergeFields(JsonObject original, JsonObject patch, SchemaNode? schema)
    {
        switch (DirectiveOf(patch))
        {
            case "replace":
                return (JsonObject)WithoutDirectives(patch)!;
            case "delete":
                return [];
            case null or "merge":
                break;
            default:
                throw PatchException.Internal("Unknown patch type found: " + patch[Directive]);
        }

        var merged = Retained(original, patch);
        foreach (var name in patch.Select(field => field.Key).Where(name => name.StartsWith(DeleteFrom, StringComparison.Ordinal)))
        {
            DeleteFromPrimitives(merged, name[DeleteFrom.Length..], patch[name]);
        }

        foreach (var (name, change) in patch)
        {
            if (!IsDirective(name))
            {
                MergeField(merged, name, change, schema?.Field(name));
            }
        }

        foreach (var name in patch.Select(field => field.Key).Where(name => name.StartsWith(ElementOrder, StringComparison.Ordinal)))
        {
            Reorder(original, merged, patch, name[ElementOrder.Length..], patch[name], schema);
        }

        return merged;
    }

    private static JsonObject Retained(JsonObject original, JsonObject patch)
    {
        var copy = (JsonObject)original.DeepClone();
        if (!patch.TryGetPropertyValue(RetainKeys, out var keys))
        {
            return copy;
        }

        if (keys is not JsonArray list)
        {
            throw PatchException.BadRequest("invalid patch format of retainKeys");
        }

        var retained = list.Select(Text).ToHashSet(StringComparer.Ordinal);
        if (patch.Any(field => !IsDirective(field.Key) && field.Value is not null && !retained.Contains(field.Key)))
        {
            throw PatchException.Unprocessable("patch content doesn't match the retainKeys list");
        }

        foreach (var name in copy.Select(field => field.Key).Where(name => !retained.Contains(name)).ToList())
        {
            copy.Remove(name);
        }

        return copy;
    }

    private static void MergeField(JsonObject merged, string name, JsonNode? change, SchemaNode? field)
    {
        if (change is null)
        {
            merged.Remove(name);
            return;
        }

        merged.TryGetPropertyValue(name, out var present);
        merged[name] = (present, change) switch
        {
            (JsonObject old, JsonObject fields) when !Has(field, "replace") => MergeFields(old, fields, field),
            (JsonArray old, JsonArray items) when Has(field, "merge") => MergeItems(old, items, field!),
            (null, JsonArray items) when Has(field, "merge") => MergeItems([], items, field!),
            _ => WithoutDirectives(change),
        };
    }

    private static JsonArray MergeItems(JsonArray original, JsonArray patch, SchemaNode field)
    {
        if (!patch.Concat(original).Any(item => item is JsonObject))
        {
            return MergePrimitives(original, patch);
        }

        var key = field.PatchMergeKey ?? throw PatchException.Internal("cannot merge a list of objects without a merge key");
        if (patch.OfType<JsonObject>().Any(item => DirectiveOf(item) == "replace"))
        {
            return [.. patch.Where(item => DirectiveOf(item) is null).Select(WithoutDirectives)];
        }

        var kept = original.Select(item => item?.DeepClone()).ToList();
        var changes = new List<JsonObject>();
        foreach (var item in patch)
        {
            var change = item as JsonObject ?? throw PatchException.Internal("the patch of a list of objects has an item that is none");
            var directive = DirectiveOf(change);
            if (directive is null)
            {
                changes.Add(change);
            }
            else if (directive == "delete")
            {
                var value = KeyOf(change, key);
                kept.RemoveAll(old => old is JsonObject fields && JsonNode.DeepEquals(fields[key], value));
            }
            else if (directive != "merge")
            {
                throw PatchException.Internal("Unknown patch type found: " + directive);
            }
        }

        var changed = new List<JsonNode?>();
        foreach (var change in changes)
        {
            var value = KeyOf(change, key);
            var at = kept.FindIndex(old => old is JsonObject fields && JsonNode.DeepEquals(fields[key], value));
            if (at >= 0)
            {
                changed.Add(MergeFields((JsonObject)kept[at]!, change, field.Item));
                kept.RemoveAt(at);
            }
            else
            {
                changed.Add(WithoutDirectives(change));
            }
        }

        return Interleave(kept, changed, original, (left, right) => SameKey(left, right, key));
    }

    private static JsonArray MergePrimitives(JsonArray original, JsonArray patch)
    {
        var patched = new List<JsonNode?>();
        foreach (var item in patch.Where(item => !patched.Exists(known => JsonNode.DeepEquals(known, item))))
        {
            patched.Add(item?.DeepClone());
        }

        var others = original.Where(item => !patched.Exists(known => JsonNode.DeepEquals(known, item))).Select(item => item?.DeepClone());
        return Interleave([.. others], patched, original, JsonNode.DeepEquals);
    }

    private static void Reorder(JsonObject original, JsonObject merged, JsonObject patch, string name, JsonNode? order, SchemaNode? schema)
    {
        if (order is not JsonArray wanted)
        {
            throw PatchException.BadRequest("invalid patch format of setElementOrder list");
        }

        if (merged[name] is not JsonArray items)
        {
            return;
        }

        var field = schema?.Field(name);
        Func<JsonNode?, JsonNode?, bool> same = field?.PatchMergeKey is { } key ? (left, right)
            => SameKey(left, right, key) : JsonNode.DeepEquals;
        int Place(JsonNode? item) => wanted.ToList().FindIndex(other => same(item, other));
        if (patch[name] is JsonArray changes && changes.Any(item => DirectiveOf(item) is null && Place(item) < 0))
        {
            throw PatchException.Internal($"The order in patch list:\n{changes.ToJsonString()}\n doesn't match {ElementOrder}{name} list:\n{wanted.ToJsonString()}\n");
        }

        var named = items.Where(item => Place(item) >= 0).OrderBy(Place).Select(item => item?.DeepClone());
        var others = items.Where(item => Place(item) < 0).Select(item => item?.DeepClone());
        merged[name] = Interleave([.. others], [.. named], original[name] as JsonArray ?? [], same);
    }

    /// <summary>
    /// Puts the items the patch does not name between those it does. Both keep their order; an unnamed item goes before a named one
    /// only if both were in the original in that order.
    /// </summary>
    private static JsonArray Interleave(
        List<JsonNode?> unnamed, List<JsonNode?> named, JsonArray original, Func<JsonNode?, JsonNode?, bool> same)
    {
        int Place(JsonNode? item) => original.ToList().FindIndex(other => same(item, other));
        var result = new JsonArray();
        var (left, right) = (0, 0);
        while (left < unnamed.Count || right < named.Count)
        {
            var takeUnnamed = right >= named.Count
                || (left < unnamed.Count && Place(named[right]) >= 0 && Place(unnamed[left]) >= 0
                    && Place(unnamed[left]) < Place(named[right]));
            result.Add(takeUnnamed ? unnamed[left++] : named[right++]);
        }

        return result;
    }

    private static void DeleteFromPrimitives(JsonObject merged, string name, JsonNode? unwanted)
    {
        if (unwanted is not JsonArray values)
        {
            throw PatchException.BadRequest("invalid patch format of primitive list");
        }

        if (merged[name] is JsonArray present)
        {
            merged[name] = new JsonArray([.. present.Where(item
                => !values.Any(value => JsonNode.DeepEquals(value, item))).Select(item => item?.DeepClone())]);
        }
    }

    private static JsonNode? WithoutDirectives(JsonNode? patch) => patch switch
    {
        JsonObject fields => new JsonObject(fields
            .Where(field => !IsDirective(field.Key) && field.Value is not null)
            .Select(field => KeyValuePair.Create(field.Key, WithoutDirectives(field.Value)))),
        JsonArray items => new JsonArray([.. items.Where(item => DirectiveOf(item) is null).Select(WithoutDirectives)]),
        _ => patch?.DeepClone(),
    };

    private static JsonNode KeyOf(JsonObject item, string key)
        => item[key] ?? throw PatchException.Internal($"map: {item.ToJsonString()} does not contain declared merge key: {key}");

    private static bool SameKey(JsonNode? left, JsonNode? right, string key)
        => left is JsonObject one && right is JsonObject other && JsonNode.DeepEquals(one[key], other[key]);

    private static bool Has(SchemaNode? field, string strategy)
        => field?.PatchStrategy is { } strategies && strategies.Split(',').Contains(strategy);

    private static string? DirectiveOf(JsonNode? node)
        => node is JsonObject fields && fields.TryGetPropertyValue(Directive, out var value) ? Text(value) ?? "" : null;

    private static bool IsDirective(string name)
        => name is Directive or RetainKeys
            || name.StartsWith(DeleteFrom, StringComparison.Ordinal) || name.StartsWith(ElementOrder, StringComparison.Ordinal);

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
