using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>Lets go of a volume's claim and makes the volume free again.</summary>
internal static class Unbinding
{
    /// <summary>The volume without its claim: a controller's choice is undone whole, a user's reservation by name stays.</summary>
    public static VolumeEntry Unbound(VolumeEntry volume)
    {
        var unbound = volume.Annotations.Contains(WellKnown.BoundByController)
            ? volume with { ClaimRef = null, Annotations = volume.Annotations.Without(WellKnown.BoundByController) }
            : volume with { ClaimRef = volume.ClaimRef! with { Uid = "" } };
        return VolumePlanner.InPhase(unbound, Phases.Available);
    }

    public static Plan Plan(VolumeEntry volume, VolumeEntry kept)
    {
        var draft = new PlanDraft();
        draft.WriteBoth(volume, Unbound(kept));
        return draft.Finish(Verdict.Available);
    }
}
