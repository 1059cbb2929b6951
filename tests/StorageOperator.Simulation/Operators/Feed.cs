using StorageOperator.Model;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>
/// What one process knows of one kind: a list from some moment, then watch events one by one whenever the network delivers them, with
/// the results of own writes laid over it at once. The rules are those of the product's EntityStore.
/// </summary>
/// <param name="table">What truly happened.</param>
/// <param name="changed">Told of every change of what is known.</param>
internal sealed class Feed<T>(Table<T> table, Action<T?, T?> changed)
    where T : class, IEntry
{
    private readonly Dictionary<ObjectKey, T> _held = [];
    private readonly HashSet<string> _assumedDeleted = new(StringComparer.Ordinal);
    private int _position;
    private ulong _seen;

    /// <summary>How many changes have happened that were not delivered yet.</summary>
    public int Behind => table.Log.Count - _position;

    /// <summary>Everything that is held.</summary>
    public IReadOnlyCollection<T> Held => _held.Values;

    /// <summary>
    /// Takes a list in place of all events up to it: the objects that are gone meanwhile are noticed by their absence, and what came and
    /// went in between is never heard of.
    /// </summary>
    /// <param name="behind">How many of the last changes the list does not show: an API server may answer from a cache of its own.</param>
    public void List(int behind = 0)
    {
        _position = Math.Max(_position, table.Log.Count - behind);
        var listed = new Dictionary<ObjectKey, T>();
        foreach (var change in table.Log.Take(_position))
        {
            _seen = change.Version;
            if (change.After is { } present)
            {
                listed[present.Key] = present;
            }
            else
            {
                listed.Remove(change.Before!.Key);
            }
        }

        _assumedDeleted.Clear();
        foreach (var entry in listed.Values)
        {
            Put(entry);
        }

        foreach (var held in _held.Values.Where(held => !listed.ContainsKey(held.Key) && held.ResourceVersion <= _seen).ToArray())
        {
            Remove(held);
        }
    }

    /// <summary>Delivers the next event.</summary>
    public void Next()
    {
        var change = table.Log[_position++];
        _seen = change.Version;
        if (change.After is { } entry)
        {
            if (!_assumedDeleted.Contains(entry.Uid))
            {
                Put(entry);
            }

            return;
        }

        _assumedDeleted.Remove(change.Before!.Uid);
        if (_held.GetValueOrDefault(change.Before.Key) is { } held && held.ResourceVersion <= change.Version)
        {
            Remove(held);
        }
    }

    /// <summary>Takes the result of an own write or read.</summary>
    public void Assume(T entry)
    {
        var passed = entry.ResourceVersion <= _seen;
        if (!_assumedDeleted.Contains(entry.Uid) && !(passed && !_held.ContainsKey(entry.Key)))
        {
            Put(entry);
        }
    }

    /// <summary>Takes an own delete that took full effect.</summary>
    public void AssumeDeleted(ObjectKey key, string uid)
    {
        if (_held.GetValueOrDefault(key) is { } held && held.Uid == uid)
        {
            _assumedDeleted.Add(uid);
            Remove(held);
        }
    }

    private void Put(T entry)
    {
        var held = _held.GetValueOrDefault(entry.Key);
        if (held is null || entry.ResourceVersion > held.ResourceVersion)
        {
            _held[entry.Key] = entry;
            changed(held, entry);
        }
    }

    private void Remove(T held)
    {
        _held.Remove(held.Key);
        changed(held, null);
    }
}
