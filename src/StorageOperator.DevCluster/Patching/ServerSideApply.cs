using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>One field that an apply would change although another manager owns it.</summary>
/// <param name="Owner">The other manager's entry.</param>
/// <param name="Path">The field: <c>.spec.x</c>.</param>
public sealed record ApplyConflict(ManagedFieldsEntry Owner, string Path)
{
    /// <summary>The message of the Status' cause, whose reason is FieldManagerConflict and whose field is <see cref="Path"/>.</summary>
    public string Message => "conflict with " + Owner.Shown;
}

/// <summary>
/// An apply without force that would change what others own: 409 Conflict, with a cause for each of <see cref="Conflicts"/>.
/// </summary>
public sealed class ApplyConflictException(IReadOnlyList<ApplyConflict> conflicts) : Exception(MessageOf(conflicts))
{
    /// <summary>The fields in conflict, by manager and path.</summary>
    public IReadOnlyList<ApplyConflict> Conflicts { get; } = conflicts;

    private static string MessageOf(IReadOnlyList<ApplyConflict> conflicts)
    {
        if (conflicts.Count == 1)
        {
            return $"Apply failed with 1 conflict: conflict with {conflicts[0].Owner.Shown}: {conflicts[0].Path}";
        }

        var lines = conflicts.GroupBy(conflict => conflict.Owner.Shown)
            .SelectMany(owner => owner.Select(conflict => "- " + conflict.Path).Prepend($"conflicts with {owner.Key}:"));
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join("\n", lines)}";
    }
}

/// <summary>
/// Server-side apply (<c>application/apply-patch+yaml</c>): merges a manager's intent into the object, tells conflicts, and removes what
/// the
/// manager no longer wants and nobody else owns. Source: structured-merge-diff's merge package and apimachinery's managedfields package.
/// </summary>
public static class ServerSideApply
{
    private const string Kubectl = "kubectl";
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>
    /// Returns the object after applying <paramref name="intent"/>, with its managedFields; to be defaulted, validated and stored.
    /// If nothing changes it equals <paramref name="live"/>. No argument is changed.
    /// </summary>
    /// <param name="live">The stored object, or null if it does not exist yet.</param>
    /// <param name="intent">What the manager wants.</param>
    /// <param name="schema">The kind's schema; null if there is none (lists are atomic then).</param>
    /// <param name="writer">Who applies.</param>
    /// <param name="force">True to take over the fields in conflict.</param>
    /// <exception cref="ApplyConflictException">Others own what would change, and there is no force.</exception>
    /// <exception cref="PatchException">The intent carries managedFields (400).</exception>
    public static JsonObject Apply(JsonObject? live, JsonObject intent, SchemaNode? schema, FieldWriter writer, bool force)
    {
        if (intent["metadata"]?["managedFields"] is not null)
        {
            throw PatchException.BadRequest("metadata.managedFields must be nil");
        }

        var wanted = Written(intent, writer);
        var entries = EntriesOf(live, schema, writer);
        var entry = new ManagedFieldsEntry(
            writer.Manager, "Apply", writer.ApiVersion, writer.Subresource, ManagedFields.Seconds(writer.Time),
            ManagedFields.Owned(FieldSet.Of(wanted, schema)).Without(writer.Ignored ?? []));
        var earlier = entries.Find(entry.IsSameManager);
        var others = entries.Where(other => !other.IsSameManager(entry)).ToList();

        var merged = (JsonObject)Merge(live, wanted, schema)!;
        if (earlier is not null)
        {
            var kept = others.Aggregate(entry.Fields, (set, other) => set.Union(other.Fields));
            Remove(merged, earlier.Fields.Difference(kept), kept, schema);
        }

        var comparison = FieldComparison.Of(live ?? [], merged, schema);
        var changed = ManagedFields.Owned(comparison.Modified.Union(comparison.Added));
        Refuse(ConflictsOf(others, changed), live, schema, writer, force);
        var remaining = ManagedFields.Without(others, changed.Union(comparison.Removed));
        if (earlier is not null && comparison.IsEmpty && earlier.Fields.SameAs(entry.Fields))
        {
            entry = earlier;
        }

        RefreshLastApplied(merged, intent, writer);
        ManagedFields.Write(merged, [.. remaining, .. entry.Fields.IsEmpty ? (ManagedFieldsEntry[])[] : [entry]]);
        return merged;
    }

    private static JsonObject Written(JsonObject intent, FieldWriter writer)
    {
        var wanted = (JsonObject)intent.DeepClone();
        foreach (var name in writer.Ignored ?? [])
        {
            if (name == "metadata" && wanted["metadata"] is JsonObject metadata)
            {
                wanted["metadata"] = new JsonObject(metadata.Where(field => field.Key is "name" or "namespace")
                    .Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
            }
            else
            {
                wanted.Remove(name);
            }
        }

        return wanted;
    }

    /// <summary>An object that was never tracked is owned, as it stands, by a manager of its own before it is applied to.</summary>
    private static List<ManagedFieldsEntry> EntriesOf(JsonObject? live, SchemaNode? schema, FieldWriter writer)
    {
        var entries = ManagedFields.Read(live);
        if (live is null || entries.Count > 0)
        {
            return entries;
        }

        var fields = ManagedFields.Owned(FieldComparison.Of([], live, schema).Added);
        return [new ManagedFieldsEntry(ManagedFields.BeforeFirstApply, "Update", writer.ApiVersion, null,
            ManagedFields.Seconds(writer.Time), fields)];
    }

    private static List<ApplyConflict> ConflictsOf(IEnumerable<ManagedFieldsEntry> others, FieldSet changed)
        => [.. others.OrderBy(other => other.Shown, StringComparer.Ordinal)
            .SelectMany(other => other.Fields.Intersection(changed).Paths().Select(path => new ApplyConflict(other, path)))];

    private static void Refuse(List<ApplyConflict> conflicts, JsonObject? live, SchemaNode? schema, FieldWriter writer, bool force)
    {
        if (force || conflicts.Count == 0)
        {
            return;
        }

        var own = OwnByLastApplied(live, schema, writer);
        conflicts.RemoveAll(conflict => own.Contains(conflict.Path));
        if (conflicts.Count > 0)
        {
            throw new ApplyConflictException(conflicts);
        }
    }

    /// <summary>
    /// What kubectl wrote by client-side apply is its own when it moves to server-side apply: the fields of the last-applied annotation
    /// that
    /// still have their value.
    /// </summary>
    private static HashSet<string> OwnByLastApplied(JsonObject? live, SchemaNode? schema, FieldWriter writer)
    {
        if (writer.Manager != Kubectl || LastAppliedOf(live) is not { } text || Parsed(text) is not { } applied)
        {
            return [];
        }

        var comparison = FieldComparison.Of(applied, live!, schema);
        return [.. FieldSet.Of(applied, schema).Difference(comparison.Modified).Difference(comparison.Removed).Paths()];
    }

    /// <summary>An object that client-side apply knows stays usable for it: kubectl's apply writes its annotation anew.</summary>
    private static void RefreshLastApplied(JsonObject merged, JsonObject intent, FieldWriter writer)
    {
        if (writer.Manager != Kubectl || LastAppliedOf(merged) is null)
        {
            return;
        }

        var applied = (JsonObject)intent.DeepClone();
        (applied["metadata"]?["annotations"] as JsonObject)?.Remove(LastApplied);
        merged["metadata"]!["annotations"]![LastApplied] = JsonText.Of(applied) + "\n";
    }

    private static string? LastAppliedOf(JsonObject? live)
        => live?["metadata"]?["annotations"]?[LastApplied] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text : null;

    private static JsonObject? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? wanted, SchemaNode? schema)
    {
        if (FieldElement.Below(wanted, schema) is null || FieldElement.Below(live, schema) is null)
        {
            return wanted?.DeepClone();
        }

        return (live, wanted) switch
        {
            (JsonObject old, JsonObject fields) => MergeFields(old, fields, schema),
            (JsonArray old, JsonArray items) => MergeItems(old, items, schema!),
            _ => wanted?.DeepClone(),
        };
    }

    private static JsonObject MergeFields(JsonObject live, JsonObject wanted, SchemaNode? schema)
    {
        var merged = new JsonObject();
        foreach (var (name, value) in live)
        {
            merged[name] = wanted.TryGetPropertyValue(name, out var other) ? Merge(value, other, schema?.Field(name)) : value?.DeepClone();
        }

        foreach (var (name, value) in wanted)
        {
            if (!merged.ContainsKey(name))
            {
                merged[name] = value?.DeepClone();
            }
        }

        return merged;
    }

    /// <summary>Items keep the manager's order; those it does not name stay where they are between them.</summary>
    private static JsonArray MergeItems(JsonArray live, JsonArray wanted, SchemaNode schema)
    {
        var old = live.ToDictionary(item => FieldElement.OfItem(item, schema)!, StringComparer.Ordinal);
        var named = wanted.Select(item => FieldElement.OfItem(item, schema)!).ToHashSet(StringComparer.Ordinal);
        var merged = new JsonArray();
        var pending = new Queue<JsonNode?>(wanted);
        foreach (var item in live)
        {
            var element = FieldElement.OfItem(item, schema)!;
            if (!named.Contains(element))
            {
                merged.Add(item?.DeepClone());
                continue;
            }

            while (pending.Count > 0 && old.ContainsKey(element))
            {
                var next = pending.Dequeue();
                var key = FieldElement.OfItem(next, schema)!;
                merged.Add(old.Remove(key, out var present) ? Merge(present, next, schema.Item) : next?.DeepClone());
            }
        }

        while (pending.TryDequeue(out var next))
        {
            merged.Add(next?.DeepClone());
        }

        return merged;
    }

    /// <summary>
    /// Removes the fields <paramref name="unwanted"/> unless something below them is in <paramref name="kept"/>, and objects and lists that
    /// become empty by it. The keys of a list item stay as long as the item does.
    /// </summary>
    private static void Remove(JsonNode? value, FieldSet unwanted, FieldSet? kept, SchemaNode? schema, IReadOnlyList<string>? keys = null)
    {
        switch (value)
        {
            case JsonObject fields:
                foreach (var (name, field) in fields.ToList())
                {
                    if (keys?.Contains(name) != true && IsRemoved(field, "f:" + name, unwanted, kept, schema?.Field(name), null))
                    {
                        fields.Remove(name);
                    }
                }

                break;
            case JsonArray items when schema?.ListType is ListType.Set or ListType.Map:
                for (var index = items.Count - 1; index >= 0; index--)
                {
                    if (FieldElement.OfItem(items[index], schema) is { } element
                        && IsRemoved(items[index], element, unwanted, kept, schema.Item, schema.ListMapKeys))
                    {
                        items.RemoveAt(index);
                    }
                }

                break;
        }
    }

    private static bool IsRemoved(
        JsonNode? value, string element, FieldSet unwanted, FieldSet? kept, SchemaNode? schema, IReadOnlyList<string>? keys)
    {
        if (!unwanted.Children.TryGetValue(element, out var here))
        {
            return false;
        }

        var keptHere = kept?.Children.GetValueOrDefault(element);
        if (here.IsMember && keptHere is null)
        {
            return true;
        }

        Remove(value, here, keptHere, schema, keys);
        return keptHere?.IsMember != true && value is JsonObject { Count: 0 } or JsonArray { Count: 0 };
    }
}
