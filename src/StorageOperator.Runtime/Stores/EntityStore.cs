using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StorageOperator.Model;

namespace StorageOperator.Runtime.Stores;

/// <summary>The store behind an informer.</summary>
/// <remarks>
/// Two locks, always taken in this order. <c>_writes</c> makes writers one after another and is held while observers run, so that
/// they see changes in order. <c>_data</c> guards the dictionaries for a few instructions and is never held while foreign code runs;
/// readers take only this one. So an observer of one store may read another store whose observer reads the first, without a deadlock.
/// </remarks>
public sealed partial class EntityStore<TEntry>(ILogger? logger = null) : IEntityStore<TEntry>
    where TEntry : class, IEntry
{
    private readonly Lock _writes = new();
    private readonly Lock _data = new();
    private readonly Dictionary<ObjectKey, TEntry> _entries = [];
    private readonly HashSet<string> _assumedDeleted = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private IStoreObserver<TEntry>[] _observers = [];
    private IStoreIndex<TEntry>[] _indexes = [];
    private TEntry[]? _snapshot;
    private ulong _resourceVersion;

    /// <inheritdoc/>
    public bool HasSynced => _synced.Task.IsCompleted;

    /// <inheritdoc/>
    public ulong ResourceVersion => Volatile.Read(ref _resourceVersion);

    /// <inheritdoc/>
    public int Count
    {
        get
        {
            lock (_data)
            {
                return _entries.Count;
            }
        }
    }

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken ct) => _synced.Task.WaitAsync(ct);

    /// <inheritdoc/>
    public TEntry? Get(ObjectKey key)
    {
        lock (_data)
        {
            return _entries.GetValueOrDefault(key);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TEntry> Snapshot()
    {
        lock (_data)
        {
            return _snapshot ??= [.. _entries.Values];
        }
    }

    /// <inheritdoc/>
    public void Assume(TEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        lock (_writes)
        {
            // What the informer has passed, it has told of: if the object is not here although the version lies behind, it is deleted.
            var passed = entry.ResourceVersion <= _resourceVersion;
            if (_assumedDeleted.Contains(entry.Uid) || (passed && Get(entry.Key) is null))
            {
                return;
            }

            Put_NeedsWrites(entry, ChangeOrigin.OwnWrite);
        }
    }

    /// <inheritdoc/>
    public void AssumeDeleted(ObjectKey key, string uid)
    {
        ArgumentException.ThrowIfNullOrEmpty(uid);
        lock (_writes)
        {
            if (Get(key) is { } held && held.Uid == uid)
            {
                // Until the watch tells of the delete, late results of earlier writes and events on their way must not bring it back.
                _assumedDeleted.Add(uid);
                Remove_NeedsWrites(held, ChangeOrigin.OwnWrite);
            }
        }
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(IStoreObserver<TEntry> observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        lock (_writes)
        {
            foreach (var entry in Snapshot())
            {
                observer.OnChange(new StoreChange<TEntry>(null, entry, ChangeOrigin.InitialList));
            }

            _observers = [.. _observers, observer];
        }

        return new Subscription(this, observer);
    }

    /// <inheritdoc/>
    public IEntityIndex<TEntry, TIndexKey> AddIndex<TIndexKey>(Func<TEntry, IEnumerable<TIndexKey>> keys)
        where TIndexKey : notnull
    {
        ArgumentNullException.ThrowIfNull(keys);
        var index = new EntityIndex<TEntry, TIndexKey>(keys);
        lock (_writes)
        {
            foreach (var entry in Snapshot())
            {
                index.Update(null, entry);
            }

            _indexes = [.. _indexes, index];
        }

        return index;
    }

    /// <summary>Takes an ADDED or MODIFIED event. Older than or equal to what is held: only the version moves.</summary>
    internal void ApplyEvent(TEntry entry)
    {
        lock (_writes)
        {
            if (!_assumedDeleted.Contains(entry.Uid))
            {
                Put_NeedsWrites(entry, ChangeOrigin.Watch);
            }

            MoveTo_NeedsWrites(entry.ResourceVersion);
        }
    }

    /// <summary>Takes a DELETED event, or an event that ended our interest in an object.</summary>
    internal void ApplyDelete(ObjectKey key, string uid, ulong version)
    {
        lock (_writes)
        {
            _assumedDeleted.Remove(uid);

            // A newer one is a successor of the same name that an own write already brought.
            if (Get(key) is { } held && held.ResourceVersion <= version)
            {
                Remove_NeedsWrites(held, ChangeOrigin.Watch);
            }

            MoveTo_NeedsWrites(version);
        }
    }

    /// <summary>Takes a bookmark.</summary>
    internal void MoveTo(ulong version)
    {
        lock (_writes)
        {
            MoveTo_NeedsWrites(version);
        }
    }

    /// <summary>
    /// Takes a whole list as of <paramref name="version"/>: entries of the list that are newer are put, and what is held but not listed
    /// is removed with its last known state, except what an own write made after the list.
    /// </summary>
    /// <param name="listed">All objects of the list.</param>
    /// <param name="undecodable">Keys of listed objects that could not be decoded: what is held of them stays.</param>
    /// <param name="version">The version of the list.</param>
    internal void Replace(IReadOnlyCollection<TEntry> listed, IReadOnlySet<ObjectKey> undecodable, ulong version)
    {
        lock (_writes)
        {
            // Lists are quorum reads, so a list behind what was seen means that the server's history was reset (etcd restored from a
            // backup): versions held are then of another history and count for nothing.
            var rewound = version < _resourceVersion;
            var seen = new HashSet<ObjectKey>(listed.Count);
            _assumedDeleted.Clear();
            foreach (var entry in listed)
            {
                seen.Add(entry.Key);
                Put_NeedsWrites(entry, ChangeOrigin.InitialList, evenOlder: rewound);
            }

            foreach (var held in Snapshot())
            {
                var newerThanList = held.ResourceVersion > version && !rewound;
                if (!seen.Contains(held.Key) && !undecodable.Contains(held.Key) && !newerThanList)
                {
                    Remove_NeedsWrites(held, ChangeOrigin.InitialList);
                }
            }

            Volatile.Write(ref _resourceVersion, version);
        }

        _synced.TrySetResult();
    }

    private void Put_NeedsWrites(TEntry entry, ChangeOrigin origin, bool evenOlder = false)
    {
        var held = Get(entry.Key);
        var fresh = held is null || (evenOlder ? entry.ResourceVersion != held.ResourceVersion : entry.ResourceVersion > held.ResourceVersion);
        if (!fresh)
        {
            return;
        }

        lock (_data)
        {
            _entries[entry.Key] = entry;
            _snapshot = null;
        }

        Announce_NeedsWrites(new StoreChange<TEntry>(held, entry, origin));
    }

    private void Remove_NeedsWrites(TEntry held, ChangeOrigin origin)
    {
        lock (_data)
        {
            _entries.Remove(held.Key);
            _snapshot = null;
        }

        Announce_NeedsWrites(new StoreChange<TEntry>(held, null, origin));
    }

    private void MoveTo_NeedsWrites(ulong version)
    {
        if (version > _resourceVersion)
        {
            Volatile.Write(ref _resourceVersion, version);
        }
    }

    /// <summary>Indexes first: an observer that looks the entry up finds it.</summary>
    private void Announce_NeedsWrites(in StoreChange<TEntry> change)
    {
        foreach (var index in _indexes)
        {
            try
            {
                index.Update(change.Before, change.After);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogIndexFailed(_logger, (change.After ?? change.Before)!.Key, e);
            }
        }

        foreach (var observer in _observers)
        {
            try
            {
                observer.OnChange(change);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogObserverFailed(_logger, (change.After ?? change.Before)!.Key, e);
            }
        }
    }

    private sealed class Subscription(EntityStore<TEntry> store, IStoreObserver<TEntry> observer) : IDisposable
    {
        public void Dispose()
        {
            lock (store._writes)
            {
                store._observers = [.. store._observers.Where(o => !ReferenceEquals(o, observer))];
            }
        }
    }

    [LoggerMessage(EventId = 100, Level = LogLevel.Error, Message = "Failed to index an object, it cannot be found by this index: {Key}")]
    private static partial void LogIndexFailed(ILogger logger, ObjectKey key, Exception error);

    [LoggerMessage(EventId = 101, Level = LogLevel.Error, Message = "An observer failed on a change of {Key}, the others were told")]
    private static partial void LogObserverFailed(ILogger logger, ObjectKey key, Exception error);
}
