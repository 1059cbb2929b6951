using StorageOperator.Model;

namespace StorageOperator.Simulation.Cluster;

/// <summary>What the API server refuses about volumes: ValidatePersistentVolumeUpdate of pkg/apis/core/validation of Kubernetes 1.36.</summary>
internal static class VolumeRules
{
    /// <summary>Null when the change of metadata and spec is allowed.</summary>
    public static (Refusal Refusal, string Why)? Judge(VolumeEntry old, VolumeEntry changed)
    {
        var why = old switch
        {
            _ when old.Source != changed.Source => "spec.persistentvolumesource is immutable",
            _ when old.VolumeMode != changed.VolumeMode => "spec.volumeMode is immutable",
            _ when changed.Capacity is null => "spec.capacity.storage is required",
            _ when changed.AccessModes.Written.IsEmpty => "spec.accessModes is required",
            _ when changed.ClaimRef is { Name: "" } or { Namespace: "" } => "spec.claimRef needs a namespace and a name",
            _ when old.IsDeleting && changed.Finalizers.Any(added => !old.Finalizers.Contains(added)) => "no finalizer can be added to an object that is being deleted",
            _ => null,
        };
        return why is null ? null : (Refusal.Invalid, why);
    }
}
