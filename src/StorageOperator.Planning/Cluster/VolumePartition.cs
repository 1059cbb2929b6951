using System.Numerics;
using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>
/// The free volumes of one class, volume mode and attributes class, by access-mode set and size: every volume that a claim of the same
/// three may take, and no other.
/// </summary>
internal sealed class VolumePartition
{
    // One list per access-mode set: at most 15 sets exist, a cluster has three or four.
    private readonly List<(AccessModes Modes, SizeOrderedList<VolumeEntry> Volumes)> _byModes = [];

    /// <summary>How many free volumes there are.</summary>
    public int Count { get; private set; }

    /// <summary>The lists, those with the fewest modes first; ties by the sets' bits.</summary>
    public IReadOnlyList<(AccessModes Modes, SizeOrderedList<VolumeEntry> Volumes)> ByModes => _byModes;

    public void Add(VolumeEntry volume)
    {
        ListOf(volume.AccessModes.Set).Add(volume);
        Count++;
    }

    public void Remove(VolumeEntry volume)
    {
        if (ListOf(volume.AccessModes.Set).Remove(volume))
        {
            Count--;
        }
    }

    private SizeOrderedList<VolumeEntry> ListOf(AccessModes modes)
    {
        foreach (var (known, volumes) in _byModes)
        {
            if (known == modes)
            {
                return volumes;
            }
        }

        var added = new SizeOrderedList<VolumeEntry>(volume => new SizeKey(volume.Capacity!.Value.Bytes, volume.Key));
        _byModes.Add((modes, added));
        _byModes.Sort((left, right) => Rank(left.Modes).CompareTo(Rank(right.Modes)));
        return added;
    }

    private static (int Count, int Bits) Rank(AccessModes modes) => (BitOperations.PopCount((uint)modes), (int)modes);
}
