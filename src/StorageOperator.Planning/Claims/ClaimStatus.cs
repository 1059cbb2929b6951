using StorageOperator.Model;

namespace StorageOperator.Planning.Claims;

/// <summary>What a claim's status should say (kube-controller-manager's updateClaimStatus).</summary>
internal static class ClaimStatus
{
    /// <summary>The claim bound to a volume.</summary>
    /// <remarks>
    /// The capacity is copied only when the claim becomes Bound: later the two may differ on purpose, while a file system is still
    /// smaller than its grown device.
    /// </remarks>
    public static ClaimEntry Bound(ClaimEntry claim, VolumeEntry volume)
    {
        var bound = claim with { Phase = Phases.Bound, StatusAccessModes = volume.AccessModes };
        if (claim.Phase == Phases.Bound)
        {
            return bound;
        }

        return bound with
        {
            StatusCapacityText = SameSize(claim.StatusCapacityText, CapacityOf(volume)) ? claim.StatusCapacityText : CapacityOf(volume),
            CurrentAttributesClassName = claim.Phase == Phases.Pending ? volume.AttributesClassName : claim.CurrentAttributesClassName,
        };
    }

    /// <summary>The claim without a volume, in a phase.</summary>
    public static ClaimEntry Unbound(ClaimEntry claim, string phase) => claim with
    {
        Phase = phase,
        StatusAccessModes = AccessModeList.Empty,
        StatusCapacityText = "",
        CurrentAttributesClassName = "",
    };

    private static string CapacityOf(VolumeEntry volume) =>
        volume.Annotations[WellKnown.PreResizeCapacity] is { } before && Quantity.TryParse(before, out _) ? before : volume.CapacityText;

    private static bool SameSize(string left, string right) =>
        Quantity.TryParse(left, out var leftSize) && Quantity.TryParse(right, out var rightSize) && leftSize == rightSize;
}
