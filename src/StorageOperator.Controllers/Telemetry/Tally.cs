namespace StorageOperator.Controllers.Telemetry;

/// <summary>How many objects there are of each sort, kept by counting changes so that a scrape walks sorts and not objects.</summary>
internal sealed class Tally<TSort>
    where TSort : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TSort, int> _counts = [];

    /// <summary>Moves one object from a sort to another; null for an object that appears or goes.</summary>
    public void Move(TSort? from, TSort? to)
    {
        lock (_gate)
        {
            if (from is not null && --_counts[from] == 0)
            {
                _counts.Remove(from);
            }

            if (to is not null)
            {
                _counts[to] = _counts.GetValueOrDefault(to) + 1;
            }
        }
    }

    /// <summary>The counts now.</summary>
    public KeyValuePair<TSort, int>[] Counts()
    {
        lock (_gate)
        {
            return [.. _counts];
        }
    }
}
