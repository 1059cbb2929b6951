using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace StorageOperator.DevCluster.Storage;

/// <summary>
/// All objects of the cluster, in memory, with one revision counter: every write takes the next revision, and each resource keeps
/// enough history to be listed at, and watched from, a recent revision. One lock orders all writes, the log and the hand-over to the
/// watches; reading takes an immutable snapshot and holds the lock only to pick it up.
/// </summary>
internal sealed class ObjectStore : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceHistory> _resources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<StoreWatch>> _watches = new(StringComparer.Ordinal);
    private readonly int _historyLength;
    private readonly StoreLog? _log;
    private long _revision;
    private long _loadedRevision;

    /// <param name="historyLength">How many events each resource remembers, at least 1.</param>
    /// <param name="log">Where writes are kept across restarts; what it holds is loaded first.</param>
    public ObjectStore(int historyLength = 16_384, StoreLog? log = null)
    {
        _historyLength = historyLength;
        _log = log;
        log?.Restore(this);
    }

    /// <summary>The revision of the latest write.</summary>
    public long Revision
    {
        get
        {
            lock (_gate)
            {
                return _revision;
            }
        }
    }

    /// <summary>The resources that hold or held objects, as the keys that were used to write them.</summary>
    public IReadOnlyList<string> Resources
    {
        get
        {
            lock (_gate)
            {
                return [.. _resources.Keys];
            }
        }
    }

    /// <summary>A resource's objects now.</summary>
    public Snapshot Read(string resource)
    {
        lock (_gate)
        {
            return new Snapshot(_revision, History_NeedsLock(resource).Objects);
        }
    }

    /// <summary>A resource's objects at a revision.</summary>
    /// <exception cref="RevisionUnavailableException">It is compacted or in the future.</exception>
    public Snapshot ReadAt(string resource, long revision)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            ThrowIfUnavailable_NeedsLock(history, revision);
            return new Snapshot(revision, history.ObjectsAt(revision));
        }
    }

    /// <summary>A resource's objects at a revision or, where the history does not reach, at the nearest one that it does reach.</summary>
    public Snapshot ReadNear(string resource, long revision)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            long near = Math.Clamp(revision, history.CompactedRevision, _revision);
            return new Snapshot(near, history.ObjectsAt(near));
        }
    }

    /// <summary>The latest state of an object, or null.</summary>
    public StoredObject? Get(string resource, string key) => Read(resource).Find(key);

    /// <summary>Adds an object; null when the key is taken.</summary>
    public StoredObject? Create(string resource, string key, JsonObject value)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            if (history.Objects.Contains(StoredObject.Probe(key)))
            {
                return null;
            }
            StoredObject stored = StoredObject.From(key, _revision + 1, value);
            Commit_NeedsLock(history, new StoreEvent(StoreEventType.Added, resource, stored, null, history.Objects.Add(stored)));
            return stored;
        }
    }

    /// <summary>Replaces an object that is still at the expected revision; null when it has moved on or is gone.</summary>
    public StoredObject? Replace(string resource, StoredObject expected, JsonObject value)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            if (!IsCurrent_NeedsLock(history, expected))
            {
                return null;
            }
            StoredObject stored = StoredObject.From(expected.Key, _revision + 1, value);
            ImmutableSortedSet<StoredObject> after = history.Objects.Remove(expected).Add(stored);
            Commit_NeedsLock(history, new StoreEvent(StoreEventType.Modified, resource, stored, expected, after));
            return stored;
        }
    }

    /// <summary>Removes an object that is still at the expected revision; null when it has moved on or is gone.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="expected">The state that the caller has seen.</param>
    /// <param name="last">What watches shall see as the last state; the expected state when null.</param>
    public StoredObject? Remove(string resource, StoredObject expected, JsonObject? last = null)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            if (!IsCurrent_NeedsLock(history, expected))
            {
                return null;
            }
            StoredObject stored = StoredObject.From(expected.Key, _revision + 1, last ?? expected.ToJson());
            ImmutableSortedSet<StoredObject> after = history.Objects.Remove(expected);
            Commit_NeedsLock(history, new StoreEvent(StoreEventType.Deleted, resource, stored, expected, after));
            return stored;
        }
    }

    /// <summary>Watches a resource from right after a revision; null starts at its present state, which the watch then carries.</summary>
    /// <exception cref="RevisionUnavailableException">The history no longer reaches back to it.</exception>
    public StoreWatch Watch(string resource, long? after)
    {
        lock (_gate)
        {
            ResourceHistory history = History_NeedsLock(resource);
            if (after < history.CompactedRevision)
            {
                throw new RevisionUnavailableException(after.Value, history.CompactedRevision, isFuture: false);
            }
            var watch = new StoreWatch(this, resource, new Snapshot(_revision, history.Objects), after ?? _revision);
            foreach (StoreEvent missed in after is null ? [] : history.EventsAfter(after.Value))
            {
                watch.Post(new WatchItem(missed, missed.Revision));
            }
            Subscribers_NeedsLock(resource).Add(watch);
            return watch;
        }
    }

    /// <summary>Watches every resource from now on.</summary>
    public StoreWatch WatchAll()
    {
        lock (_gate)
        {
            var watch = new StoreWatch(this, "", new Snapshot(_revision, []), _revision);
            Subscribers_NeedsLock("").Add(watch);
            return watch;
        }
    }

    /// <summary>Puts a bookmark behind everything the watch has been handed so far.</summary>
    public void PostBookmark(StoreWatch watch)
    {
        lock (_gate)
        {
            watch.Post(new WatchItem(null, _revision));
        }
    }

    /// <summary>Ends a watch.</summary>
    public void Unsubscribe(StoreWatch watch)
    {
        lock (_gate)
        {
            Subscribers_NeedsLock(watch.Resource).Remove(watch);
        }
    }

    /// <summary>Forgets all history, so that watches and lists from before the present revision are answered with 410 Gone.</summary>
    /// <returns>The present revision.</returns>
    public long Compact()
    {
        lock (_gate)
        {
            foreach (ResourceHistory history in _resources.Values)
            {
                history.Compact(_revision);
            }
            return _revision;
        }
    }

    /// <summary>Takes up a snapshot, which may hold no objects at all. Only for the log, before the store is used.</summary>
    internal void Load(long revision, IEnumerable<(string Resource, IEnumerable<StoredObject> Objects)> resources)
    {
        _revision = _loadedRevision = revision;
        foreach ((string resource, IEnumerable<StoredObject> objects) in resources)
        {
            History_NeedsLock(resource).Load(objects);
        }
    }

    /// <summary>Repeats a logged write. Only for the log, before the store is used.</summary>
    internal void Replay(StoreEventType type, string resource, StoredObject stored)
    {
        ResourceHistory history = History_NeedsLock(resource);
        StoredObject? previous = history.Objects.TryGetValue(stored, out StoredObject found) ? found : null;
        ImmutableSortedSet<StoredObject> without = history.Objects.Remove(stored);
        ImmutableSortedSet<StoredObject> after = type == StoreEventType.Deleted ? without : without.Add(stored);
        history.Append(new StoreEvent(type, resource, stored, previous, after));
        _revision = Math.Max(_revision, stored.Revision);
    }

    /// <inheritdoc/>
    public void Dispose() => _log?.Dispose();

    private static bool IsCurrent_NeedsLock(ResourceHistory history, StoredObject expected) =>
        history.Objects.TryGetValue(expected, out StoredObject current) && current.Revision == expected.Revision;

    private void ThrowIfUnavailable_NeedsLock(ResourceHistory history, long revision)
    {
        if (revision > _revision)
        {
            throw new RevisionUnavailableException(revision, _revision, isFuture: true);
        }
        if (revision < history.CompactedRevision)
        {
            throw new RevisionUnavailableException(revision, history.CompactedRevision, isFuture: false);
        }
    }

    // The log comes first: a write that watches have seen is never lost by a crash.
    private void Commit_NeedsLock(ResourceHistory history, StoreEvent written)
    {
        _log?.Append(written);
        _revision = written.Revision;
        history.Append(written);
        var item = new WatchItem(written, written.Revision);
        foreach (StoreWatch watch in Subscribers_NeedsLock(written.Resource))
        {
            watch.Post(item);
        }
        foreach (StoreWatch watch in Subscribers_NeedsLock(""))
        {
            watch.Post(item);
        }
        if (_log?.WantsSnapshot == true)
        {
            _log.StartSnapshot(_revision, [.. _resources.Select(pair => (pair.Key, pair.Value.Objects))]);
        }
    }

    private ResourceHistory History_NeedsLock(string resource)
    {
        if (!_resources.TryGetValue(resource, out ResourceHistory? history))
        {
            // Nothing is known of the time before the snapshot, of resources without objects in it neither.
            history = new ResourceHistory(_historyLength);
            history.Compact(_loadedRevision);
            _resources.Add(resource, history);
        }
        return history;
    }

    private HashSet<StoreWatch> Subscribers_NeedsLock(string resource)
    {
        if (!_watches.TryGetValue(resource, out HashSet<StoreWatch>? watches))
        {
            watches = [];
            _watches.Add(resource, watches);
        }
        return watches;
    }
}

/// <summary>One subscription: the state it started from and the items that follow, in order and without a gap.</summary>
internal sealed class StoreWatch : IDisposable
{
    private readonly ObjectStore _store;
    private readonly Channel<WatchItem> _items = Channel.CreateUnbounded<WatchItem>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });

    internal StoreWatch(ObjectStore store, string resource, Snapshot start, long after)
    {
        _store = store;
        Resource = resource;
        Start = start;
        After = after;
    }

    /// <summary>The resource; empty for all.</summary>
    public string Resource { get; }

    /// <summary>The collection at the moment of subscribing.</summary>
    public Snapshot Start { get; }

    /// <summary>Items with this revision or less are not of interest to the subscriber.</summary>
    public long After { get; }

    /// <summary>What follows.</summary>
    public ChannelReader<WatchItem> Items => _items.Reader;

    /// <inheritdoc/>
    public void Dispose() => _store.Unsubscribe(this);

    internal void Post(WatchItem item)
    {
        if (item.Event is null || item.Revision > After)
        {
            _items.Writer.TryWrite(item);
        }
    }
}
