using StorageOperator.Model;

namespace StorageOperator.Simulation.Cluster;

/// <summary>
/// What the API server refuses about claims: ValidatePersistentVolumeClaimUpdate of pkg/apis/core/validation and the
/// PersistentVolumeClaimResize admission of Kubernetes 1.36, as far as entries show it.
/// </summary>
internal static class ClaimRules
{
    /// <summary>Null when the change of metadata and spec is allowed.</summary>
    public static (Refusal Refusal, string Why)? Judge(ClaimEntry old, ClaimEntry changed, Func<string, ClassEntry?> classOf) =>
        Immutable(old, changed) is { } why ? (Refusal.Invalid, why) : JudgeRequest(old, changed, classOf);

    private static string? Immutable(ClaimEntry old, ClaimEntry changed)
    {
        var isBound = old.Phase == Phases.Bound;
        return old switch
        {
            _ when !old.AccessModes.Equals(changed.AccessModes) => "spec.accessModes is immutable",
            _ when old.VolumeMode != changed.VolumeMode => "spec.volumeMode is immutable",
            _ when old.HasDataSource != changed.HasDataSource => "spec.dataSource is immutable",
            _ when (old.Selector?.ToString() ?? "") != (changed.Selector?.ToString() ?? "") => "spec.selector is immutable",
            _ when old.VolumeName != changed.VolumeName && old.VolumeName.Length > 0 => "spec.volumeName is immutable once set",
            _ when old.Annotations[WellKnown.BetaStorageClass] != changed.Annotations[WellKnown.BetaStorageClass] => "the class annotation is immutable",
            _ when old.SpecClassName != changed.SpecClassName && !(old.WantsDefaultClass && old.VolumeName.Length == 0) => "spec.storageClassName is immutable once set",
            _ when old.AttributesClassName != changed.AttributesClassName && !isBound => "spec.volumeAttributesClassName is immutable until bound",
            _ when old.RequestText != changed.RequestText && !isBound => "spec.resources is immutable until bound",
            _ when changed.Request < old.Request && !(changed.Request > old.StatusCapacity) => "spec.resources.requests.storage cannot become less than status.capacity",
            _ when old.IsDeleting && changed.Finalizers.Any(added => !old.Finalizers.Contains(added)) => "no finalizer can be added to an object that is being deleted",
            _ => null,
        };
    }

    private static (Refusal Refusal, string Why)? JudgeRequest(ClaimEntry old, ClaimEntry changed, Func<string, ClassEntry?> classOf) =>
        changed.Request > old.Request && classOf(changed.ClassName) is not { AllowsExpansion: true }
            ? (Refusal.Forbidden, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")
            : null;
}
