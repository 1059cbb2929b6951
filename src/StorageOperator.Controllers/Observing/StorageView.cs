using StorageOperator.Model;
using StorageOperator.Planning;
using StorageOperator.Planning.Cluster;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Controllers.Observing;

/// <summary>
/// The stores' contents as the planners' <see cref="ClusterState"/>, and whom each change concerns. All planning and all changes of the
/// state happen under <see cref="Gate"/>: a plan takes microseconds, so one lock is faster than sharing would be.
/// </summary>
/// <remarks>
/// Subscribed from the start, before any controller, so a controller that is handed a key finds the state at least as new as what
/// enqueued it. Lock order: a store's own lock, then <see cref="Gate"/>; nothing under the gate calls a store.
/// </remarks>
public sealed class StorageView :
    IStoreObserver<ClaimEntry>, IStoreObserver<VolumeEntry>, IStoreObserver<ClassEntry>, IStoreObserver<PodEntry>, IDisposable
{
    private readonly EntityQueue<ClaimEntry> _claims;
    private readonly EntityQueue<VolumeEntry> _volumes;
    private readonly ReportRefresh _reports;

    /// <summary>Subscribes to the stores.</summary>
    public StorageView(
        IEntityStore<ClaimEntry> claims, IEntityStore<VolumeEntry> volumes, IEntityStore<ClassEntry> classes, IEntityStore<PodEntry> pods,
        EntityQueue<ClaimEntry> claimQueue, EntityQueue<VolumeEntry> volumeQueue, TimeProvider time)
    {
        _claims = claimQueue;
        _volumes = volumeQueue;
        _reports = new ReportRefresh(Gate, State, claimQueue, time);
        classes.Subscribe(this);
        pods.Subscribe(this);
        volumes.Subscribe(this);
        claims.Subscribe(this);
    }

    /// <summary>Held for every look at, and every change of, <see cref="State"/>.</summary>
    public Lock Gate { get; } = new();

    /// <summary>What is known of the cluster.</summary>
    public ClusterState State { get; } = new();

    /// <inheritdoc/>
    public void OnChange(in StoreChange<ClaimEntry> change)
    {
        var (before, after) = (change.Before, change.After);
        lock (Gate)
        {
            if (before is not null && before.Uid != after?.Uid)
            {
                State.Departed.Add(before.Uid);
            }

            if (before is null && after is not null)
            {
                // Only a restored backup brings a claim back; its volume must then not be taken for one whose claim is gone.
                State.Departed.Remove(after.Uid);
            }

            if (after is not null)
            {
                State.Claims.Set(after);
            }
            else
            {
                State.Claims.Remove(before!.Key);
            }

            Wake(Relations.VolumesOf(State, before, after), change.Origin);
        }
    }

    /// <inheritdoc/>
    public void OnChange(in StoreChange<VolumeEntry> change)
    {
        var (before, after) = (change.Before, change.After);
        lock (Gate)
        {
            if (after is not null)
            {
                State.Volumes.Set(after);
            }
            else
            {
                State.Volumes.Remove(before!.Name);
            }

            Wake(Relations.ClaimsOf(State, before, after), change.Origin);
            _reports.VolumesChanged();
        }
    }

    /// <inheritdoc/>
    public void OnChange(in StoreChange<ClassEntry> change)
    {
        lock (Gate)
        {
            if (change.After is { } after)
            {
                State.Classes.Set(after);
            }
            else
            {
                State.Classes.Remove(change.Before!.Name);
            }

            Wake(Relations.ClaimsOf(State, (change.After ?? change.Before)!), change.Origin);
        }
    }

    /// <inheritdoc/>
    public void OnChange(in StoreChange<PodEntry> change)
    {
        var (before, after) = (change.Before, change.After);
        lock (Gate)
        {
            if (after is not null)
            {
                State.Pods.Set(after);
            }
            else
            {
                State.Pods.Remove(before!.Key);
            }

            Wake(Relations.ClaimsOf(before, after), change.Origin);
            Wake(Relations.VolumesOf(State, before, after), change.Origin);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reports.Dispose();

    private void Wake(IEnumerable<ObjectKey> claims, ChangeOrigin origin)
    {
        foreach (var claim in claims)
        {
            _claims(claim, PriorityOf(origin));
        }
    }

    private void Wake(IEnumerable<string> volumes, ChangeOrigin origin)
    {
        foreach (var volume in volumes)
        {
            _volumes(ObjectKey.Cluster(volume), PriorityOf(origin));
        }
    }

    private static QueuePriority PriorityOf(ChangeOrigin origin) =>
        origin == ChangeOrigin.InitialList ? QueuePriority.InitialList : QueuePriority.Fresh;
}
