using System.Collections.Immutable;
using StorageOperator.Model;

namespace StorageOperator.Planning.Volumes;

/// <summary>Keeps a bound volume from disappearing (kube-controller-manager's pv-protection controller).</summary>
internal static class VolumeProtection
{
    /// <summary>The finalizers the volume should have: protection while it is not being deleted, or is and is Bound.</summary>
    public static ImmutableArray<string> Keep(VolumeEntry volume)
    {
        var isProtected = volume.Finalizers.Contains(WellKnown.VolumeProtection);
        return (volume.IsDeleting, isProtected) switch
        {
            (false, false) => volume.Finalizers.Add(WellKnown.VolumeProtection),
            (true, true) when volume.Phase != Phases.Bound => volume.Finalizers.Remove(WellKnown.VolumeProtection),
            _ => volume.Finalizers,
        };
    }
}
