using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>Where an object is stored.</summary>
internal readonly record struct ObjectAddress(string Resource, string Key);

/// <summary>Who owns whom, by uid, kept up to date from the store's events. Not thread-safe: the controllers' loop owns it.</summary>
internal sealed class OwnerGraph
{
    private readonly Dictionary<string, ObjectAddress> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ObjectAddress>> _dependents = new(StringComparer.Ordinal);

    /// <summary>Takes in an object's present state and forgets what its former one said.</summary>
    public void Put(ObjectAddress address, StoredObject value, StoredObject? previous)
    {
        _byUid[value.Uid] = address;
        if (previous is not null && previous.Uid == value.Uid && previous.OwnerUids.SequenceEqual(value.OwnerUids))
        {
            return;
        }
        ForgetOwners(address, previous);
        foreach (string owner in value.OwnerUids)
        {
            if (!_dependents.TryGetValue(owner, out HashSet<ObjectAddress>? dependents))
            {
                _dependents.Add(owner, dependents = []);
            }
            dependents.Add(address);
        }
    }

    /// <summary>Forgets an object that is gone; its dependents stay known under its uid.</summary>
    public void Remove(ObjectAddress address, StoredObject value)
    {
        _byUid.Remove(value.Uid);
        ForgetOwners(address, value);
    }

    /// <summary>Where the object with a uid is, or null.</summary>
    public ObjectAddress? Find(string uid) => _byUid.TryGetValue(uid, out ObjectAddress address) ? address : null;

    /// <summary>The objects that name an owner.</summary>
    public IReadOnlyList<ObjectAddress> DependentsOf(string uid) =>
        _dependents.TryGetValue(uid, out HashSet<ObjectAddress>? dependents) ? [.. dependents] : [];

    private void ForgetOwners(ObjectAddress address, StoredObject? value)
    {
        foreach (string owner in value?.OwnerUids ?? [])
        {
            if (_dependents.TryGetValue(owner, out HashSet<ObjectAddress>? dependents)
                && dependents.Remove(address)
                && dependents.Count == 0)
            {
                _dependents.Remove(owner);
            }
        }
    }
}
