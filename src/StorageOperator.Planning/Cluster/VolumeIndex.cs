using System.Runtime.InteropServices;
using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>
/// All known volumes: by name, by the claim they point to, and the free ones by what a claim asks for. A volume that is reserved for a
/// claim whose bind is under way is not free, so no second claim of this process can choose it.
/// </summary>
public sealed class VolumeIndex
{
    private readonly Dictionary<string, VolumeEntry> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, List<string>> _byClaim = [];
    private readonly Dictionary<string, ClassVolumes> _byClass = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectKey> _reservations = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, int> _reservationsOf = [];

    /// <summary>How many volumes there are.</summary>
    public int Count => _byName.Count;

    /// <summary>All volumes, in no order.</summary>
    public IEnumerable<VolumeEntry> All => _byName.Values;

    /// <summary>The volume of a name, or null.</summary>
    public VolumeEntry? Get(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The volumes whose claimRef names a claim, whatever UID it gives, by name.</summary>
    public IEnumerable<VolumeEntry> PointingTo(ObjectKey claim) => _byClaim.TryGetValue(claim, out var names)
        ? names.Order(StringComparer.Ordinal).Select(name => _byName[name])
        : [];

    /// <summary>Takes in a new or changed volume.</summary>
    public void Set(VolumeEntry volume)
    {
        Remove(volume.Name);
        _byName[volume.Name] = volume;
        if (volume.ClaimRef is { } claimRef)
        {
            if (!_byClaim.TryGetValue(claimRef.Key, out var names))
            {
                _byClaim[claimRef.Key] = names = new List<string>(1);
            }

            names.Add(volume.Name);
        }

        ClassOf(volume).Add(volume, StandingOf(volume));
    }

    /// <summary>Forgets a volume; nothing happens if it is unknown.</summary>
    public void Remove(string name)
    {
        if (!_byName.Remove(name, out var volume))
        {
            return;
        }

        if (volume.ClaimRef is { } claimRef && _byClaim.TryGetValue(claimRef.Key, out var names))
        {
            names.Remove(name);
            if (names.Count == 0)
            {
                _byClaim.Remove(claimRef.Key);
            }
        }

        var classVolumes = ClassOf(volume);
        classVolumes.Remove(volume, StandingOf(volume));
        if (classVolumes.Count == 0)
        {
            _byClass.Remove(volume.ClassName);
        }
    }

    /// <summary>Keeps a volume from being chosen for any other claim until <see cref="Release"/>.</summary>
    public void Reserve(string name, ObjectKey claim) => Change(name, claim);

    /// <summary>Ends a reservation; nothing happens if there is none.</summary>
    public void Release(string name) => Change(name, null);

    /// <summary>The claim a volume is reserved for, or null.</summary>
    public ObjectKey? ReservedFor(string name) => _reservations.TryGetValue(name, out var claim) ? claim : null;

    /// <summary>Whether a volume is reserved for a claim: its bind is under way.</summary>
    internal bool IsBinding(ObjectKey claim) => _reservationsOf.ContainsKey(claim);

    /// <summary>All volumes of a class, or null when it has none.</summary>
    internal ClassVolumes? OfClass(string className) => _byClass.GetValueOrDefault(className);

    /// <summary>The classes that have volumes; the empty name stands for those without.</summary>
    internal IReadOnlyCollection<string> Classes => _byClass.Keys;

    /// <summary>Whether a volume is free, and if not, why.</summary>
    internal VolumeStanding StandingOf(VolumeEntry volume) => volume switch
    {
        _ when volume.ClaimRef is not null && volume.Phase is not (Phases.Released or Phases.Failed) => VolumeStanding.Claimed,
        _ when _reservations.ContainsKey(volume.Name) => VolumeStanding.Claimed,
        { IsDeleting: true } => VolumeStanding.Deleting,
        { Phase: Phases.Released } => VolumeStanding.Released,
        { Phase: Phases.Failed } => VolumeStanding.Failed,
        { Defect: not null } or { Capacity: null } => VolumeStanding.Unusable,

        // A volume that nobody has looked at yet is as free as an Available one: binding it at once spares the write of a phase that
        // the next write would replace (one of five writes a pair when claims and volumes are applied together).
        { Phase: Phases.Available or Phases.Pending or "" } => VolumeStanding.Free,
        _ => VolumeStanding.Unusable,
    };

    private ClassVolumes ClassOf(VolumeEntry volume)
    {
        if (!_byClass.TryGetValue(volume.ClassName, out var volumes))
        {
            _byClass[volume.ClassName] = volumes = new ClassVolumes();
        }

        return volumes;
    }

    // A reservation changes a volume's standing, so the volume leaves and re-enters its class around the change.
    private void Change(string name, ObjectKey? claim)
    {
        var volume = _byName.GetValueOrDefault(name);
        if (volume is not null)
        {
            ClassOf(volume).Remove(volume, StandingOf(volume));
        }

        if (_reservations.Remove(name, out var earlier) && --CollectionsMarshal.GetValueRefOrNullRef(_reservationsOf, earlier) == 0)
        {
            _reservationsOf.Remove(earlier);
        }

        if (claim is { } reserved)
        {
            _reservations[name] = reserved;
            CollectionsMarshal.GetValueRefOrAddDefault(_reservationsOf, reserved, out _)++;
        }

        if (volume is not null)
        {
            ClassOf(volume).Add(volume, StandingOf(volume));
        }
    }
}
