using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>A volume whose claim is gone for certain.</summary>
internal static class Reclaim
{
    /// <summary>First the volume is Released; then, in a plan of its own, its policy is carried out.</summary>
    public static Plan Plan(VolumeEntry volume, VolumeEntry kept, Observation seen)
    {
        if (volume.Phase is not (Phases.Released or Phases.Failed))
        {
            return VolumePlanner.WithPhase(volume, kept, Phases.Released, Verdict.Released);
        }

        var draft = new PlanDraft();
        if (draft.Write(volume, kept, ObjectPart.Spec) is not null)
        {
            return draft.Finish(Verdict.Released);
        }

        return kept.Annotations.Contains(WellKnown.MigratedTo) ? new Plan(Verdict.Released) : ByPolicy(volume, seen);
    }

    /// <summary>Whether a plan does something that cannot be taken back, or that must not be done to a volume in use.</summary>
    public static bool IsDestructive(Plan plan) =>
        plan.Needs is not null || plan.Steps.Any(step => step is not WriteVolume { Desired.Phase: Phases.Released or Phases.Failed });

    /// <summary>What must come before bytes are deleted or scrubbed: the pause after a failure, and a fresh look. Null when nothing does.</summary>
    public static Plan? PutOff(VolumeEntry volume, Observation seen)
    {
        if (!seen.MayReclaim)
        {
            return new Plan(Verdict.Reclaiming) { RetryLater = true };
        }

        // Between the observation and now an administrator may have changed the policy or freed the volume; bytes do not come back.
        var proof = new Proof.VolumeIsCurrent(volume.Name, volume.ResourceVersion);
        return seen.Proves(proof) ? null : new Plan(Verdict.NeedsProof) { Needs = proof };
    }

    /// <summary>The volume marked as failed, with an event the first time.</summary>
    public static Plan Fail(VolumeEntry volume, string reason, string note, bool retryLater = false)
    {
        var draft = new PlanDraft();
        draft.Write(volume, volume with { Phase = Phases.Failed, Message = note }, ObjectPart.Status);
        if (volume.Phase != Phases.Failed || volume.Message != note)
        {
            draft.TellWhenDone(PlannedEvent.Of(volume, isWarning: true, reason, note));
        }

        return draft.Finish(Verdict.Failed) with { RetryLater = retryLater };
    }

    private static Plan ByPolicy(VolumeEntry volume, Observation seen) => volume.ReclaimPolicy switch
    {
        ReclaimPolicies.Retain => new Plan(volume.Phase == Phases.Failed ? Verdict.Failed : Verdict.Released),
        ReclaimPolicies.Delete => Deletion.Plan(volume, seen),
        ReclaimPolicies.Recycle => Recycling.Plan(volume, seen),
        var unknown => Fail(volume, EventReasons.VolumeUnknownReclaimPolicy,
            $"Volume has unrecognized reclaim policy \"{unknown}\": set persistentVolumeReclaimPolicy to Retain or Delete."),
    };
}
