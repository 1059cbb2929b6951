using System.Collections.Immutable;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>Keeps a bound volume from disappearing (kube-controller-manager's pv-protection controller).</summary>
internal static class VolumeProtection
{
    /// <summary>
    /// What must be proved before the finalizers of <see cref="Keep"/> are right; null when nothing must.
    /// </summary>
    /// <remarks>
    /// A volume that was deleted in the middle of its bind points to a claim and is not Bound yet. Whether the claim names it already is
    /// the last question before it is let go, and the cache may be one own write behind.
    /// </remarks>
    public static Proof? Needs(VolumeEntry volume, Observation seen) =>
        volume is { IsDeleting: true, Phase: not Phases.Bound } && IsProtected(volume) && Holder(volume, seen) is { VolumeName: "" } holder
        && Proof.ClaimIsCurrent.Of(holder) is var proof && !seen.Proves(proof)
            ? proof
            : null;

    /// <summary>
    /// The finalizers the volume should have: protection while it is not being deleted, or is and is Bound, or is about to be: kube-controller-manager
    /// lets go of a volume between the two pointers of its bond, and the claim is Lost.
    /// </summary>
    public static ImmutableArray<string> Keep(VolumeEntry volume, Observation seen) => (volume.IsDeleting, IsProtected(volume)) switch
    {
        (false, false) => volume.Finalizers.Add(WellKnown.VolumeProtection),
        (true, true) when volume.Phase != Phases.Bound && Holder(volume, seen)?.VolumeName != volume.Name => volume.Finalizers.Remove(WellKnown.VolumeProtection),
        _ => volume.Finalizers,
    };

    private static bool IsProtected(VolumeEntry volume) => volume.Finalizers.Contains(WellKnown.VolumeProtection);

    private static ClaimEntry? Holder(VolumeEntry volume, Observation seen) =>
        volume.ClaimRef is { Uid.Length: > 0 } pointer && seen.State.Claims.Get(pointer.Key) is { } claim && claim.Uid == pointer.Uid && !seen.State.Departed.Contains(claim.Uid) ? claim : null;
}
