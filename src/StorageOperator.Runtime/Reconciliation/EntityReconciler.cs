using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>A controller's queue and loop, whatever its entity is.</summary>
internal interface IReconciler : IDisposable
{
    /// <summary>The controller's name.</summary>
    string Name { get; }

    /// <summary>Subscribes to the store and works until <see cref="StopAsync"/>.</summary>
    Task RunAsync(CancellationToken ct);

    /// <summary>Takes no more keys and waits for those in work.</summary>
    Task StopAsync(CancellationToken ct);
}

/// <summary>Feeds one controller: changes of the store become keys, keys become calls with what the store holds then.</summary>
internal sealed class EntityReconciler<TEntity> : IReconciler, IStoreObserver<TEntity>
    where TEntity : class, IEntry
{
    private readonly IEntityStore<TEntity> _store;
    private readonly IEntityController<TEntity> _controller;
    private readonly FinalizerRunner<TEntity>? _finalizers;
    private readonly ReconcileLoop<ObjectKey> _loop;

    /// <summary>Last known states of objects that are gone and whose controller has not been told yet.</summary>
    private readonly ConcurrentDictionary<ObjectKey, TEntity> _gone = new();

    public EntityReconciler(
        string name, IEntityStore<TEntity> store, IEntityController<TEntity> controller, FinalizerRunner<TEntity>? finalizers, int maxParallel,
        RuntimeMetrics metrics, TimeProvider time, ILogger logger)
    {
        Name = name;
        _store = store;
        _controller = controller;
        _finalizers = finalizers;
        _loop = new ReconcileLoop<ObjectKey>(name, ReconcileAsync, maxParallel, metrics, time, logger);
    }

    public string Name { get; }

    public void Enqueue(ObjectKey key, QueuePriority priority, TimeSpan queueIn) => _loop.Queue.Add(key, priority, queueIn);

    public async Task RunAsync(CancellationToken ct)
    {
        using var subscription = _store.Subscribe(this);
        await _loop.RunAsync(ct);
    }

    public Task StopAsync(CancellationToken ct) => _loop.Queue.StopAsync(ct);

    public void OnChange(in StoreChange<TEntity> change)
    {
        var key = (change.After ?? change.Before)!.Key;
        if (change.After is null || (change.Before is { } before && before.Uid != change.After.Uid))
        {
            _gone[key] = change.Before!;
        }

        _loop.Queue.Add(key, change.Origin == ChangeOrigin.InitialList ? QueuePriority.InitialList : QueuePriority.Fresh);
    }

    public void Dispose() => _loop.Dispose();

    private async Task<ReconcileOutcome> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        var gone = _gone.GetValueOrDefault(key);
        if (gone is not null)
        {
            // Told before its successor of the same name is looked at, and forgotten only when the controller is done with it.
            var outcome = ToOutcome(await _controller.DeletedAsync(gone, ct));
            if (outcome.Error is null)
            {
                _gone.TryRemove(KeyValuePair.Create(key, gone));
            }

            if (outcome != default || _store.Get(key) is null)
            {
                return outcome;
            }
        }

        return _store.Get(key) is { } entity ? await ReconcileAsync(entity, ct) : default;
    }

    private async Task<ReconcileOutcome> ReconcileAsync(TEntity entity, CancellationToken ct)
    {
        if (_finalizers is not null && await _finalizers.RunAsync(entity, ct) is { } result)
        {
            return ToOutcome(result);
        }

        return ToOutcome(await _controller.ReconcileAsync(entity, ct));
    }

    private static ReconcileOutcome ToOutcome(ReconciliationResult<TEntity> result) => result.IsSuccess
        ? new ReconcileOutcome(RequeueAfter: result.RequeueAfter)
        : new ReconcileOutcome(result.ErrorMessage ?? "no message", result.Error, result.RequeueAfter);
}
