using StorageOperator.Model;

namespace StorageOperator.Runtime.Stores;

/// <summary>The side of an index that its store feeds.</summary>
internal interface IStoreIndex<TEntry>
    where TEntry : class, IEntry
{
    /// <summary>Takes one change. The store calls it from one thread at a time.</summary>
    void Update(TEntry? before, TEntry? after);
}

/// <summary>An index of a store. Most keys have one entry, so a bucket of one costs no collection.</summary>
internal sealed class EntityIndex<TEntry, TIndexKey>(Func<TEntry, IEnumerable<TIndexKey>> keys) : IEntityIndex<TEntry, TIndexKey>, IStoreIndex<TEntry>
    where TEntry : class, IEntry
    where TIndexKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TIndexKey, Bucket> _buckets = [];

    public IReadOnlyList<TEntry> Find(TIndexKey key)
    {
        lock (_gate)
        {
            return _buckets.TryGetValue(key, out var bucket) ? bucket.View() : [];
        }
    }

    public void Update(TEntry? before, TEntry? after)
    {
        // The keys are foreign code: computed outside of the lock, and the new ones before the old ones are taken out, so that a
        // function that throws on an entry leaves the index as it was rather than half changed.
        var added = after is null ? [] : keys(after).ToArray();
        var removed = before is null ? [] : keys(before).ToArray();
        lock (_gate)
        {
            foreach (var key in removed)
            {
                Remove(key, before!.Key);
            }

            foreach (var key in added)
            {
                Add(key, after!);
            }
        }
    }

    private void Add(TIndexKey key, TEntry entry)
    {
        if (_buckets.TryGetValue(key, out var bucket))
        {
            bucket.Add(entry);
        }
        else
        {
            _buckets.Add(key, new Bucket(entry));
        }
    }

    private void Remove(TIndexKey key, ObjectKey name)
    {
        if (_buckets.TryGetValue(key, out var bucket) && bucket.RemoveLast(name))
        {
            _buckets.Remove(key);
        }
    }

    private sealed class Bucket(TEntry first)
    {
        private TEntry[]? _view = [first];
        private Dictionary<ObjectKey, TEntry>? _many;

        /// <summary>The entries as an array that is never changed afterwards.</summary>
        public TEntry[] View() => _view ??= [.. _many!.Values];

        public void Add(TEntry entry)
        {
            if (_many is null)
            {
                _many = new Dictionary<ObjectKey, TEntry> { [_view![0].Key] = _view[0] };
            }

            _many[entry.Key] = entry;
            _view = null;
        }

        /// <summary>Removes an entry; true when the bucket is empty now.</summary>
        public bool RemoveLast(ObjectKey name)
        {
            if (_many is null)
            {
                return _view![0].Key == name;
            }

            _many.Remove(name);
            _view = null;
            return _many.Count == 0;
        }
    }
}
