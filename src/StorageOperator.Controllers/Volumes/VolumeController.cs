using StorageOperator.Controllers.Acting;
using StorageOperator.Controllers.Observing;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Planning.Volumes;
using StorageOperator.Runtime.Rbac;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Controllers.Volumes;

/// <summary>Keeps volumes' phases, protects them, offers free ones to waiting claims, and reclaims those whose claim is gone.</summary>
[EntityRbac(nameof(ResourceTypes.PersistentVolume), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch | RbacVerb.Delete, Why = "binds, protects and reclaims volumes")]
[EntityRbac(nameof(ResourceTypes.PersistentVolume), Subresource = "status", Verbs = RbacVerb.Patch, Why = "says how a volume stands")]
[EntityRbac(nameof(ResourceTypes.Pod), Verbs = RbacVerb.Create | RbacVerb.Delete, Why = "scrubs volumes with policy Recycle, in namespace default")]
internal sealed class VolumeController(
    StorageView view, PlanningOptionsSource options, PlanRunner runner, Desk desk, Announcer announcer, ReclaimBackoff backoff) : IEntityController<VolumeEntry>
{
    private static readonly TimeSpan NextOffer = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    public async Task<ReconciliationResult<VolumeEntry>> ReconcileAsync(VolumeEntry entity, CancellationToken ct)
    {
        var mayReclaim = backoff.Remaining(entity.Uid) == TimeSpan.Zero;
        var seen = Observation.Of(view.State, await options.GetAsync(ct)) with { MayReclaim = mayReclaim };
        try
        {
            var plan = await runner.RunAsync(seen, now => desk.PlanVolume(entity.Key, volume => VolumePlanner.Plan(volume, now)), ct);
            if (plan is not { RetryLater: true })
            {
                ForgetIfReclaimed(entity);
                return ReconciliationResult<VolumeEntry>.Success(entity);
            }

            if (plan.Verdict is Verdict.Available)
            {
                // An offer to many claims that was broken off: nothing failed.
                return ReconciliationResult<VolumeEntry>.Success(entity, NextOffer);
            }

            if (mayReclaim)
            {
                backoff.Failed(entity.Uid);
            }

            return ReconciliationResult<VolumeEntry>.Success(entity, Later(entity));
        }
        catch (ReclaimFailedException e)
        {
            backoff.Failed(entity.Uid);
            await runner.RunAsync(seen, _ => desk.PlanVolume(entity.Key, volume => VolumePlanner.PlanFailedReclaim(volume, e.Reason, e.Message)), ct);
            return ReconciliationResult<VolumeEntry>.Success(entity, Later(entity));
        }
    }

    /// <inheritdoc/>
    public Task<ReconciliationResult<VolumeEntry>> DeletedAsync(VolumeEntry entity, CancellationToken ct)
    {
        announcer.Forget(entity);
        backoff.Forget(entity.Uid);
        return Task.FromResult(ReconciliationResult<VolumeEntry>.Success(entity));
    }

    // Not after every success: starting another scrub is one too, and must not undo the pause before the next if this one fails.
    private void ForgetIfReclaimed(VolumeEntry volume)
    {
        if (volume.Phase is Phases.Available or Phases.Bound)
        {
            backoff.Forget(volume.Uid);
        }
    }

    private TimeSpan Later(VolumeEntry volume) => backoff.Remaining(volume.Uid) + TimeSpan.FromMilliseconds(10);
}
