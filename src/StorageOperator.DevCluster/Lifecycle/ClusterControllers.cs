using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>The parts of kube-controller-manager without which an API server does not feel like one; one loop over all writes.</summary>
internal sealed partial class ClusterControllers(
    ObjectStore store, ResourceRegistry registry, ObjectWriter writer, TimeProvider time,
    ILogger<ClusterControllers> log) : IAsyncDisposable
{
    private static readonly string[] SystemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    private readonly GarbageCollector _garbage = new(store, registry, writer);
    private readonly ContentCleanup _contents = new(store, registry, writer);
    private readonly EventExpiry _events = new(store, registry, writer, time);
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask, _nodes = Task.CompletedTask;

    /// <summary>Takes up what a data directory held and makes what every cluster has.</summary>
    public void Prepare()
    {
        ResourceKind definitions = registry.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;
        foreach (StoredObject definition in store.Read(definitions.StorageKey).Objects)
        {
            registry.Define(ObjectWriter.ToKind(definitions, definition));
        }
        ResourceKind namespaces = registry.Find("", "v1", "namespaces")!;
        foreach (string name in SystemNamespaces.Where(name => store.Get(namespaces.StorageKey, StoredObject.KeyOf("", name)) is null))
        {
            var made = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } };
            writer.Create(namespaces, "", made, WriteContext.Internal("kube-apiserver"));
        }
    }

    /// <summary>Starts the loop and, with any nodes to simulate, their scheduler and kubelets.</summary>
    public void Start(int simulatedNodes)
    {
        _events.Start();
        StoreWatch watch = store.WatchAll();
        _loop = Task.Run(() => RunAsync(watch));
        if (simulatedNodes > 0)
        {
            _nodes = Task.Run(() => new SimulatedNodes(store, registry, writer).RunAsync(simulatedNodes, time, _stopping.Token));
        }
    }

    /// <summary>Ends the loop; what it was doing is completed.</summary>
    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        await _stopping.CancelAsync();
        await _loop;
        await _nodes;
        _stopping.Dispose();
    }

    private async Task RunAsync(StoreWatch watch)
    {
        using (watch)
        {
            // What was written before the watch stood is swept up; what is seen twice does no harm.
            Guard("everything", _garbage.Load);
            Guard("everything", _garbage.Sweep);
            Guard("everything", _contents.Sweep);
            try
            {
                await foreach (WatchItem item in watch.Items.ReadAllAsync(_stopping.Token))
                {
                    Guard(item.Event!.Object.Key, () => _garbage.Observe(item.Event));
                    Guard(item.Event.Object.Key, () => _contents.Observe(item.Event));
                }
            }
            catch (OperationCanceledException)
            {
                // The server stops.
            }
        }
    }

    // One object that the controllers cannot make sense of must not end their care for all others.
    private void Guard(string about, Action work)
    {
        try
        {
            work();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            LogDefect(log, failure, about);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The server's own controllers failed on {Key}")]
    private static partial void LogDefect(ILogger log, Exception failure, string key);
}
