using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Volumes;

/// <summary>Policy Recycle: a pod empties the volume, then it is free again.</summary>
/// <remarks>
/// Everything that must survive a crash is in the cluster: the pod says which release it scrubs for (an annotation with the claim's
/// UID), and it is deleted before the volume is freed, so a pod that succeeded can never vouch for a later release.
/// </remarks>
public static class Recycling
{
    /// <summary>On a scrubber pod: the UID of the claim after which it scrubs.</summary>
    public const string ScrubsAfter = "storageoperator.io/scrubs-after-claim";

    // Names of pods have at most 253 characters.
    private const int LongestScrubbedName = 240;

    private const long Gibibyte = 1L << 30;

    internal static Plan Plan(VolumeEntry volume, Observation seen)
    {
        if (volume.Source.Plugin is not ("hostPath" or "nfs"))
        {
            return Reclaim.Fail(volume, EventReasons.VolumeFailedRecycle,
                "No recycler plugin found for the volume! Only hostPath and NFS volumes can be recycled: set its policy to Retain or Delete.");
        }

        if (Obstacle(volume) is { } obstacle)
        {
            return Reclaim.Fail(volume, EventReasons.VolumeFailedRecycle, $"The volume cannot be recycled: {obstacle}. Set its policy to Retain or Delete.");
        }

        return seen.State.Pods.ScrubberOf(volume.Name) is { } scrubber ? Watch(volume, scrubber) : Start(volume, seen);
    }

    // A scrubber empties what it mounts, so what it may mount is looked at first.
    private static string? Obstacle(VolumeEntry volume)
    {
        var path = volume.Source.Path ?? "";
        return volume switch
        {
            _ when !path.StartsWith('/') || path.Split('/').Any(name => name is "." or "..") => $"its path \"{path}\" is not absolute and plain",
            { Source.Plugin: "hostPath" } when path.Trim('/').Length == 0 => "its path is the root of the node",
            { Name.Length: > LongestScrubbedName } => $"its name is longer than {LongestScrubbedName} characters, and a pod {WellKnown.RecyclerPodPrefix}<name> must be created",
            _ => null,
        };
    }

    private static Plan Start(VolumeEntry volume, Observation seen)
    {
        if (Users(volume, seen) is { Length: > 0 } users)
        {
            return new Plan(Verdict.Released)
            {
                Events = [PlannedEvent.Of(volume, isWarning: false, EventReasons.VolumeFailedRecycle, $"Volume is used by pods: {users}")],
            };
        }

        if (Reclaim.PutOff(volume, seen) is { } later)
        {
            return later;
        }

        var draft = new PlanDraft();
        draft.Add(new CreateScrubber(volume, DeadlineFor(volume)));
        return draft.Finish(Verdict.Reclaiming);
    }

    private static Plan Watch(VolumeEntry volume, PodEntry scrubber)
    {
        if (scrubber.Annotations[ScrubsAfter] != volume.ClaimRef!.Uid)
        {
            return DeleteFirst(scrubber, Verdict.Reclaiming, null);
        }

        return scrubber.Phase switch
        {
            "Succeeded" => Finished(volume, scrubber),
            "Failed" => Failed(volume, scrubber),
            _ => new Plan(Verdict.Reclaiming),
        };
    }

    private static Plan Finished(VolumeEntry volume, PodEntry scrubber)
    {
        var draft = new PlanDraft();
        var deleted = draft.Add(new DeletePod(scrubber));
        draft.WriteBoth(volume, Unbinding.Unbound(volume), deleted);
        return draft.Finish(Verdict.Available) with
        {
            EventsWhenDone = [PlannedEvent.Of(volume, isWarning: false, EventReasons.VolumeRecycled, "Volume recycled")],
        };
    }

    private static Plan Failed(VolumeEntry volume, PodEntry scrubber)
    {
        var why = scrubber.Message.Length > 0 ? scrubber.Message : "the scrubber pod failed without a message";
        var plan = Reclaim.Fail(volume, EventReasons.VolumeFailedRecycle, $"Recycle failed: {why}", retryLater: true);
        return DeleteFirst(scrubber, Verdict.Failed, plan);
    }

    private static Plan DeleteFirst(PodEntry scrubber, Verdict verdict, Plan? then)
    {
        var draft = new PlanDraft();
        var deleted = draft.Add(new DeletePod(scrubber));
        foreach (var step in then?.Steps ?? [])
        {
            draft.Add(step, deleted);
        }

        return draft.Finish(verdict) with { Events = then?.Events ?? [], EventsWhenDone = then?.EventsWhenDone ?? [], RetryLater = then?.RetryLater == true };
    }

    // kube-controller-manager's defaults: NFS at least 300 s, hostPath at least 60 s, 30 s for every GiB.
    private static TimeSpan DeadlineFor(VolumeEntry volume)
    {
        var least = volume.Source.Plugin == "nfs" ? 300 : 60;
        var bytes = volume.Capacity?.Bytes ?? 0;
        var gibibytes = (bytes / Gibibyte) + (bytes % Gibibyte > 0 ? 1 : 0);
        return TimeSpan.FromSeconds(Math.Max(least, Math.Min(gibibytes, int.MaxValue / 60) * 30));
    }

    private static string Users(VolumeEntry volume, Observation seen) => string.Join(", ", seen.State.Pods
        .UsersOf(volume.ClaimRef!.Key)
        .Where(pod => !pod.IsFinished)
        .Select(pod => pod.Key.ToString()));
}
