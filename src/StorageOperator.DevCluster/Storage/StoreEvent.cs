using System.Collections.Immutable;

namespace StorageOperator.DevCluster.Storage;

/// <summary>What happened to an object.</summary>
internal enum StoreEventType
{
    /// <summary>It did not exist before.</summary>
    Added,

    /// <summary>It was replaced by a newer state.</summary>
    Modified,

    /// <summary>It is gone; the event carries its last state with the revision of its removal.</summary>
    Deleted,
}

/// <summary>One write. It keeps the whole collection as it was right after it, so that any revision in the history can be listed.</summary>
internal sealed record StoreEvent(
    StoreEventType Type,
    string Resource,
    StoredObject Object,
    StoredObject? Previous,
    ImmutableSortedSet<StoredObject> After)
{
    /// <summary>The store's revision of this write.</summary>
    public long Revision => Object.Revision;
}

/// <summary>A collection as of one revision.</summary>
internal readonly record struct Snapshot(long Revision, ImmutableSortedSet<StoredObject> Objects)
{
    /// <summary>The object with this key, or null.</summary>
    public StoredObject? Find(string key) =>
        Objects.TryGetValue(StoredObject.Probe(key), out StoredObject found) ? found : null;

    /// <summary>The objects of one namespace (all when empty), in key order, from a key on.</summary>
    public IEnumerable<StoredObject> Range(string ns, string? fromKey = null)
    {
        string first = fromKey ?? (ns.Length == 0 ? "" : ns + "/");
        int index = first.Length == 0 ? 0 : Objects.IndexOf(StoredObject.Probe(first));
        for (index = index < 0 ? ~index : index; index < Objects.Count; index++)
        {
            StoredObject found = Objects[index];
            if (ns.Length > 0 && found.Namespace != ns)
            {
                yield break;
            }
            yield return found;
        }
    }
}

/// <summary>What a watch receives: an event, or (without one) a bookmark that everything up to a revision has been delivered.</summary>
internal readonly record struct WatchItem(StoreEvent? Event, long Revision);

/// <summary>The history no longer (or not yet) reaches to a revision that was asked for.</summary>
internal sealed class RevisionUnavailableException(long asked, long limit, bool isFuture)
    : Exception($"revision {asked} is not available, the limit is {limit}")
{
    /// <summary>The revision that was asked for.</summary>
    public long Asked { get; } = asked;

    /// <summary>The oldest revision still available or, for a future revision, the newest.</summary>
    public long Limit { get; } = limit;

    /// <summary>Whether the revision lies ahead of the store; otherwise it has been compacted away.</summary>
    public bool IsFuture { get; } = isFuture;
}
