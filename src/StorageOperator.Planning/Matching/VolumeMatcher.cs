using System.Numerics;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning.Matching;

/// <summary>Chooses the volume for a claim that names none.</summary>
/// <remarks>
/// The rules are those of kube-controller-manager (component-helpers FindMatchingVolume and the binder's index by access modes), with
/// two differences: a volume that points to the claim always wins, and equal candidates are told apart by name.
/// </remarks>
public static class VolumeMatcher
{
    /// <summary>The volume the claim shall be bound to, or null when none fits.</summary>
    /// <param name="volumes">All volumes.</param>
    /// <param name="claim">A claim without <see cref="ClaimEntry.VolumeName"/>.</param>
    /// <param name="onlyPointing">
    /// Whether only a volume that points to the claim may be taken: the rule while a claim waits for its first consumer, since all
    /// other volumes are the scheduler's to choose.
    /// </param>
    public static VolumeEntry? Find(VolumeIndex volumes, ClaimEntry claim, bool onlyPointing)
    {
        if (claim.Request is not { } request || claim.VolumeMode == VolumeMode.Unknown || claim.AccessModes.Set.HasFlag(AccessModes.Unknown))
        {
            return null;
        }

        return FindPointing(volumes, claim, request) ?? (onlyPointing ? null : FindFree(volumes, claim, request));
    }

    // A reservation overrules class and selector, not size, mode, attributes class or access modes. One that gives the claim's UID
    // goes before one by name alone; then the smallest.
    private static VolumeEntry? FindPointing(VolumeIndex volumes, ClaimEntry claim, Quantity request)
    {
        VolumeEntry? best = null;
        foreach (var volume in volumes.PointingTo(claim.Key))
        {
            if (volume.ClaimRef!.PointsTo(claim)
                && volume is { IsDeleting: false, Capacity: { } capacity }
                && capacity >= request
                && volume.VolumeMode == claim.VolumeMode
                && volume.AttributesClassName == claim.AttributesClassName
                && volume.AccessModes.Offers(claim.AccessModes.Set)
                && (best is null || Rank(volume).CompareTo(Rank(best)) < 0))
            {
                best = volume;
            }
        }

        return best;

        static (int, SizeKey) Rank(VolumeEntry volume) => (volume.ClaimRef!.Uid.Length > 0 ? 0 : 1, new(volume.Capacity!.Value.Bytes, volume.Key));
    }

    private static VolumeEntry? FindFree(VolumeIndex volumes, ClaimEntry claim, Quantity request)
    {
        if (volumes.OfClass(claim.ClassName) is not { } classVolumes
            || !classVolumes.Partitions.TryGetValue((claim.VolumeMode, claim.AttributesClassName), out var partition))
        {
            return null;
        }

        VolumeEntry? best = null;
        var bestModes = 0;
        foreach (var (modes, candidates) in partition.ByModes)
        {
            var count = BitOperations.PopCount((uint)modes);
            if (best is not null && count > bestModes)
            {
                // Narrower volumes first, whatever their size: a claim for one node must not use up a volume that many could share.
                break;
            }

            if ((claim.AccessModes.Set & ~modes) == 0 && Smallest(candidates, claim, request) is { } candidate && IsSmaller(candidate, best))
            {
                (best, bestModes) = (candidate, count);
            }
        }

        return best;
    }

    private static VolumeEntry? Smallest(SizeOrderedList<VolumeEntry> candidates, ClaimEntry claim, Quantity request)
    {
        if (claim.Selector is not { Requirements.IsEmpty: false } selector)
        {
            return candidates.SmallestFrom(request.Bytes);
        }

        foreach (var candidate in candidates.Ascending(request.Bytes))
        {
            if (selector.Matches(candidate.Labels))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool IsSmaller(VolumeEntry volume, VolumeEntry? than) => than is null
        || new SizeKey(volume.Capacity!.Value.Bytes, volume.Key).CompareTo(new SizeKey(than.Capacity!.Value.Bytes, than.Key)) < 0;
}
