using StorageOperator.Model;

namespace StorageOperator.Simulation.Operators;

/// <summary>What there is to plan for: a claim or a volume.</summary>
internal readonly record struct WorkKey(bool IsVolume, ObjectKey Key)
{
    public override string ToString() => $"{(IsVolume ? "volume" : "claim")} {Key}";
}

/// <summary>
/// Keys to work on: each waits at most once, and none is worked on twice at the same time; one that comes back meanwhile waits until the
/// work on it is done. Any waiting key may be taken, since the product works on many at once.
/// </summary>
internal sealed class WorkQueue
{
    private readonly List<WorkKey> _ready = [];
    private readonly HashSet<WorkKey> _waiting = [];
    private readonly HashSet<WorkKey> _processing = [];
    private readonly Dictionary<WorkKey, TimeSpan> _delayed = [];

    public int Ready => _ready.Count;

    /// <summary>When the next delayed key is due; null when there is none.</summary>
    public TimeSpan? NextDue => _delayed.Count == 0 ? null : _delayed.Values.Min();

    public void Add(WorkKey key)
    {
        if (_waiting.Add(key) && !_processing.Contains(key))
        {
            _ready.Add(key);
        }
    }

    /// <summary>Adds a key when its time has come; of two times the earlier counts.</summary>
    public void AddAt(WorkKey key, TimeSpan due)
    {
        if (!_delayed.TryGetValue(key, out var known) || due < known)
        {
            _delayed[key] = due;
        }
    }

    /// <summary>Makes the delayed keys ready that are due.</summary>
    public void Wake(TimeSpan now)
    {
        if (_delayed.Count == 0)
        {
            return;
        }

        foreach (var (key, due) in _delayed.OrderBy(pair => pair.Value).ThenBy(pair => pair.Key.IsVolume).ThenBy(pair => pair.Key.Key).ToArray())
        {
            if (due <= now)
            {
                _delayed.Remove(key);
                Add(key);
            }
        }
    }

    public WorkKey Peek(int index) => _ready[index];

    public WorkKey Take(int index)
    {
        var key = _ready[index];
        _ready.RemoveAt(index);
        _waiting.Remove(key);
        _processing.Add(key);
        return key;
    }

    public void Done(WorkKey key)
    {
        _processing.Remove(key);
        if (_waiting.Contains(key))
        {
            _ready.Add(key);
        }
    }
}
