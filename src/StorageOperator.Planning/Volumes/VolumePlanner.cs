using System.Collections.Immutable;
using StorageOperator.Model;
using StorageOperator.Planning.Claims;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Matching;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>Decides what shall be done about a volume.</summary>
public static class VolumePlanner
{
    private const int MostWoken = 32;

    /// <summary>Makes the plan for one volume as it stands now.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="seen">Everything else that is known.</param>
    public static Plan Plan(VolumeEntry volume, Observation seen)
    {
        if (VolumeProtection.Needs(volume, seen) is { } proof)
        {
            return new Plan(Verdict.NeedsProof) { Needs = proof };
        }

        var marked = volume with { Annotations = InTreeDrivers.Mark(volume) };
        var kept = marked with { Finalizers = VolumeProtection.Keep(marked with { Finalizers = DeletionFinalizers.Keep(marked) }, seen) };
        return volume.ClaimRef switch
        {
            null => Free(volume, kept, seen),
            { Uid.Length: 0 } => WithPhase(volume, kept, Phases.Available, Verdict.Reserved),
            _ => PointedSomewhere(volume, kept, seen),
        };
    }

    /// <summary>The plan after an attempt to delete or scrub the volume's bytes failed.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="reason">The reason of the event that tells it.</param>
    /// <param name="why">What failed, fit for the volume's status.</param>
    /// <remarks>A volume that was freed or bound again while its bytes were being deleted is left alone.</remarks>
    public static Plan PlanFailedReclaim(VolumeEntry volume, string reason, string why) => volume is { ClaimRef: not null, Phase: Phases.Released or Phases.Failed }
        ? Reclaim.Fail(volume, reason, why, retryLater: true)
        : new Plan(Verdict.Available);

    /// <summary>The volume in a phase, its message cleared when the phase changes.</summary>
    internal static Plan WithPhase(VolumeEntry volume, VolumeEntry kept, string phase, Verdict verdict)
    {
        var draft = new PlanDraft();
        draft.WriteBoth(volume, InPhase(kept, phase));
        return draft.Finish(verdict);
    }

    internal static VolumeEntry InPhase(VolumeEntry volume, string phase) => volume.Phase == phase ? volume : volume with { Phase = phase, Message = "" };

    // A free volume is offered to the claims that wait for one. If one of them takes it, this is its bind: were the claim only told, and
    // then went away, nobody would come back to write the phase.
    private static Plan Free(VolumeEntry volume, VolumeEntry kept, Observation seen)
    {
        if (seen.State.Volumes.ReservedFor(volume.Name) is not null)
        {
            return new Plan(Verdict.Reserved);
        }

        var (woken, bind, isComplete) = Offer(volume, seen);
        return (bind ?? WithPhase(volume, kept, Phases.Available, Verdict.Available)) with { WakeClaims = woken, RetryLater = !isComplete };
    }

    /// <summary>The waiting claims that have a match now, up to the first whose match is this volume, and that one's bind.</summary>
    /// <remarks>
    /// A claim whose bind is under way waits for nothing. Claims with other matches are looked at again by themselves, so when there are
    /// too many of them (thousands of claims and volumes that arrive at once), the offer is broken off and made again later instead of
    /// costing each volume all claims.
    /// </remarks>
    private static (ImmutableArray<ObjectKey> Woken, Plan? Bind, bool IsComplete) Offer(VolumeEntry volume, Observation seen)
    {
        var (state, woken) = (seen.State, ImmutableArray.CreateBuilder<ObjectKey>());
        if (state.Volumes.StandingOf(volume) != VolumeStanding.Free)
        {
            return ([], null, true);
        }

        foreach (var claim in state.Claims.WaitingFor(volume))
        {
            if (state.Volumes.IsBinding(claim.Key) || state.Classes.Get(claim.ClassName) is { WaitsForFirstConsumer: true } or { BindingMode: null })
            {
                continue;
            }

            if (woken.Count == MostWoken)
            {
                return (woken.ToImmutable(), null, false);
            }

            if (!ReferenceEquals(VolumeMatcher.Find(state.Volumes, claim, onlyPointing: false), volume))
            {
                woken.Add(claim.Key);
            }
            else if (ClaimPlanner.Plan(claim, seen) is { Verdict: Verdict.Binding } bind)
            {
                return (woken.ToImmutable(), bind, true);
            }
        }

        return (woken.ToImmutable(), null, true);
    }

    private static Plan KeepOnly(VolumeEntry volume, VolumeEntry kept)
    {
        var draft = new PlanDraft();
        draft.Write(volume, kept, ObjectPart.Spec);
        return draft.Finish(Verdict.Available);
    }

    private static Plan PointedSomewhere(VolumeEntry volume, VolumeEntry kept, Observation seen)
    {
        var pointer = volume.ClaimRef!;

        // Asked first: that a UID is gone stays true, while the cache may still hold the claim.
        if (seen.State.Departed.Contains(pointer.Uid))
        {
            return Reclaim.Plan(volume, kept, seen);
        }

        if (seen.State.Claims.Get(pointer.Key) is { } claim && claim.Uid == pointer.Uid)
        {
            return Binding.Needs(claim, volume, seen) is { } proof
                ? new Plan(Verdict.NeedsProof) { Needs = proof }
                : ClaimExists(volume, kept, claim, seen);
        }

        // A volume that is Released or Failed already was judged before: as long as nothing is done to its bytes, no question is worth
        // asking, and a thousand retained volumes cost nothing.
        if (volume.Phase is Phases.Released or Phases.Failed && Reclaim.Plan(volume, kept, seen) is var plan && !Reclaim.IsDestructive(plan))
        {
            return plan;
        }

        // The claim may just not have arrived in the cache. Whoever wrote its UID into the volume saw it.
        return new Plan(Verdict.NeedsProof) { Needs = new Proof.ClaimIsGone(pointer.Key, pointer.Uid) };
    }

    private static Plan ClaimExists(VolumeEntry volume, VolumeEntry kept, ClaimEntry claim, Observation seen)
    {
        if (claim.VolumeName.Length == 0)
        {
            return claim.VolumeMode == volume.VolumeMode ? ClaimNotBoundYet(volume, kept, claim) : ModeMismatch(volume, kept, claim);
        }

        if (claim.VolumeName == volume.Name)
        {
            return WithPhase(volume, kept, Phases.Bound, Verdict.Bound);
        }

        // The claim is bound elsewhere. A volume provisioned for it has lost a race and is of no use to anybody else.
        return volume.IsProvisioned && volume.ReclaimPolicy == ReclaimPolicies.Delete
            ? Reclaim.Plan(volume, kept, seen)
            : Unbinding.Plan(volume, kept);
    }

    private static Plan ClaimNotBoundYet(VolumeEntry volume, VolumeEntry kept, ClaimEntry claim) =>
        KeepOnly(volume, kept) with { Verdict = Verdict.Reserved, WakeClaims = [claim.Key] };

    private static Plan ModeMismatch(VolumeEntry volume, VolumeEntry kept, ClaimEntry claim)
    {
        var draft = new PlanDraft();
        draft.Write(volume, kept, ObjectPart.Spec);
        draft.Tell(PlannedEvent.Of(volume, isWarning: true, EventReasons.VolumeMismatch,
            $"Cannot bind PersistentVolume to requested PersistentVolumeClaim \"{claim.Key}\" due to incompatible volumeMode: the volume is {volume.VolumeMode}, the claim asks for {claim.VolumeMode}."));
        draft.Tell(PlannedEvent.Of(claim, isWarning: true, EventReasons.VolumeMismatch,
            $"Cannot bind PersistentVolume \"{volume.Name}\" to requested PersistentVolumeClaim due to incompatible volumeMode: the volume is {volume.VolumeMode}, the claim asks for {claim.VolumeMode}."));
        return draft.Finish(Verdict.Reserved);
    }
}
