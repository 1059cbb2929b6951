using System.Collections.Immutable;
using StorageOperator.Model;

namespace StorageOperator.Planning.Volumes;

/// <summary>
/// The finalizers that hold a provisioned volume's object until its bytes are deleted (KEP-2644, kube-controller-manager's
/// modifyDeletionFinalizers). Volumes that no provisioner made are left alone.
/// </summary>
internal static class DeletionFinalizers
{
    public static ImmutableArray<string> Keep(VolumeEntry volume)
    {
        if (volume.Annotations[WellKnown.ProvisionedBy] is not { } provisioner)
        {
            return volume.Finalizers;
        }

        if (volume.Annotations.Contains(WellKnown.MigratedTo))
        {
            return volume.Finalizers.Remove(WellKnown.ControllerDeletion);
        }

        if (!provisioner.StartsWith(WellKnown.InTreePrefix, StringComparison.Ordinal))
        {
            return volume.Finalizers;
        }

        // Back from a migration to CSI: the external deleter is no longer responsible.
        var own = volume.Finalizers.Remove(WellKnown.ExternalDeletion);
        return volume.ReclaimPolicy == ReclaimPolicies.Delete ? Add(own, volume) : own.Remove(WellKnown.ControllerDeletion);
    }

    // Adding a finalizer to an object that is being deleted is refused by the API server.
    private static ImmutableArray<string> Add(ImmutableArray<string> finalizers, VolumeEntry volume) =>
        volume.IsDeleting || finalizers.Contains(WellKnown.ControllerDeletion) ? finalizers : finalizers.Add(WellKnown.ControllerDeletion);
}
