using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Simulation;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>The stand-in for scheduler and kubelet, run against this server's store, without going through HTTP.</summary>
internal sealed class SimulatedNodes(ObjectStore store, ResourceRegistry registry, ObjectWriter writer) : ISimulationApi
{
    private readonly WriteContext _scheduler = WriteContext.Internal("kube-scheduler"), _kubelet = WriteContext.Internal("kubelet");

    /// <summary>Runs so many nodes until cancelled.</summary>
    public async Task RunAsync(int nodes, TimeProvider time, CancellationToken cancellation)
    {
        try
        {
            await new ClusterSimulation(this, nodes, time).RunAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <inheritdoc/>
    public JsonObject? Get(SimulatedResource resource, string ns, string name)
    {
        ResourceKind kind = KindOf(resource);
        return store.Get(kind.StorageKey, StoredObject.KeyOf(ns, name)) is { } stored ? ObjectWriter.ToKind(kind, stored) : null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<JsonObject> List(SimulatedResource resource)
    {
        ResourceKind kind = KindOf(resource);
        return [.. store.Read(kind.StorageKey).Objects.Select(stored => ObjectWriter.ToKind(kind, stored))];
    }

    /// <inheritdoc/>
    public bool Create(SimulatedResource resource, JsonObject created) =>
        Try(() => writer.Create(KindOf(resource), ObjectMeta.Text(created, "namespace"), created, _scheduler));

    /// <inheritdoc/>
    public bool Update(SimulatedResource resource, JsonObject updated, SimulatedEndpoint endpoint)
    {
        ResourceKind kind = KindOf(resource);
        string ns = ObjectMeta.Text(updated, "namespace"), name = ObjectMeta.Text(updated, "name");
        return endpoint switch
        {
            SimulatedEndpoint.Binding =>
                Try(() => writer.Bind(kind, ns, name, ObjectMeta.TextOf(updated["spec"]?["nodeName"]), _scheduler)),
            SimulatedEndpoint.Status => Try(() => Replace(kind, ns, name, "status", updated, _kubelet)),
            _ => Try(() => Replace(kind, ns, name, "", updated, _scheduler)),
        };
    }

    /// <inheritdoc/>
    public void RemovePod(string ns, string name, string uid) => Try(() => writer.Delete(
        KindOf(SimulatedResource.Pods), ns, name, new DeleteOptions(uid, GracePeriodSeconds: 0), _kubelet));

    /// <inheritdoc/>
    public IAsyncEnumerable<SimulatedChange> WatchAsync(CancellationToken cancellation) => Follow(store.WatchAll(), cancellation);

    private async IAsyncEnumerable<SimulatedChange> Follow(StoreWatch watch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using (watch)
        {
            await foreach (WatchItem item in watch.Items.ReadAllAsync(cancellation))
            {
                StoreEvent written = item.Event!;
                if (registry.FindStored(written.Resource) is { IsCustom: false } kind)
                {
                    yield return new SimulatedChange(
                        new SimulatedResource(kind.Group, kind.Plural), ObjectWriter.ToKind(kind, written.Object),
                        written.Type == StoreEventType.Deleted);
                }
            }
        }
    }

    private void Replace(ResourceKind kind, string ns, string name, string subresource, JsonObject updated, WriteContext context) =>
        writer.Update(kind, ns, name, subresource, _ => (JsonObject)updated.DeepClone(), context, isReplacement: true);

    private ResourceKind KindOf(SimulatedResource resource) => registry.Find(resource.Group, "v1", resource.Plural)!;

    private static bool Try(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (ApiException)
        {
            return false;
        }
    }
}
