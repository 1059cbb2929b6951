using StorageOperator.Controllers.Acting;
using StorageOperator.Controllers.Observing;
using StorageOperator.Model;
using StorageOperator.Planning.Claims;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Rbac;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Claims;

/// <summary>Binds, protects and explains claims.</summary>
[EntityRbac(nameof(ResourceTypes.PersistentVolumeClaim), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch, Why = "binds and protects claims")]
[EntityRbac(nameof(ResourceTypes.PersistentVolumeClaim), Subresource = "status", Verbs = RbacVerb.Patch, Why = "says how a claim stands")]
[EntityRbac(nameof(ResourceTypes.StorageClass), Verbs = RbacVerb.List | RbacVerb.Watch, Why = "binding mode, provisioner, default class")]
[EntityRbac(nameof(ResourceTypes.Pod), Verbs = RbacVerb.List | RbacVerb.Watch, Why = "which pods use a claim")]
internal sealed class ClaimController(StorageView view, PlanningOptionsSource options, PlanRunner runner, Desk desk, Announcer announcer)
    : IEntityController<ClaimEntry>
{
    /// <inheritdoc/>
    public async Task<ReconciliationResult<ClaimEntry>> ReconcileAsync(ClaimEntry entity, CancellationToken ct)
    {
        var seen = Observation.Of(view.State, await options.GetAsync(ct));
        await runner.RunAsync(seen, now => desk.PlanClaim(entity.Key, claim => ClaimPlanner.Plan(claim, now)), ct);
        return ReconciliationResult<ClaimEntry>.Success(entity);
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<ClaimEntry>> DeletedAsync(ClaimEntry entity, CancellationToken ct)
    {
        announcer.Forget(entity);
        return Task.FromResult(ReconciliationResult<ClaimEntry>.Success(entity));
    }
}
