using StorageOperator.Controllers.Acting;
using StorageOperator.Controllers.Observing;
using StorageOperator.Model;
using StorageOperator.Planning.Claims;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Rbac;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Claims;

/// <summary>Where kube-controller-manager binds: says why no volume matches a claim, and writes nothing else.</summary>
[EntityRbac(nameof(ResourceTypes.PersistentVolumeClaim), Verbs = RbacVerb.List | RbacVerb.Watch, Why = "explains why claims wait")]
internal sealed class ClaimExplainer(StorageView view, PlanningOptionsSource options, Desk desk, Announcer announcer) : IEntityController<ClaimEntry>
{
    private const string Reason = "NoVolumeMatches";

    /// <inheritdoc/>
    public async Task<ReconciliationResult<ClaimEntry>> ReconcileAsync(ClaimEntry entity, CancellationToken ct)
    {
        var seen = Observation.Of(view.State, await options.GetAsync(ct));
        using var ticket = desk.PlanClaim(entity.Key, claim => ClaimPlanner.Plan(claim, seen));
        if (ticket?.Plan is { Report: { } report, Verdict: not Verdict.WaitsForProvisioner })
        {
            announcer.Tell([PlannedEvent.Of(entity, isWarning: false, Reason, report.ToString())]);
        }

        return ReconciliationResult<ClaimEntry>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<ClaimEntry>> DeletedAsync(ClaimEntry entity, CancellationToken ct)
    {
        announcer.Forget(entity);
        return Task.FromResult(ReconciliationResult<ClaimEntry>.Success(entity));
    }
}
