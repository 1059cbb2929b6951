using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>Policy Delete: whose the bytes are to delete, and when.</summary>
internal static class Deletion
{
    private const string HostPathProvisioner = "kubernetes.io/host-path";

    public static Plan Plan(VolumeEntry volume, Observation seen)
    {
        var provisioner = volume.Annotations[WellKnown.ProvisionedBy];
        return (provisioner, volume.Source.Plugin) switch
        {
            (HostPathProvisioner, "hostPath") or (null, "hostPath") => HostPath(volume, seen),
            ({ } inTree, _) when inTree.StartsWith(WellKnown.InTreePrefix, StringComparison.Ordinal) => Reclaim.Fail(volume, EventReasons.VolumeFailedDelete,
                $"no volume plugin matched name: {inTree}. Nothing deletes the bytes of this volume any more: delete them by hand, then the volume."),
            ({ }, _) or (null, "csi") => new Plan(Verdict.Released),
            _ => Reclaim.Fail(volume, EventReasons.VolumeFailedDelete,
                $"error getting deleter volume plugin for volume \"{volume.Name}\": no deletable volume plugin matched. Delete its bytes by hand, then the volume, or set its policy to Retain."),
        };
    }

    private static Plan HostPath(VolumeEntry volume, Observation seen)
    {
        var path = volume.Source.Path ?? "";
        if (!IsBelowTmp(path))
        {
            return Reclaim.Fail(volume, EventReasons.VolumeFailedDelete, $"host_path deleter only supports /tmp/.+ but received provided {path}");
        }

        if (!seen.Options.DeleteHostPaths)
        {
            return Reclaim.Fail(volume, EventReasons.VolumeFailedDelete,
                $"the bytes are below {path} on a node, where this operator, which runs in a pod, cannot delete them. Delete them by hand, then the volume, or set its policy to Retain.");
        }

        if (Users(volume, seen) is { Length: > 0 } users)
        {
            return new Plan(Verdict.Released)
            {
                Events = [PlannedEvent.Of(volume, isWarning: false, EventReasons.VolumeDelete, $"Volume is not deleted yet, it is used by pods: {users}")],
            };
        }

        if (Reclaim.PutOff(volume, seen) is { } later)
        {
            return later;
        }

        var draft = new PlanDraft();
        var deleted = draft.Add(new DeleteHostPath(volume, path));
        var freed = draft.Write(volume, volume with { Finalizers = volume.Finalizers.Remove(WellKnown.ControllerDeletion) }, ObjectPart.Spec, deleted);
        draft.Add(new DeleteVolume(volume), freed);
        return draft.Finish(Verdict.Reclaiming);
    }

    // Below /tmp and in shortest form: what is refused here can never be a way out of /tmp.
    private static bool IsBelowTmp(string path) => path.StartsWith("/tmp/", StringComparison.Ordinal)
        && path.Length > "/tmp/".Length
        && !path.Contains('\0', StringComparison.Ordinal)
        && path["/tmp/".Length..].Split('/').All(name => name is not ("" or "." or ".."));

    private static string Users(VolumeEntry volume, Observation seen) => string.Join(", ", seen.State.Pods
        .UsersOf(volume.ClaimRef!.Key)
        .Where(pod => pod is { NodeName.Length: > 0, IsFinished: false })
        .Select(pod => pod.Key.ToString()));
}
