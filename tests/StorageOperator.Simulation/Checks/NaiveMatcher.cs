using StorageOperator.Model;

namespace StorageOperator.Simulation.Checks;

/// <summary>
/// The rules of matching written down once more, without index, order or reservation, straight from the description of Kubernetes'
/// behaviour: only whether a volume may be taken, not which is best.
/// </summary>
internal static class NaiveMatcher
{
    /// <summary>Whether a claim that is not bound could be bound to a volume as things stand.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="waitsForConsumer">Whether the claim's class exists and says so.</param>
    public static bool CouldBind(ClaimEntry claim, VolumeEntry volume, bool waitsForConsumer)
    {
        var pointsHere = volume.ClaimRef is { } pointer && pointer.Namespace == claim.Key.Namespace && pointer.Name == claim.Key.Name
            && (pointer.Uid == "" || pointer.Uid == claim.Uid);
        if (claim.VolumeName != "")
        {
            return claim.VolumeName == volume.Name && (pointsHere || (volume.ClaimRef is null && Suits(claim, volume) && volume.ClassName == claim.ClassName));
        }

        if (!Suits(claim, volume))
        {
            return false;
        }

        return pointsHere || (volume.ClaimRef is null
            && !waitsForConsumer
            && volume.Phase is "Available" or "Pending"
            && volume.ClaimRef is null
            && volume.ClassName == claim.ClassName
            && (claim.Selector is null || claim.Selector.Matches(volume.Labels)));
    }

    private static bool Suits(ClaimEntry claim, VolumeEntry volume) =>
        !volume.IsDeleting
        && volume.Capacity is { } has && claim.Request is { } wants && has.Bytes >= wants.Bytes
        && volume.VolumeMode == claim.VolumeMode
        && volume.AttributesClassName == claim.AttributesClassName
        && claim.AccessModes.Written.All(mode => volume.AccessModes.Written.Contains(mode));
}
