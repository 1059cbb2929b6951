using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Runtime.Hosting;

/// <summary>Composes an operator.</summary>
public interface IOperatorBuilder
{
    /// <summary>The services it registers into.</summary>
    IServiceCollection Services { get; }

    /// <summary>The settings.</summary>
    OperatorSettings Settings { get; }

    /// <summary>
    /// Watches a kind: an informer, and <see cref="IEntityStore{TEntry}"/> of <typeparamref name="TEntity"/> as a service.
    /// </summary>
    IOperatorBuilder AddEntity<TEntity>(
        ResourceType type, EntryDecoder<TEntity> decode, string? fieldSelector = null, string? labelSelector = null)
        where TEntity : class, IEntry;

    /// <summary>
    /// Runs a controller for every change of a kind added with <see cref="AddEntity"/>. Each controller has its own queue;
    /// <see cref="EntityQueue{TEntity}"/> feeds all controllers of the kind.
    /// </summary>
    /// <param name="maxParallel">Reconciles in flight at most; by default <see
    /// cref="OperatorSettings.MaxParallelReconciliations"/>.</param>
    IOperatorBuilder AddController<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TController, TEntity>(int? maxParallel = null)
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IEntry;

    /// <summary>
    /// Lets changes of one kind enqueue keys of another for its controllers. <paramref name="map"/> runs under the changed store's
    /// write lock: it must be quick and may only read stores.
    /// </summary>
    IOperatorBuilder Watches<TOther, TEntity>(Func<StoreChange<TOther>, IServiceProvider, IEnumerable<ObjectKey>> map)
        where TOther : class, IEntry
        where TEntity : class, IEntry;

    /// <summary>Runs a finalizer for terminating objects of a kind added with <see cref="AddEntity"/>.</summary>
    /// <param name="identifier">The finalizer's qualified name, such as <c>example.org/volume</c>.</param>
    IOperatorBuilder AddFinalizer<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFinalizer, TEntity>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
        where TEntity : class, IFinalizableEntry;

    /// <summary>Runs a loop of one's own while this process leads, after all stores have synced.</summary>
    IOperatorBuilder AddLeaderService<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>()
        where TService : class, ILeaderService;
}

/// <summary>Work that runs only on the leader.</summary>
public interface ILeaderService
{
    /// <summary>Runs until cancelled. An exception is logged and the work is started again after a back-off.</summary>
    Task RunAsync(CancellationToken ct);
}
