using StorageOperator.Model;

namespace StorageOperator.Planning.Matching;

/// <summary>Whether a volume that a claim names suits it.</summary>
public static class Fit
{
    /// <summary>
    /// Why the named volume does not suit the claim, or null when it does. As in kube-controller-manager (checkVolumeSatisfyClaim) the
    /// claim's selector and the volume's node affinity are not asked: who names a volume has chosen.
    /// </summary>
    public static string? Misfit(VolumeEntry volume, ClaimEntry claim) => Misfit(volume, claim, asksClass: true);

    /// <summary>Why a volume that points to the claim does not suit it, or null when it does: a reservation overrules the class.</summary>
    internal static string? MisfitOfReserved(VolumeEntry volume, ClaimEntry claim) => Misfit(volume, claim, asksClass: false);

    private static string? Misfit(VolumeEntry volume, ClaimEntry claim, bool asksClass) => volume switch
    {
        { IsDeleting: true } => $"the volume is marked for deletion \"{volume.Name}\"",
        { Defect: { } defect } => $"the volume cannot be used: its {defect}",
        _ when claim.Request is not { } request || volume.Capacity is not { } capacity || capacity < request =>
            $"requested PV is too small: it has {volume.CapacityText}, the claim asks for {claim.RequestText}",
        _ when asksClass && volume.ClassName != claim.ClassName =>
            $"storageClassName does not match: the volume has {Named(volume.ClassName)}, the claim {Named(claim.ClassName)}",
        _ when volume.AttributesClassName != claim.AttributesClassName =>
            $"volumeAttributesClassName does not match: the volume has {Named(volume.AttributesClassName)}, the claim {Named(claim.AttributesClassName)}",
        _ when volume.VolumeMode != claim.VolumeMode || claim.VolumeMode == VolumeMode.Unknown =>
            $"incompatible volumeMode: the volume is {volume.VolumeMode}, the claim asks for {claim.VolumeMode}",
        _ when !volume.AccessModes.Offers(claim.AccessModes.Set) =>
            $"incompatible accessMode: the volume offers {volume.AccessModes}, the claim asks for {claim.AccessModes}",
        _ => null,
    };

    private static string Named(string name) => name.Length == 0 ? "none" : $"\"{name}\"";
}
