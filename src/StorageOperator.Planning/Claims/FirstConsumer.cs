using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>A claim whose volume is chosen when the first pod that uses it is scheduled.</summary>
internal static class FirstConsumer
{
    public static Plan Plan(ClaimEntry claim, ClaimEntry kept, Observation seen)
    {
        var waiting = seen.State.Pods.Using(claim).Where(pod => pod is { NodeName: "", IsFinished: false }).Select(pod => pod.Key.Name).ToArray();
        return waiting.Length == 0
            ? Wait(EventReasons.WaitForFirstConsumer, "waiting for first consumer to be created before binding")
            : Wait(EventReasons.WaitForPodScheduled, $"waiting for pod{(waiting.Length == 1 ? "" : "s")} {string.Join(",", waiting)} to be scheduled");

        Plan Wait(string reason, string note) => UnboundClaim.Wait(claim, kept, Verdict.WaitsForConsumer, isWarning: false, reason, note);
    }
}
