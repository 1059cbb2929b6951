namespace StorageOperator.Planning.Cluster;

/// <summary>
/// UIDs of claims that are known to be gone for good: their deletion was seen, or a read of the API server that no cache answered did
/// not find them. "Not in the cache" alone can be wrong, since a cache can lag; this is wrong only if the API server's data was restored
/// from a backup, so where a cache holds such a claim again the API server is asked once more.
/// </summary>
/// <remarks>Bounded: when full, the older half is forgotten, and what was forgotten is asked for again.</remarks>
public sealed class DepartedClaims
{
    private const int Capacity = 131_072;

    private HashSet<string> _newer = new(StringComparer.Ordinal);
    private HashSet<string> _older = new(StringComparer.Ordinal);

    /// <summary>Records that the claim of this UID is gone.</summary>
    public void Add(string uid)
    {
        if (uid.Length == 0 || !_newer.Add(uid) || _newer.Count < Capacity / 2)
        {
            return;
        }

        (_older, _newer) = (_newer, new HashSet<string>(StringComparer.Ordinal));
    }

    /// <summary>Takes it back: the claim of this UID is there again, which only happens when the API server's data was restored from a backup.</summary>
    public void Remove(string uid)
    {
        _newer.Remove(uid);
        _older.Remove(uid);
    }

    /// <summary>Whether the claim of this UID is known to be gone.</summary>
    public bool Contains(string uid) => _newer.Contains(uid) || _older.Contains(uid);
}
