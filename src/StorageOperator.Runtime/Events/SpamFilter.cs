namespace StorageOperator.Runtime.Events;

/// <summary>Limits the different events one object may cause: 25 at once, then one every 5 minutes.</summary>
internal sealed class SpamFilter(TimeProvider time)
{
    private const double Burst = 25;
    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, (double Tokens, long At)> _buckets = new(StringComparer.Ordinal);

    public bool Allows(string uid)
    {
        var tokens = Tokens(uid);
        if (tokens < 1)
        {
            return false;
        }

        _buckets[uid] = (tokens - 1, time.GetTimestamp());
        return true;
    }

    /// <summary>Forgets objects that have not caused events for so long that all their tokens are back.</summary>
    public void Prune()
    {
        foreach (var uid in _buckets.Keys.Where(u => Tokens(u) >= Burst).ToArray())
        {
            _buckets.Remove(uid);
        }
    }

    private double Tokens(string uid) => _buckets.TryGetValue(uid, out var bucket)
        ? Math.Min(Burst, bucket.Tokens + (time.GetElapsedTime(bucket.At) / Refill))
        : Burst;
}
