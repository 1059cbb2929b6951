using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>All known claims: by key, by the volume they name, and those that wait for a volume by what they ask for.</summary>
public sealed class ClaimIndex
{
    private readonly Dictionary<ObjectKey, ClaimEntry> _byKey = [];
    private readonly Dictionary<string, List<ObjectKey>> _byVolume = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WaitingClaims> _waiting = new(StringComparer.Ordinal);

    /// <summary>How many claims there are.</summary>
    public int Count => _byKey.Count;

    /// <summary>All claims, in no order.</summary>
    public IEnumerable<ClaimEntry> All => _byKey.Values;

    /// <summary>The claim of a key, or null.</summary>
    public ClaimEntry? Get(ObjectKey key) => _byKey.GetValueOrDefault(key);

    /// <summary>The claims whose spec names a volume.</summary>
    public IReadOnlyList<ObjectKey> Naming(string volumeName) => _byVolume.TryGetValue(volumeName, out var keys) ? keys : [];

    /// <summary>The claims of a class that name no volume yet.</summary>
    public IEnumerable<ClaimEntry> WaitingIn(string className) => _waiting.TryGetValue(className, out var waiting) ? waiting.All : [];

    /// <summary>All claims that name no volume yet, by class.</summary>
    public IEnumerable<ClaimEntry> Waiting => _waiting.Values.SelectMany(waiting => waiting.All);

    /// <summary>The claims that wait and leave their class to the default.</summary>
    public IEnumerable<ClaimEntry> WaitingForDefaultClass => WaitingIn("").Where(claim => claim.WantsDefaultClass);

    /// <summary>Takes in a new or changed claim.</summary>
    public void Set(ClaimEntry claim)
    {
        Remove(claim.Key);
        _byKey[claim.Key] = claim;
        if (claim.VolumeName.Length > 0)
        {
            if (!_byVolume.TryGetValue(claim.VolumeName, out var keys))
            {
                _byVolume[claim.VolumeName] = keys = new List<ObjectKey>(1);
            }

            keys.Add(claim.Key);
        }

        if (IsWaiting(claim))
        {
            if (!_waiting.TryGetValue(claim.ClassName, out var waiting))
            {
                _waiting[claim.ClassName] = waiting = new WaitingClaims();
            }

            waiting.Add(claim);
        }
    }

    /// <summary>Forgets a claim; nothing happens if it is unknown.</summary>
    public void Remove(ObjectKey key)
    {
        if (!_byKey.Remove(key, out var claim))
        {
            return;
        }

        if (claim.VolumeName.Length > 0 && _byVolume.TryGetValue(claim.VolumeName, out var keys))
        {
            keys.Remove(key);
            if (keys.Count == 0)
            {
                _byVolume.Remove(claim.VolumeName);
            }
        }

        if (IsWaiting(claim) && _waiting.TryGetValue(claim.ClassName, out var waiting))
        {
            waiting.Remove(claim);
            if (waiting.Count == 0)
            {
                _waiting.Remove(claim.ClassName);
            }
        }
    }

    /// <summary>The waiting claims that a free volume would satisfy, those that ask for most first.</summary>
    internal IEnumerable<ClaimEntry> WaitingFor(VolumeEntry volume) =>
        volume.Capacity is { } capacity && _waiting.TryGetValue(volume.ClassName, out var waiting)
            ? waiting.FittingIn(volume, capacity)
            : [];

    private static bool IsWaiting(ClaimEntry claim) => claim is { VolumeName: "", IsBindCompleted: false };
}
