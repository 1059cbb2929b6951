using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>A claim whose binding was finished once: it is kept whole, and if it lost its volume it says so.</summary>
internal static class BoundClaim
{
    public static Plan Plan(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        if (claim.VolumeName.Length == 0)
        {
            return Lost(claim, kept, EventReasons.ClaimLost, "Bound claim has lost reference to PersistentVolume. Data on the volume is lost! "
                + $"Its spec.volumeName is empty although {WellKnown.BindCompleted} says it was bound: find the volume whose claimRef names this claim.");
        }

        if (seen.State.Volumes.Get(claim.VolumeName) is not { } volume)
        {
            return VolumeGone(claim, kept, seen);
        }

        return volume.ClaimRef switch
        {
            // Nobody can tell a volume that was let go from a cache that lags, and binding again is right in both cases.
            null => Keep(claim, kept, volume),
            { Uid: var uid } when uid == claim.Uid => Binding.Needs(claim, volume, seen) is { } proof
                ? new Plan(Verdict.NeedsProof) { Needs = proof }
                : Keep(claim, kept, volume),
            _ => Misbound(claim, kept, volume, seen),
        };
    }

    private static Plan Keep(ClaimEntry claim, ClaimEntry kept, VolumeEntry volume)
    {
        if (Expansion.Plan(kept, volume) is not { } expansion)
        {
            return Binding.Draft(claim, kept, volume).Finish(Verdict.Bound);
        }

        var handedOver = expansion.Resizer is { } resizer ? kept with { Annotations = kept.Annotations.With(WellKnown.StorageResizer, resizer) } : kept;
        var draft = Binding.Draft(claim, handedOver, volume);
        draft.Tell(expansion.Event);
        return draft.Finish(Verdict.Bound);
    }

    private static Plan VolumeGone(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        // The volume cache may lag behind the claim's when another binder has just bound it: Lost is written only when the API server
        // itself says that there is no such volume.
        var proof = new Proof.VolumeIsGone(claim.VolumeName);
        return claim.Phase == Phases.Lost || seen.Proves(proof)
            ? Lost(claim, kept, EventReasons.ClaimLost, "Bound claim has lost its PersistentVolume. Data on the volume is lost! "
                + $"Volume \"{claim.VolumeName}\" does not exist: if its bytes do, create the volume again with a claimRef to this claim and the claim heals.")
            : new Plan(Verdict.NeedsProof) { Needs = proof };
    }

    private static Plan Misbound(ClaimEntry claim, ClaimEntry kept, VolumeEntry volume, Observation seen)
    {
        var proof = new Proof.VolumeIsCurrent(volume.Name, volume.ResourceVersion);
        return claim.Phase == Phases.Lost || seen.Proves(proof)
            ? Lost(claim, kept, EventReasons.ClaimMisbound, "Two claims are bound to the same volume, this one is bound incorrectly: "
                + $"the claimRef of volume \"{volume.Name}\" points to {volume.ClaimRef!.Key} with UID \"{volume.ClaimRef.Uid}\", this claim has UID \"{claim.Uid}\".")
            : new Plan(Verdict.NeedsProof) { Needs = proof };
    }

    private static Plan Lost(ClaimEntry claim, ClaimEntry kept, string reason, string note)
    {
        var draft = new PlanDraft();
        draft.WriteBoth(claim, ClaimStatus.Unbound(kept, Phases.Lost));
        if (claim.Phase != Phases.Lost)
        {
            draft.TellWhenDone(PlannedEvent.Of(claim, isWarning: true, reason, note));
        }

        return draft.Finish(Verdict.Lost);
    }
}
