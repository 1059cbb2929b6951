using StorageOperator.Model;
using StorageOperator.Planning.Matching;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>A claim that is not bound yet.</summary>
internal static class UnboundClaim
{
    public static Plan Plan(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        if (claim.Defect is { } defect)
        {
            return Wait(claim, kept, Verdict.Defective, isWarning: true, EventReasons.FailedBinding, $"The claim cannot be bound: its {defect}. Correct it or create it anew.");
        }

        return claim.VolumeName.Length > 0 ? NamedVolume.Plan(claim, kept, seen) : FindVolume(claim, kept, seen);
    }

    /// <summary>The claim stays Pending and says why.</summary>
    public static Plan Wait(ClaimEntry claim, ClaimEntry kept, Verdict verdict, bool isWarning, string reason, string note, MatchReport? report = null)
    {
        var draft = new PlanDraft();
        draft.WriteBoth(claim, ClaimStatus.Unbound(kept, Phases.Pending));
        draft.Tell(PlannedEvent.Of(claim, isWarning, reason, note));
        return draft.Finish(verdict) with { Report = report };
    }

    private static Plan FindVolume(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        var storageClass = seen.State.Classes.Get(claim.ClassName);
        if (storageClass is { BindingMode: null })
        {
            return Wait(claim, kept, Verdict.WaitsForClass, isWarning: true, EventReasons.FailedBinding,
                $"Storage class \"{storageClass.Name}\" has no volumeBindingMode, so nobody knows when to bind: create the class anew with Immediate or WaitForFirstConsumer.");
        }

        var delays = storageClass?.WaitsForFirstConsumer == true;
        if (VolumeMatcher.Find(seen.State.Volumes, claim, onlyPointing: delays) is not { } volume)
        {
            return NoVolume(claim, kept, storageClass, seen);
        }

        return Binding.Needs(claim, volume, seen) is { } proof
            ? new Plan(Verdict.NeedsProof) { Needs = proof }
            : Binding.Draft(claim, kept, volume).Finish(Verdict.Binding);
    }

    private static Plan NoVolume(ClaimEntry claim, ClaimEntry kept, ClassEntry? storageClass, Observation seen)
    {
        if (claim.WantsDefaultClass && seen.Options.AssignDefaultClass && seen.State.Classes.Default is { } defaultClass)
        {
            var draft = new PlanDraft();
            draft.Write(claim, kept with { SpecClassName = defaultClass.Name }, ObjectPart.Spec);
            return draft.Finish(Verdict.ReceivesDefaultClass);
        }

        if (storageClass?.WaitsForFirstConsumer == true && claim.SelectedNode is null)
        {
            return FirstConsumer.Plan(claim, kept, seen);
        }

        var report = MatchExplainer.Explain(seen.State.Volumes, claim);
        return claim.ClassName.Length > 0
            ? Provisioning.Plan(claim, kept, storageClass, report, seen.Options)
            : Wait(claim, kept, Verdict.WaitsForVolume, isWarning: false, EventReasons.FailedBinding,
                $"no persistent volumes available for this claim and no storage class is set: {report}", report);
    }
}
