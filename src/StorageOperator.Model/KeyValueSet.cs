using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace StorageOperator.Model;

/// <summary>
/// Labels or annotations: a small immutable map, kept as one sorted array because most objects have fewer than ten
/// (a dictionary of five entries takes about 400 bytes, this 100).
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is a set of key-value pairs; Dictionary would promise mutation.")]
public readonly struct KeyValueSet : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<KeyValueSet>
{
    private readonly KeyValuePair<string, string>[]? _sorted;

    private KeyValueSet(KeyValuePair<string, string>[] sorted) => _sorted = sorted.Length == 0 ? null : sorted;

    /// <summary>The empty set.</summary>
    public static KeyValueSet Empty => default;

    /// <summary>Makes a set; of equal keys the last wins, as in JSON.</summary>
    public static KeyValueSet From(IEnumerable<KeyValuePair<string, string>> pairs)
    {
        var byKey = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            byKey[key] = value;
        }

        return new KeyValueSet([.. byKey]);
    }

    /// <inheritdoc/>
    public int Count => _sorted?.Length ?? 0;

    /// <summary>The value of a key, or null.</summary>
    public string? this[string key]
    {
        get
        {
            foreach (var pair in _sorted ?? [])
            {
                if (string.Equals(pair.Key, key, StringComparison.Ordinal))
                {
                    return pair.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Whether the key is there, whatever its value.</summary>
    public bool Contains(string key) => this[key] is not null;

    /// <summary>The same set with one key set.</summary>
    public KeyValueSet With(string key, string value)
    {
        var sorted = _sorted ?? [];
        var (place, isThere) = PlaceOf(key);
        if (isThere && sorted[place].Value == value)
        {
            return this;
        }

        KeyValuePair<string, string>[] changed = [.. sorted.AsSpan(..place), new(key, value), .. sorted.AsSpan((isThere ? place + 1 : place)..)];
        return new KeyValueSet(changed);
    }

    /// <summary>The same set without a key.</summary>
    public KeyValueSet Without(string key)
    {
        var (place, isThere) = PlaceOf(key);
        return isThere ? new KeyValueSet([.. _sorted.AsSpan(..place), .. _sorted.AsSpan((place + 1)..)]) : this;
    }

    /// <inheritdoc/>
    public bool Equals(KeyValueSet other)
    {
        if (ReferenceEquals(_sorted, other._sorted))
        {
            return true;
        }

        // Pair by pair and text by text: a pair's own Equals boxes both.
        var (left, right) = (_sorted ?? [], other._sorted ?? []);
        var at = 0;
        while (at < left.Length && at < right.Length && left[at].Key == right[at].Key && left[at].Value == right[at].Value)
        {
            at++;
        }

        return at == left.Length && at == right.Length;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KeyValueSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, _sorted![0].Key, _sorted[0].Value);

    /// <summary>Whether both hold the same pairs.</summary>
    public static bool operator ==(KeyValueSet left, KeyValueSet right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(KeyValueSet left, KeyValueSet right) => !left.Equals(right);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, string>>)(_sorted ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The pairs as <c>a=b,c=d</c>.</summary>
    public override string ToString() => string.Join(",", this.Select(pair => $"{pair.Key}={pair.Value}"));

    private (int Place, bool IsThere) PlaceOf(string key)
    {
        var sorted = _sorted ?? [];
        var place = 0;
        while (place < sorted.Length && string.CompareOrdinal(sorted[place].Key, key) < 0)
        {
            place++;
        }

        return (place, place < sorted.Length && sorted[place].Key == key);
    }
}
