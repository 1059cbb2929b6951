using StorageOperator.Model;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>An entry that shows its metadata's finalizers, so that a finalizer can be run and taken off.</summary>
public interface IFinalizableEntry : IEntry
{
    /// <summary>Whether <c>metadata.deletionTimestamp</c> is set.</summary>
    bool IsTerminating { get; }

    /// <summary>All of <c>metadata.finalizers</c>, in order.</summary>
    IReadOnlyList<string> Finalizers { get; }
}

/// <summary>
/// What must be done before a terminating object may go. Runs when its identifier stands anywhere among the object's finalizers;
/// after a success the identifier is taken off with a patch that carries the object's version.
/// </summary>
public interface IEntityFinalizer<TEntity>
    where TEntity : class, IFinalizableEntry
{
    /// <summary>Cleans up. Must be idempotent: it may run again after a success whose patch did not land.</summary>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken ct);
}
