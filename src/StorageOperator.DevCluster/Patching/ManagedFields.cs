using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Schema;

namespace StorageOperator.DevCluster.Patching;

/// <summary>Who writes, and what the write may touch.</summary>
/// <param name="Manager">
/// The field manager: the request's <c>fieldManager</c>, else <see cref="ManagedFields.ManagerOf"/> its user agent.
/// </param>
/// <param name="ApiVersion">The apiVersion of the request, such as <c>v1</c>.</param>
/// <param name="Time">The time of the write.</param>
/// <param name="Subresource">status, scale, ... or null for the object itself.</param>
/// <param name="Ignored">
/// The top-level fields that this endpoint does not write: <c>status</c> on the object itself if it has a status subresource, <c>spec</c>
/// and
/// <c>metadata</c> on status.
/// </param>
public sealed record FieldWriter(
    string Manager, string ApiVersion, DateTimeOffset Time, string? Subresource = null, IReadOnlyList<string>? Ignored = null);

/// <summary>One entry of metadata.managedFields.</summary>
/// <param name="Manager">Who.</param>
/// <param name="Operation">Apply or Update.</param>
/// <param name="ApiVersion">The version the fields are named in.</param>
/// <param name="Subresource">The subresource it was written through, or null.</param>
/// <param name="Time">When the entry was last changed, or null.</param>
/// <param name="Fields">What it owns.</param>
public sealed record ManagedFieldsEntry(
    string Manager, string Operation, string ApiVersion, string? Subresource, DateTimeOffset? Time, FieldSet Fields)
{
    /// <summary>True if the entry was made by server-side apply.</summary>
    public bool IsApply => Operation == "Apply";

    /// <summary>True if both entries are of one manager. An applier is the same in every version.</summary>
    public bool IsSameManager(ManagedFieldsEntry other)
        => Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource
            && (IsApply || ApiVersion == other.ApiVersion);

    /// <summary>The manager as a conflict names it: <c>"kubectl-client-side-apply" using v1</c>.</summary>
    public string Shown
        => $"\"{Manager}\"" + (Subresource is null ? "" : $" with subresource \"{Subresource}\"") + (IsApply ? "" : " using " + ApiVersion);
}

/// <summary>
/// Tracks in metadata.managedFields who owns which field. Source of the behaviour: apimachinery's managedfields package
/// (update tracking, <c>[{}]</c> as reset, at most ten updaters, order of the entries).
/// </summary>
public static class ManagedFields
{
    /// <summary>How many managers that update are kept apart; the oldest beyond are merged into <see cref="Ancient"/>.</summary>
    public const int MostUpdaters = 10;

    /// <summary>The manager that stands for the oldest updaters.</summary>
    public const string Ancient = "ancient-changes";

    /// <summary>The manager that owns what was there before the first apply to an object that nobody tracked.</summary>
    public const string BeforeFirstApply = "before-first-apply";

    /// <summary>
    /// The field manager of a client that names none: its user agent up to the first slash, at most 128 characters that can be printed.
    /// </summary>
    public static string ManagerOf(string? userAgent)
    {
        var name = new string([.. (userAgent ?? "").Split('/')[0].Where(letter => !char.IsControl(letter))]);
        return name.Length <= 128 ? name : name[..128];
    }

    /// <summary>
    /// Tracks a create, update or patch: puts managedFields into <paramref name="after"/>, which has to be complete (defaulted, with what
    /// the
    /// endpoint does not write carried over). An object whose managedFields were reset stays untracked until it is applied.
    /// </summary>
    /// <param name="before">The stored object, or null for a create.</param>
    /// <param name="after">The object to be stored; it is changed.</param>
    /// <param name="schema">The kind's schema; null if there is none.</param>
    /// <param name="writer">Who writes.</param>
    public static void Track(JsonObject? before, JsonObject after, SchemaNode? schema, FieldWriter writer)
    {
        var entries = Choose(before, after, writer);
        if (before is not null && entries.Count == 0)
        {
            Write(after, entries);
            return;
        }

        var comparison = FieldComparison.Of(before ?? [], after, schema);
        var changed = Owned(comparison.Modified.Union(comparison.Added));
        var kept = Without(entries, changed.Union(comparison.Removed));
        if (!changed.IsEmpty)
        {
            var entry = new ManagedFieldsEntry(writer.Manager, "Update", writer.ApiVersion, writer.Subresource, Seconds(writer.Time),
                changed);
            var earlier = entries.Find(entry.IsSameManager);
            kept.RemoveAll(entry.IsSameManager);
            kept.Add(earlier is null ? entry : entry with { Fields = earlier.Fields.Difference(comparison.Removed).Union(changed) });
        }

        Write(after, Capped(kept));
    }

    /// <summary>The entries of an object; empty if it has none or they cannot be read.</summary>
    public static List<ManagedFieldsEntry> Read(JsonObject? value)
    {
        try
        {
            return (value?["metadata"] as JsonObject)?["managedFields"] is JsonArray list
                ? [.. list.OfType<JsonObject>().Where(entry => entry.Count > 0).Select(ReadEntry)] : [];
        }
        catch (Exception fault) when (fault is FormatException or InvalidOperationException)
        {
            return [];
        }
    }

    /// <summary>Puts <paramref name="entries"/> into the object, in the server's order; without entries the field is removed.</summary>
    public static void Write(JsonObject value, IReadOnlyCollection<ManagedFieldsEntry> entries)
    {
        if (value["metadata"] is not JsonObject metadata)
        {
            return;
        }

        metadata.Remove("managedFields");
        if (entries.Count > 0)
        {
            metadata["managedFields"] = new JsonArray([.. entries
                .OrderBy(entry => entry.Operation, StringComparer.Ordinal)
                .ThenBy(entry => entry.Time ?? DateTimeOffset.MinValue)
                .ThenBy(entry => entry.Manager, StringComparer.Ordinal)
                .ThenBy(entry => entry.ApiVersion, StringComparer.Ordinal)
                .ThenBy(entry => entry.Subresource, StringComparer.Ordinal)
                .Select(WriteEntry)]);
        }
    }

    /// <summary>What a manager can own of <paramref name="fields"/>.</summary>
    internal static FieldSet Owned(FieldSet fields) => fields.WithoutServerFields();

    /// <summary>Entry times have whole seconds.</summary>
    internal static DateTimeOffset Seconds(DateTimeOffset time) => time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>The entries without <paramref name="lost"/>, and without those that then own nothing.</summary>
    internal static List<ManagedFieldsEntry> Without(IEnumerable<ManagedFieldsEntry> entries, FieldSet lost)
        => [.. entries.Select(entry => entry.Fields.Overlaps(lost) ? entry with { Fields = entry.Fields.Difference(lost) } : entry)
            .Where(entry => !entry.Fields.IsEmpty)];

    /// <summary>
    /// The entries to go on from: those a client sends count, so that it can mend them; <c>[{}]</c> resets; none at all are taken for a
    /// client
    /// that does not know of them. Through a subresource they cannot be written.
    /// </summary>
    private static List<ManagedFieldsEntry> Choose(JsonObject? before, JsonObject after, FieldWriter writer)
    {
        if (writer.Subresource is null && after["metadata"]?["managedFields"] is JsonArray sent)
        {
            if (sent is [JsonObject { Count: 0 }])
            {
                return [];
            }

            if (Read(after) is { Count: > 0 } entries)
            {
                return entries;
            }
        }

        return Read(before);
    }

    private static List<ManagedFieldsEntry> Capped(List<ManagedFieldsEntry> entries)
    {
        var updaters = entries.Where(entry => !entry.IsApply)
            .OrderBy(entry => entry.Manager != Ancient).ThenBy(entry => entry.Time ?? DateTimeOffset.MinValue).ToList();
        if (updaters.Count <= MostUpdaters)
        {
            return entries;
        }

        var result = entries.Except(updaters).ToList();
        var merged = updaters.Take(updaters.Count - MostUpdaters + 1).ToList();
        foreach (var version in merged.GroupBy(entry => entry.ApiVersion))
        {
            result.Add(new ManagedFieldsEntry(
                Ancient, "Update", version.Key, null, version.Max(entry => entry.Time),
                    version.Aggregate(new FieldSet(), (set, entry) => set.Union(entry.Fields))));
        }

        result.AddRange(updaters.Skip(merged.Count));
        return result;
    }

    private static ManagedFieldsEntry ReadEntry(JsonObject entry) => new(
        (string?)entry["manager"] ?? "",
        (string?)entry["operation"] ?? "Update",
        (string?)entry["apiVersion"] ?? "",
        (string?)entry["subresource"],
        DateTimeOffset.TryParse((string?)entry["time"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null,
        FieldSet.Read(entry["fieldsV1"] as JsonObject ?? []));

    private static JsonObject WriteEntry(ManagedFieldsEntry entry)
    {
        var result = new JsonObject
        {
            ["manager"] = entry.Manager,
            ["operation"] = entry.Operation,
            ["apiVersion"] = entry.ApiVersion,
        };
        if (entry.Time is { } time)
        {
            result["time"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }

        result["fieldsType"] = "FieldsV1";
        result["fieldsV1"] = entry.Fields.Write();
        if (entry.Subresource is not null)
        {
            result["subresource"] = entry.Subresource;
        }

        return result;
    }
}
