using StorageOperator.Controllers;
using StorageOperator.Controllers.Acting;
using StorageOperator.Controllers.Claims;
using StorageOperator.Controllers.Observing;
using StorageOperator.Controllers.Volumes;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Stores;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>
/// One process of the operator: the product's own stores, planners and executor, on a network where nothing happens by itself. Whoever
/// owns it says which event is delivered, which key is worked on, which request arrives. To crash it is to forget it.
/// </summary>
internal sealed class OperatorProcess : IEventRecorder
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestConflictPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1000);

    private readonly ModelServer _server;
    private readonly StepScheduler _scheduler = new();
    private readonly EntityStore<ClaimEntry> _claims = new();
    private readonly EntityStore<VolumeEntry> _volumes = new();
    private readonly ClaimController _claimController;
    private readonly VolumeController _volumeController;
    private readonly Dictionary<WorkKey, int> _failures = [];
    private readonly Dictionary<WorkKey, IEntry> _gone = [];

    /// <summary>Starts a process; it works once its feeds have delivered their lists.</summary>
    public OperatorProcess(ModelServer server)
    {
        _server = server;
        var (classes, pods) = (new EntityStore<ClassEntry>(), new EntityStore<PodEntry>());
        Feeds =
        [
            new Feed<ClaimEntry>(server, server.Claims, _claims),
            new Feed<VolumeEntry>(server, server.Volumes, _volumes),
            new Feed<ClassEntry>(server, server.Classes, classes),
            new Feed<PodEntry>(server, server.Pods, pods),
        ];
        Network = new Network(server, _claims, _volumes, pods);

        var options = new StorageControllersOptions();
        var time = new ModelTime(server);
        var view = new StorageView(_claims, _volumes, classes, pods, EnqueueClaim, EnqueueVolume, time);
        var desk = new Desk(view, EnqueueClaim, EnqueueVolume);
        var announcer = new Announcer(this);
        var proofs = new ProofReader(Network, view, _claims, _volumes, new PodCensus(Network, pods));
        var runner = new PlanRunner(Network, proofs, announcer, EnqueueClaim, EnqueueVolume);
        var planning = new PlanningOptionsSource(Network, options);
        _claimController = new ClaimController(view, planning, runner, desk, announcer);
        _volumeController = new VolumeController(view, planning, runner, desk, announcer, new ReclaimBackoff(time));
        _claims.Subscribe(new Feeder<ClaimEntry>(this, isVolume: false));
        _volumes.Subscribe(new Feeder<VolumeEntry>(this, isVolume: true));
    }

    /// <summary>Claims, volumes, classes, pods.</summary>
    public IReadOnlyList<IFeed> Feeds { get; }

    public Network Network { get; }

    public WorkQueue Queue { get; } = new();

    /// <summary>Told of an exception that no controller should throw.</summary>
    public Action<Exception>? Panicked { get; set; }

    /// <summary>Whether it knows enough to work.</summary>
    public bool HasSynced => Feeds[0].HasListed && Feeds[1].HasListed && Feeds[2].HasListed && Feeds[3].HasListed;

    /// <summary>Begins to work on a ready key: what it needs from outside becomes requests.</summary>
    public void Work(int index)
    {
        var key = Queue.Take(index);
        _ = Task.Factory.StartNew(() => WorkOnAsync(key), CancellationToken.None, TaskCreationOptions.None, _scheduler);
        _scheduler.Run();
    }

    /// <summary>The answer of a request is heard, and acted upon.</summary>
    public void Hear(Request request)
    {
        Network.Hear(request);
        _scheduler.Run();
    }

    void IEventRecorder.Record(EventSubject about, EventType type, string reason, string action, string note, EventSubject? related) =>
        _server.Events.Add((about.Type.Kind, about.Key, type == EventType.Warning, reason));

    // Priorities are left out, since any ready key may be taken.
    private void Enqueue(WorkKey key, TimeSpan queueIn)
    {
        if (queueIn == TimeSpan.Zero)
        {
            Queue.Add(key);
        }
        else
        {
            Queue.AddAt(key, _server.Now + queueIn);
        }
    }

    private void EnqueueClaim(ObjectKey key, QueuePriority priority, TimeSpan queueIn) => Enqueue(new(IsVolume: false, key), queueIn);

    private void EnqueueVolume(ObjectKey key, QueuePriority priority, TimeSpan queueIn) => Enqueue(new(IsVolume: true, key), queueIn);

    private async Task WorkOnAsync(WorkKey key)
    {
        try
        {
            var later = await ReconcileAsync(key);
            _failures.Remove(key);
            if (later is { } pause)
            {
                Queue.AddAt(key, _server.Now + pause);
            }
        }
        catch (ApiException e)
        {
            Retry(key, e.Failure == ApiFailure.Conflict ? LongestConflictPause : LongestPause);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Panicked?.Invoke(e);
            Retry(key, LongestPause);
        }
        finally
        {
            Queue.Done(key);
        }
    }

    private void Retry(WorkKey key, TimeSpan longest)
    {
        var failures = _failures.GetValueOrDefault(key);
        _failures[key] = failures + 1;
        var pause = FirstPause * (1 << Math.Min(failures, 18));
        Queue.AddAt(key, _server.Now + (pause < longest ? pause : longest));
    }

    // As the product's EntityReconciler: a controller hears of an object's end before it is shown a successor of the same name.
    private async Task<TimeSpan?> ReconcileAsync(WorkKey key)
    {
        if (_gone.Remove(key, out var gone))
        {
            _ = key.IsVolume
                ? (object)await _volumeController.DeletedAsync((VolumeEntry)gone, CancellationToken.None)
                : await _claimController.DeletedAsync((ClaimEntry)gone, CancellationToken.None);
        }

        if (key.IsVolume)
        {
            return _volumes.Get(key.Key) is { } volume ? (await _volumeController.ReconcileAsync(volume, CancellationToken.None)).RequeueAfter : null;
        }

        return _claims.Get(key.Key) is { } claim ? (await _claimController.ReconcileAsync(claim, CancellationToken.None)).RequeueAfter : null;
    }

    private sealed class Feeder<T>(OperatorProcess process, bool isVolume) : IStoreObserver<T>
        where T : class, IEntry
    {
        public void OnChange(in StoreChange<T> change)
        {
            var key = new WorkKey(isVolume, (change.After ?? change.Before)!.Key);
            if (change.Before is { } before && before.Uid != change.After?.Uid)
            {
                process._gone[key] = before;
            }

            process.Queue.Add(key);
        }
    }

    private sealed class ModelTime(ModelServer server) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + server.Now;

        // The only timer refreshes reports, and nothing else may depend on it: a claim that needs it to find its volume is a defect.
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Never();
    }

    private sealed class Never : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
