using StorageOperator.Model;

namespace StorageOperator.Runtime.Stores;

/// <summary>Where a change came from.</summary>
public enum ChangeOrigin
{
    /// <summary>A list (the first one or a re-list), or the replay to a new subscriber.</summary>
    InitialList,

    /// <summary>A watch event.</summary>
    Watch,

    /// <summary>The result of a write of this process.</summary>
    OwnWrite,
}

/// <summary>One change of a store: appearance (no <see cref="Before"/>), new version, or disappearance (no <see cref="After"/>).</summary>
/// <param name="Before">What was stored.</param>
/// <param name="After">What is stored now.</param>
/// <param name="Origin">Where the change came from.</param>
public readonly record struct StoreChange<TEntry>(TEntry? Before, TEntry? After, ChangeOrigin Origin)
    where TEntry : class, IEntry;

/// <summary>
/// Told of every change, in order. Runs while the store's writers wait, so it must be quick; it may read this and other stores
/// but must not write to any (a lock order between stores does not exist).
/// </summary>
public interface IStoreObserver<TEntry>
    where TEntry : class, IEntry
{
    /// <summary>Takes one change.</summary>
    void OnChange(in StoreChange<TEntry> change);
}

/// <summary>Finds entries by a derived key.</summary>
public interface IEntityIndex<TEntry, TIndexKey>
    where TEntry : class, IEntry
    where TIndexKey : notnull
{
    /// <summary>The entries with this key, in no order; a snapshot that later changes do not touch.</summary>
    IReadOnlyList<TEntry> Find(TIndexKey key);
}

/// <summary>The objects of one kind as an informer knows them, with this process' own writes laid over them at once.</summary>
public interface IEntityStore<TEntry>
    where TEntry : class, IEntry
{
    /// <summary>Whether the first list is in.</summary>
    bool HasSynced { get; }

    /// <summary>Completes when the first list is in.</summary>
    Task WaitForSyncAsync(CancellationToken ct);

    /// <summary>Everything up to this version has been seen; moved by lists, events and bookmarks, not by own writes.</summary>
    ulong ResourceVersion { get; }

    /// <summary>The number of entries.</summary>
    int Count { get; }

    /// <summary>The entry of that name, or null.</summary>
    TEntry? Get(ObjectKey key);

    /// <summary>All entries, in no order; a snapshot that later changes do not touch.</summary>
    IReadOnlyList<TEntry> Snapshot();

    /// <summary>
    /// Takes the result of an own write: stored and announced if newer than what is held; an older or equal one is dropped,
    /// and one of an object known to be deleted is never resurrected.
    /// </summary>
    void Assume(TEntry entry);

    /// <summary>Takes an own delete that took full effect (no finalizer held it).</summary>
    void AssumeDeleted(ObjectKey key, string uid);

    /// <summary>
    /// Replays the present contents (no Before, <see cref="ChangeOrigin.InitialList"/>), then every change, until disposed.
    /// </summary>
    IDisposable Subscribe(IStoreObserver<TEntry> observer);

    /// <summary>Adds an index over present and future contents. <paramref name="keys"/> must be a pure function of the entry.</summary>
    IEntityIndex<TEntry, TIndexKey> AddIndex<TIndexKey>(Func<TEntry, IEnumerable<TIndexKey>> keys)
        where TIndexKey : notnull;
}
