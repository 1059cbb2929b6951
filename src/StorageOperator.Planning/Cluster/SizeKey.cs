using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>Where an object stands in an order by size: equal sizes are told apart by name, so every choice is deterministic.</summary>
/// <param name="Bytes">The size.</param>
/// <param name="Key">The object.</param>
internal readonly record struct SizeKey(long Bytes, ObjectKey Key) : IComparable<SizeKey>
{
    public int CompareTo(SizeKey other)
    {
        var bySize = Bytes.CompareTo(other.Bytes);
        return bySize != 0 ? bySize : Key.CompareTo(other.Key);
    }
}
