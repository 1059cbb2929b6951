using StorageOperator.Model;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>
/// Brings one object nearer to what it should be. Called for one object at a time, for different objects in parallel, only on the leader.
/// The entity comes from the store and may be older than the server's; every write must carry its version.
/// </summary>
public interface IEntityController<TEntity>
    where TEntity : class, IEntry
{
    /// <summary>Called when the object exists, after every change and after every retry.</summary>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken ct);

    /// <summary>Called with the last known state when the object is gone. Not guaranteed: a restart may miss it.</summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken ct);
}
