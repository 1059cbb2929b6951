using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>The parts of kube-controller-manager without which an API server does not feel like one; one loop over all writes.</summary>
internal sealed class ClusterControllers(ObjectStore store, ResourceRegistry registry, ObjectWriter writer) : IAsyncDisposable
{
    private static readonly string[] SystemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

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
            writer.Create(namespaces, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, WriteContext.Internal("kube-apiserver"));
        }
    }

    /// <summary>Starts the loop.</summary>
    public void Start()
    {
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
