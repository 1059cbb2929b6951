namespace StorageOperator.Planning.Cluster;

/// <summary>
/// Objects ordered by size, then name, in blocks of at most 512: finding, adding and removing cost a binary search and the shift of one
/// block, and the number of smaller objects is a sum over blocks. A tree would need a node per object; this needs one reference.
/// </summary>
/// <typeparam name="T">What is ordered.</typeparam>
/// <param name="order">An object's place; it must not change while the object is in the list.</param>
internal sealed class SizeOrderedList<T>(Func<T, SizeKey> order)
    where T : class
{
    private const int BlockSize = 512;

    private readonly List<List<T>> _blocks = [];

    /// <summary>How many objects there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an object that is not in the list.</summary>
    public void Add(T item)
    {
        var key = order(item);
        var block = Math.Min(BlockOf(key), _blocks.Count - 1);
        if (block < 0)
        {
            _blocks.Add([item]);
        }
        else
        {
            var items = _blocks[block];
            items.Insert(PlaceIn(items, key), item);
            if (items.Count > BlockSize)
            {
                Split(block);
            }
        }

        Count++;
    }

    /// <summary>Removes an object by its place; false when it is not there.</summary>
    public bool Remove(T item)
    {
        var key = order(item);
        var block = BlockOf(key);
        if (block == _blocks.Count)
        {
            return false;
        }

        var items = _blocks[block];
        var place = PlaceIn(items, key);
        if (place == items.Count || order(items[place]) != key)
        {
            return false;
        }

        items.RemoveAt(place);
        if (items.Count == 0)
        {
            _blocks.RemoveAt(block);
        }

        Count--;
        return true;
    }

    /// <summary>The largest object, or null.</summary>
    public T? Largest => _blocks.Count == 0 ? null : _blocks[^1][^1];

    /// <summary>How many objects are smaller than a size.</summary>
    public int CountBelow(long bytes)
    {
        var key = new SizeKey(bytes, default);
        var below = 0;
        foreach (var items in _blocks)
        {
            if (order(items[^1]).CompareTo(key) >= 0)
            {
                return below + PlaceIn(items, key);
            }

            below += items.Count;
        }

        return below;
    }

    /// <summary>The largest object smaller than a size, or null.</summary>
    public T? LargestBelow(long bytes) => Descending(bytes - 1).FirstOrDefault();

    /// <summary>The objects of at least a size, smallest first.</summary>
    public IEnumerable<T> Ascending(long atLeast)
    {
        var key = new SizeKey(atLeast, default);
        for (var block = BlockOf(key); block < _blocks.Count; block++)
        {
            var items = _blocks[block];
            for (var place = PlaceIn(items, key); place < items.Count; place++)
            {
                yield return items[place];
            }
        }
    }

    /// <summary>The first object of at least a size, or null: <see cref="Ascending"/> without an enumerator.</summary>
    public T? SmallestFrom(long atLeast)
    {
        var key = new SizeKey(atLeast, default);
        var block = BlockOf(key);
        return block == _blocks.Count ? null : _blocks[block][PlaceIn(_blocks[block], key)];
    }

    /// <summary>The objects of at most a size, largest first.</summary>
    public IEnumerable<T> Descending(long atMost)
    {
        var (block, place) = atMost == long.MaxValue ? (_blocks.Count, 0) : FirstFrom(new SizeKey(atMost + 1, default));
        while (true)
        {
            if (--place < 0)
            {
                if (--block < 0)
                {
                    yield break;
                }

                place = _blocks[block].Count - 1;
            }

            yield return _blocks[block][place];
        }
    }

    private (int Block, int Place) FirstFrom(SizeKey key)
    {
        var block = BlockOf(key);
        return block == _blocks.Count ? (block, 0) : (block, PlaceIn(_blocks[block], key));
    }

    // The first block whose last object is not before the key.
    private int BlockOf(SizeKey key)
    {
        var (low, high) = (0, _blocks.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = order(_blocks[middle][^1]).CompareTo(key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private int PlaceIn(List<T> items, SizeKey key)
    {
        var (low, high) = (0, items.Count);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = order(items[middle]).CompareTo(key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Split(int block)
    {
        var items = _blocks[block];
        var half = items.Count / 2;
        _blocks.Insert(block + 1, items.GetRange(half, items.Count - half));
        items.RemoveRange(half, items.Count - half);
    }
}
