using System.Collections.Immutable;

namespace StorageOperator.DevCluster.Storage;

/// <summary>
/// One resource's objects and its latest events, a ring of bounded length. Not thread-safe: the store's lock guards it.
/// </summary>
internal sealed class ResourceHistory(int capacity)
{
    private static readonly ImmutableSortedSet<StoredObject> Empty = ImmutableSortedSet.Create<StoredObject>(
        Comparer<StoredObject>.Create((left, right) => string.CompareOrdinal(left.Key, right.Key)));

    private readonly StoreEvent?[] _ring = new StoreEvent?[capacity];
    private ImmutableSortedSet<StoredObject> _beforeRing = Empty;
    private long _appended;
    private long _dropped;

    /// <summary>The objects now.</summary>
    public ImmutableSortedSet<StoredObject> Objects { get; private set; } = Empty;

    /// <summary>Watches and lists from before this revision are refused: events up to it have been forgotten.</summary>
    public long CompactedRevision { get; private set; }

    /// <summary>Takes a write in; forgets the oldest one when the ring is full.</summary>
    public void Append(StoreEvent written)
    {
        if (_appended - _dropped == capacity)
        {
            DropOldest();
        }
        _ring[_appended++ % capacity] = written;
        Objects = written.After;
    }

    /// <summary>Loads objects of a snapshot, as the state before any event.</summary>
    public void Load(IEnumerable<StoredObject> objects) => Objects = _beforeRing = Empty.Union(objects);

    /// <summary>Forgets every event up to a revision.</summary>
    public void Compact(long revision)
    {
        while (_dropped < _appended && At(_dropped).Revision <= revision)
        {
            DropOldest();
        }
        CompactedRevision = Math.Max(CompactedRevision, revision);
    }

    /// <summary>The objects as they were at a revision that is not compacted.</summary>
    public ImmutableSortedSet<StoredObject> ObjectsAt(long revision)
    {
        long next = FirstAfter(revision);
        return next == _dropped ? _beforeRing : At(next - 1).After;
    }

    /// <summary>The events after a revision, oldest first.</summary>
    public IEnumerable<StoreEvent> EventsAfter(long revision)
    {
        for (long index = FirstAfter(revision); index < _appended; index++)
        {
            yield return At(index);
        }
    }

    private StoreEvent At(long index) => _ring[index % capacity]!;

    private void DropOldest()
    {
        StoreEvent oldest = At(_dropped);
        _ring[_dropped++ % capacity] = null;
        _beforeRing = oldest.After;
        CompactedRevision = oldest.Revision;
    }

    private long FirstAfter(long revision)
    {
        long low = _dropped, high = _appended;
        while (low < high)
        {
            long middle = (low + high) / 2;
            if (At(middle).Revision <= revision)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
