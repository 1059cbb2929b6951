using StorageOperator.Model;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>
/// Enqueues the key of an object for the controllers of <typeparamref name="TEntity"/>; injectable wherever such a controller is
/// registered.
/// A key that waits already is not added twice: the higher priority and the earlier time win.
/// </summary>
/// <param name="key">The object.</param>
/// <param name="priority">What goes before what.</param>
/// <param name="queueIn">How long to wait first.</param>
public delegate void EntityQueue<TEntity>(ObjectKey key, QueuePriority priority = QueuePriority.Fresh, TimeSpan queueIn = default)
    where TEntity : class, IEntry;
