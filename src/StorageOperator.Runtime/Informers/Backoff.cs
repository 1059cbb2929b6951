namespace StorageOperator.Runtime.Informers;

/// <summary>
/// Growing pauses between tries: each twice the one before, with up to as much again at random, so that many clients do not come back
/// together.
/// </summary>
internal sealed class Backoff(TimeSpan first, TimeSpan most)
{
    private int _failures;

    /// <summary>The pause before the next try.</summary>
    public TimeSpan Next() => Pause(first, most, _failures++);

    /// <summary>Starts over after a success.</summary>
    public void Reset() => _failures = 0;

    /// <summary>
    /// The pause after so many failures: from the doubled base, half of it at random, never above <paramref name="most"/>.
    /// </summary>
    public static TimeSpan Pause(TimeSpan first, TimeSpan most, int failures)
    {
        var doubled = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 60)));
        return TimeSpan.FromMilliseconds(doubled * (0.5 + (Random.Shared.NextDouble() / 2)));
    }
}
