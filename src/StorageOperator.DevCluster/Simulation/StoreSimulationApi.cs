using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>The embedded server's own store as the simulation sees it: writes take the same way as everybody's.</summary>
internal sealed class StoreSimulationApi(ObjectStore store, ResourceRegistry registry, ObjectWriter writer) : ISimulationApi
{
    private static readonly SimulatedResource[] Watched =
        [SimulatedResource.Pods, SimulatedResource.Claims, SimulatedResource.Volumes, SimulatedResource.Classes, SimulatedResource.Nodes];

    private readonly WriteContext _scheduler = WriteContext.Internal("kube-scheduler");
    private readonly WriteContext _kubelet = WriteContext.Internal("kubelet");

    public JsonObject? Get(SimulatedResource resource, string ns, string name)
    {
        var kind = KindOf(resource);
        return store.Get(kind.StorageKey, StoredObject.KeyOf(ns, name)) is { } found ? ObjectWriter.ToKind(kind, found) : null;
    }

    public IReadOnlyList<JsonObject> List(SimulatedResource resource)
    {
        var kind = KindOf(resource);
        return store.Read(kind.StorageKey).Objects.Select(found => ObjectWriter.ToKind(kind, found)).ToList();
    }

    public bool Create(SimulatedResource resource, JsonObject created)
    {
        var context = resource == SimulatedResource.Events ? _scheduler : _kubelet;
        return Try(() => writer.Create(KindOf(resource), created.Metadata().Text("namespace") ?? "", created, context));
    }

    public bool Update(SimulatedResource resource, JsonObject updated, SimulatedEndpoint endpoint)
    {
        var kind = KindOf(resource);
        var metadata = updated.Metadata();
        var ns = metadata.Text("namespace") ?? "";
        var name = metadata.Text("name") ?? "";
        return endpoint switch
        {
            SimulatedEndpoint.Binding => Try(() => writer.Bind(kind, ns, name, updated.Object("spec").Text("nodeName") ?? "", _scheduler)),
            SimulatedEndpoint.Status => Try(() => writer.Update(kind, ns, name, "status", _ => updated, _kubelet)),
            _ => Try(() => writer.Update(kind, ns, name, "", _ => updated, _scheduler)),
        };
    }

    public void RemovePod(string ns, string name, string uid) =>
        Try(() => writer.Delete(KindOf(SimulatedResource.Pods), ns, name, new DeleteOptions(uid, GracePeriodSeconds: 0), _kubelet));

    public async IAsyncEnumerable<SimulatedChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var watched = Watched.ToDictionary(resource => KindOf(resource).StorageKey);
        using var watch = store.WatchAll();
        await foreach (var item in watch.Items.ReadAllAsync(cancellation))
        {
            if (item.Event is { } written && watched.TryGetValue(written.Resource, out var resource))
            {
                yield return new SimulatedChange(resource, ObjectWriter.ToKind(KindOf(resource), written.Object), written.Type == StoreEventType.Deleted);
            }
        }
    }

    // A refusal is no failure here: the object has changed, or is gone, or a person has written something that cannot go on. The next
    // change of it is the next chance.
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

    private ResourceKind KindOf(SimulatedResource resource) => registry.Find(resource.Group, "v1", resource.Plural)
        ?? throw new InvalidOperationException($"The server does not serve {resource.Plural}.");
}
