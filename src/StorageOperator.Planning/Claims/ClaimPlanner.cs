using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>Decides what shall be done about a claim.</summary>
public static class ClaimPlanner
{
    /// <summary>Makes the plan for one claim as it stands now.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="seen">Everything else that is known.</param>
    public static Plan Plan(ClaimEntry claim, Observation seen)
    {
        if (ClaimProtection.PlanRelease(claim, seen) is { } release)
        {
            return release;
        }

        var kept = claim with { Annotations = InTreeDrivers.Mark(claim), Finalizers = ClaimProtection.Keep(claim) };
        return claim.IsBindCompleted ? BoundClaim.Plan(claim, kept, seen) : UnboundClaim.Plan(claim, kept, seen);
    }
}
