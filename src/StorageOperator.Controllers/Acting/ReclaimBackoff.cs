namespace StorageOperator.Controllers.Acting;

/// <summary>When a volume whose reclaim failed may be tried again: after half a second, doubling up to two minutes, for ever.</summary>
internal sealed class ReclaimBackoff(TimeProvider time)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(122);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (int Failures, DateTimeOffset NotBefore)> _failed = new(StringComparer.Ordinal);

    /// <summary>How long to wait still; zero when the volume may be tried.</summary>
    public TimeSpan Remaining(string volumeUid)
    {
        lock (_gate)
        {
            var left = _failed.TryGetValue(volumeUid, out var entry) ? entry.NotBefore - time.GetUtcNow() : TimeSpan.Zero;
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Notes one more failure.</summary>
    public void Failed(string volumeUid)
    {
        lock (_gate)
        {
            var failures = _failed.GetValueOrDefault(volumeUid).Failures;
            var pause = First * Math.Pow(2, Math.Min(failures, 20));
            _failed[volumeUid] = (failures + 1, time.GetUtcNow() + (pause < Longest ? pause : Longest));
        }
    }

    /// <summary>Forgets a volume that was reclaimed or is gone.</summary>
    public void Forget(string volumeUid)
    {
        lock (_gate)
        {
            _failed.Remove(volumeUid);
        }
    }
}
