using StorageOperator.Model;
using StorageOperator.Planning.Matching;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>An unbound claim that names its volume: a user chose it, or a bind was cut short after its third write.</summary>
internal static class NamedVolume
{
    public static Plan Plan(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        if (seen.State.Volumes.Get(claim.VolumeName) is not { } volume)
        {
            return UnboundClaim.Wait(claim, kept, Verdict.WaitsForNamedVolume, isWarning: true, EventReasons.FailedBinding,
                $"volume \"{claim.VolumeName}\", which this claim names, does not exist: create it, or create the claim anew without spec.volumeName.");
        }

        if (volume.ClaimRef?.PointsTo(claim) == true)
        {
            // They name each other: whoever arranged that is not asked whether they fit.
            return Binding.Needs(claim, volume, seen) is { } proof ? new Plan(Verdict.NeedsProof) { Needs = proof } : Bind(claim, kept, volume);
        }

        if (volume.ClaimRef is not null || IsTaken(claim, volume, seen))
        {
            return UnboundClaim.Wait(claim, kept, Verdict.NamedVolumeRefused, isWarning: true, EventReasons.FailedBinding,
                $"volume \"{volume.Name}\" already bound to a different claim.{Holder(volume)}");
        }

        return Fit.Misfit(volume, claim) is { } misfit
            ? UnboundClaim.Wait(claim, kept, Verdict.NamedVolumeRefused, isWarning: true, EventReasons.VolumeMismatch,
                $"Cannot bind to requested volume \"{volume.Name}\": {misfit}")
            : Bind(claim, kept, volume);
    }

    private static Plan Bind(ClaimEntry claim, ClaimEntry kept, VolumeEntry volume) => volume.Capacity is null
        ? UnboundClaim.Wait(claim, kept, Verdict.NamedVolumeRefused, isWarning: true, EventReasons.VolumeMismatch,
            $"Cannot bind to requested volume \"{volume.Name}\": its {volume.Defect}")
        : Binding.Draft(claim, kept, volume).Finish(Verdict.Binding);

    private static bool IsTaken(ClaimEntry claim, VolumeEntry volume, Observation seen) =>
        seen.State.Volumes.ReservedFor(volume.Name) is { } reserved && reserved != claim.Key;

    private static string Holder(VolumeEntry volume) => volume.ClaimRef is { } holder ? $" Its claimRef points to {holder.Key}." : "";
}
