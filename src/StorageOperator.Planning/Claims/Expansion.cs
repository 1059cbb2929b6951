using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>A bound claim that asks for more than it has: who shall grow it (kube-controller-manager's expand controller).</summary>
internal static class Expansion
{
    /// <summary>What to say, and the resizer to name on the claim if an in-tree plugin's successor shall do it; null when nothing is to grow.</summary>
    public static (PlannedEvent Event, string? Resizer)? Plan(ClaimEntry claim, VolumeEntry volume)
    {
        // Until the status says Bound it says nothing about sizes: the volume's is not written into it yet.
        if (claim.Request is not { } request || claim.Phase != Phases.Bound || volume.ClaimRef?.Uid != claim.Uid)
        {
            return null;
        }

        if (claim.StatusCapacity is { } capacity && capacity >= request && !volume.Annotations.Contains(WellKnown.PreResizeCapacity))
        {
            return null;
        }

        return InTreeDrivers.NameOf(volume.Source) is { } inTree && InTreeDrivers.SuccessorOf(inTree) is { } driver
            ? (Tell(claim, $"CSI migration enabled for {inTree}; waiting for external resizer {driver} to expand the pvc"), driver)
            : (Tell(claim, $"waiting for an external controller to expand this PVC from {Has(claim)} to {claim.RequestText} (volume \"{volume.Name}\")"), null);
    }

    private static string Has(ClaimEntry claim) => claim.StatusCapacityText.Length > 0 ? claim.StatusCapacityText : "an unknown size";

    private static PlannedEvent Tell(ClaimEntry claim, string note) => PlannedEvent.Of(claim, isWarning: false, EventReasons.ExternalExpanding, note);
}
