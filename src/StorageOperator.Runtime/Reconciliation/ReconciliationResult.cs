using StorageOperator.Model;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>How a reconcile ended. A failure is retried for ever, with back-off.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IEntry
{
    private ReconciliationResult(TEntity entity, bool isSuccess, string? errorMessage, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The entity as the reconcile left it.</summary>
    public TEntity Entity { get; }

    /// <summary>Whether it ended well.</summary>
    public bool IsSuccess { get; }

    /// <summary>What went wrong, to be logged.</summary>
    public string? ErrorMessage { get; }

    /// <summary>The cause, where there is an exception.</summary>
    public Exception? Error { get; }

    /// <summary>
    /// When to look at the object again although nothing changed; for a failure, instead of the back-off. Null: not, or by back-off.
    /// </summary>
    public TimeSpan? RequeueAfter { get; set; }

#pragma warning disable CA1000 // KubeOps has its factories here, and call sites should read the same
    /// <summary>A reconcile that ended well.</summary>
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, true, null, null, requeueAfter);

    /// <summary>A reconcile that must be tried again.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, false, errorMessage, error, requeueAfter);
#pragma warning restore CA1000
}
