using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>
/// The writes that bind a claim and a volume, or repair what is missing of a bond. The two pointers are the truth and there is no
/// transaction: the volume's pointer goes first, since it is what keeps every other claim away; the claim's follows.
/// </summary>
internal static class Binding
{
    /// <summary>What must be proved before the bond may be completed; null when nothing must.</summary>
    /// <remarks>
    /// Whoever wrote that a volume is Released knew that its claim was gone. If the claim is in the cache all the same, it is rather the
    /// cache that is behind, and a volume whose bytes are about to be deleted must not be called Bound.
    /// </remarks>
    public static Proof? Needs(ClaimEntry claim, VolumeEntry volume, Observation seen) =>
        volume.Phase is Phases.Released or Phases.Failed && volume.ClaimRef?.Uid == claim.Uid
        && Proof.ClaimIsCurrent.Of(claim) is var proof && !seen.Proves(proof)
            ? proof
            : null;

    /// <summary>Plans what is missing of the bond; no steps when it is complete.</summary>
    /// <param name="claim">The claim as it is.</param>
    /// <param name="kept">The claim with the upkeep that this plan writes anyway.</param>
    /// <param name="volume">The volume.</param>
    /// <remarks>
    /// kube-controller-manager does the four writes one after another. Here the volume's status goes out beside the claim's two, since
    /// nothing decides by it, so a bind takes three round trips instead of four.
    /// </remarks>
    public static PlanDraft Draft(ClaimEntry claim, ClaimEntry kept, VolumeEntry volume)
    {
        var draft = new PlanDraft();
        var pointing = Pointing(volume, claim);
        var pointed = draft.Write(volume, pointing, ObjectPart.Spec);
        draft.Write(pointing, WithPhase(pointing), ObjectPart.Status, pointed);

        var named = Naming(kept, volume);
        var completed = draft.Write(claim, named, ObjectPart.Spec, pointed);
        draft.Write(named, ClaimStatus.Bound(named, volume), ObjectPart.Status, completed);
        return draft;
    }

    private static VolumeEntry Pointing(VolumeEntry volume, ClaimEntry claim)
    {
        var pointer = new ClaimReference(claim.Key.Namespace, claim.Key.Name, claim.Uid);

        // A volume that a user reserved for this claim keeps its reservation when the claim is gone; one chosen here does not.
        return volume.ClaimRef?.PointsTo(claim) == true
            ? volume with { ClaimRef = pointer }
            : volume with { ClaimRef = pointer, Annotations = Marked(volume.Annotations, WellKnown.BoundByController) };
    }

    private static VolumeEntry WithPhase(VolumeEntry volume) =>
        volume.Phase == Phases.Bound ? volume : volume with { Phase = Phases.Bound, Message = "" };

    private static ClaimEntry Naming(ClaimEntry claim, VolumeEntry volume)
    {
        var completed = claim with { Annotations = Marked(claim.Annotations, WellKnown.BindCompleted) };
        return claim.VolumeName == volume.Name
            ? completed
            : completed with
            {
                VolumeName = volume.Name,
                Annotations = Marked(completed.Annotations, WellKnown.BoundByController),
            };
    }

    // Only a mark's presence counts; one that is there, whatever its value, is left alone.
    private static KeyValueSet Marked(KeyValueSet annotations, string mark) =>
        annotations.Contains(mark) ? annotations : annotations.With(mark, WellKnown.Yes);
}
