using StorageOperator.Model;

namespace StorageOperator.Simulation.Cluster;

/// <summary>One change of one object, as a watch tells it.</summary>
/// <param name="Version">The version of the change; of a deletion, the version at which it happened.</param>
/// <param name="Before">The object before; null when it is new.</param>
/// <param name="After">The object after; null when it is gone.</param>
internal readonly record struct Change<T>(ulong Version, T? Before, T? After)
    where T : class, IEntry;

/// <summary>All objects of one kind and everything that ever happened to them, so that a watcher may stand anywhere in the past.</summary>
internal sealed class Table<T>
    where T : class, IEntry
{
    private readonly Dictionary<ObjectKey, T> _objects = [];

    public List<Change<T>> Log { get; } = [];

    public Dictionary<ObjectKey, T>.ValueCollection All => _objects.Values;

    public T? Get(ObjectKey key) => _objects.GetValueOrDefault(key);

    public void Put(T entry)
    {
        Log.Add(new(entry.ResourceVersion, Get(entry.Key), entry));
        _objects[entry.Key] = entry;
    }

    public void Remove(T entry, ulong version)
    {
        Log.Add(new(version, Get(entry.Key), null));
        _objects.Remove(entry.Key);
    }
}
