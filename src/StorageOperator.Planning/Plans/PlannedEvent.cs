using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Something to tell people about an object.</summary>
/// <param name="About">The object's kind.</param>
/// <param name="Key">The object.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="ResourceVersion">Its version.</param>
/// <param name="IsWarning">Whether somebody should look at it.</param>
/// <param name="Reason">Kubernetes' own word for it (pkg/controller/volume/events); people and scripts wait for these.</param>
/// <param name="Note">What happened, why, and what to do next.</param>
public sealed record PlannedEvent(ResourceType About, ObjectKey Key, string Uid, ulong ResourceVersion, bool IsWarning, string Reason, string Note)
{
    /// <summary>An event about a claim.</summary>
    public static PlannedEvent Of(ClaimEntry claim, bool isWarning, string reason, string note) =>
        new(ResourceTypes.PersistentVolumeClaim, claim.Key, claim.Uid, claim.ResourceVersion, isWarning, reason, note);

    /// <summary>An event about a volume.</summary>
    public static PlannedEvent Of(VolumeEntry volume, bool isWarning, string reason, string note) =>
        new(ResourceTypes.PersistentVolume, volume.Key, volume.Uid, volume.ResourceVersion, isWarning, reason, note);
}
