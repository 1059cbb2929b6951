using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Hosting;

/// <summary>What the builder has been told to run; made by the host when it starts.</summary>
internal sealed class OperatorParts
{
    public List<Func<IServiceProvider, IInformer>> Informers { get; } = [];

    public List<Func<IServiceProvider, IReconciler>> Reconcilers { get; } = [];

    /// <summary>Subscriptions that map changes of one kind to keys of another; run with the consumers.</summary>
    public List<Func<IServiceProvider, IDisposable>> Watches { get; } = [];

    public List<Type> LeaderServices { get; } = [];
}

/// <summary>Registers what is added as services, and as parts for the host to run.</summary>
internal sealed class OperatorBuilder(IServiceCollection services, OperatorSettings settings, OperatorParts parts) : IOperatorBuilder
{
    public IServiceCollection Services => services;

    public OperatorSettings Settings => settings;

    public IOperatorBuilder AddEntity<TEntity>(
        ResourceType type, EntryDecoder<TEntity> decode, string? fieldSelector = null, string? labelSelector = null)
        where TEntity : class, IEntry
    {
        ArgumentNullException.ThrowIfNull(type);
        if (services.Any(s => s.ServiceType == typeof(EntityRegistration<TEntity>)))
        {
            throw new InvalidOperationException($"{typeof(TEntity).Name} is added twice; one kind of entry has one store");
        }

        var @namespace = type.Namespaced ? settings.Namespace : null;
        var registration = new EntityRegistration<TEntity>(new InformerScope(type, @namespace, fieldSelector, labelSelector), decode);
        services.AddSingleton(registration);
        services.AddSingleton(s => new EntityStore<TEntity>(s.LoggerFor("StorageOperator.Runtime.Stores")));
        services.AddSingleton<IEntityStore<TEntity>>(s => s.GetRequiredService<EntityStore<TEntity>>());
        services.AddSingleton<EntityReconcilers<TEntity>>();
        services.AddSingleton<EntityQueue<TEntity>>(s =>
        {
            var reconcilers = s.GetRequiredService<EntityReconcilers<TEntity>>();
            return (key, priority, queueIn) => reconcilers.Enqueue(key, priority, queueIn);
        });
        parts.Informers.Add(s => new Informer<TEntity>(
            registration.Scope, decode, s.GetRequiredService<EntityStore<TEntity>>(), s.GetRequiredService<ApiTransport>(),
            s.GetRequiredService<RuntimeMetrics>(), s.GetRequiredService<TimeProvider>(), s.LoggerFor("StorageOperator.Runtime.Informers")));
        return this;
    }

    public IOperatorBuilder AddController<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TController, TEntity>(int? maxParallel = null)
        where TController : class, IEntityController<TEntity>
        where TEntity : class, IEntry
    {
        services.TryAddSingleton<TController>();
        parts.Reconcilers.Add(s =>
        {
            var reconciler = new EntityReconciler<TEntity>(
                NameOf<TController>(), s.GetRequiredService<IEntityStore<TEntity>>(), s.GetRequiredService<TController>(),
                s.GetService<FinalizerRunner<TEntity>>(), maxParallel ?? settings.MaxParallelReconciliations, s.GetRequiredService<RuntimeMetrics>(),
                s.GetRequiredService<TimeProvider>(), s.LoggerFor("StorageOperator.Runtime.Reconciliation"));
            s.GetRequiredService<EntityReconcilers<TEntity>>().Add(reconciler);
            return reconciler;
        });
        return this;
    }

    public IOperatorBuilder Watches<TOther, TEntity>(Func<StoreChange<TOther>, IServiceProvider, IEnumerable<ObjectKey>> map)
        where TOther : class, IEntry
        where TEntity : class, IEntry
    {
        ArgumentNullException.ThrowIfNull(map);
        parts.Watches.Add(s => s.GetRequiredService<IEntityStore<TOther>>().Subscribe(
            new MappedWatch<TOther, TEntity>(map, s, s.GetRequiredService<EntityQueue<TEntity>>())));
        return this;
    }

    public IOperatorBuilder AddFinalizer<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFinalizer, TEntity>(string identifier)
        where TFinalizer : class, IEntityFinalizer<TEntity>
        where TEntity : class, IFinalizableEntry
    {
        if (!identifier.Contains('/', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"finalizer \"{identifier}\" must be qualified by a domain, such as example.org/volume: the API server refuses others on core kinds",
                nameof(identifier));
        }

        services.TryAddSingleton<TFinalizer>();
        services.AddSingleton(s => new NamedFinalizer<TEntity>(identifier, s.GetRequiredService<TFinalizer>()));
        services.TryAddSingleton<FinalizerRunner<TEntity>>(s =>
        {
            var registration = s.GetRequiredService<EntityRegistration<TEntity>>();
            return new FinalizableRunner<TEntity>(
                registration.Scope.Type, registration.Decode, s.GetRequiredService<IApiClient>(), s.GetRequiredService<IEntityStore<TEntity>>(),
                s.GetServices<NamedFinalizer<TEntity>>().ToDictionary(f => f.Identifier, f => f.Finalizer, StringComparer.Ordinal));
        });
        return this;
    }

    public IOperatorBuilder AddLeaderService<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>()
        where TService : class, ILeaderService
    {
        services.TryAddSingleton<TService>();
        parts.LeaderServices.Add(typeof(TService));
        return this;
    }

    /// <summary>As controller-runtime names controllers: the type in lower case, without the word itself.</summary>
    private static string NameOf<TController>()
    {
        const string Suffix = "Controller";
        var name = typeof(TController).Name;
        name = name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length ? name[..^Suffix.Length] : name;
        return name.ToLowerInvariant();
    }

    private sealed class MappedWatch<TOther, TEntity>(
        Func<StoreChange<TOther>, IServiceProvider, IEnumerable<ObjectKey>> map, IServiceProvider services, EntityQueue<TEntity> queue) : IStoreObserver<TOther>
        where TOther : class, IEntry
        where TEntity : class, IEntry
    {
        public void OnChange(in StoreChange<TOther> change)
        {
            var priority = change.Origin == ChangeOrigin.InitialList ? QueuePriority.InitialList : QueuePriority.Fresh;
            foreach (var key in map(change, services))
            {
                queue(key, priority);
            }
        }
    }
}

/// <summary>What an entity was added with.</summary>
internal sealed record EntityRegistration<TEntity>(InformerScope Scope, EntryDecoder<TEntity> Decode)
    where TEntity : class, IEntry;

/// <summary>A finalizer under its identifier.</summary>
internal sealed record NamedFinalizer<TEntity>(string Identifier, IEntityFinalizer<TEntity> Finalizer)
    where TEntity : class, IFinalizableEntry;

/// <summary>The reconcilers of one kind, which its <see cref="EntityQueue{TEntity}"/> feeds.</summary>
internal sealed class EntityReconcilers<TEntity>
    where TEntity : class, IEntry
{
    private EntityReconciler<TEntity>[] _reconcilers = [];

    public void Add(EntityReconciler<TEntity> reconciler) => _reconcilers = [.. _reconcilers, reconciler];

    public void Enqueue(ObjectKey key, QueuePriority priority, TimeSpan queueIn)
    {
        foreach (var reconciler in _reconcilers)
        {
            reconciler.Enqueue(key, priority, queueIn);
        }
    }
}
