using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>
/// Empties what is terminating, then lets it go: the objects of a namespace (k/k:pkg/controller/namespace) and those of a custom
/// resource definition (apiextensions-apiserver's finalizer).
/// </summary>
internal sealed class ContentCleanup(ObjectStore store, ResourceRegistry registry, ObjectWriter writer)
{
    private const string Definitions = "apiextensions.k8s.io/customresourcedefinitions", Namespaces = "/namespaces";

    private readonly WriteContext _context = WriteContext.Internal("kube-controller-manager");

    /// <summary>Reconciles everything that is terminating.</summary>
    public void Sweep()
    {
        foreach (StoredObject stored in store.Read(Namespaces).Objects)
        {
            ReconcileNamespace(stored.Name);
        }
        foreach (StoredObject stored in store.Read(Definitions).Objects)
        {
            ReconcileDefinition(stored.Name);
        }
    }

    /// <summary>Does what follows from a write.</summary>
    public void Observe(StoreEvent written)
    {
        if (written.Resource == Namespaces)
        {
            ReconcileNamespace(written.Object.Name);
        }
        else if (written.Resource == Definitions)
        {
            ReconcileDefinition(written.Object.Name);
        }
        else if (written.Type == StoreEventType.Deleted)
        {
            if (written.Object.Namespace.Length > 0)
            {
                ReconcileNamespace(written.Object.Namespace);
            }
            string[] names = written.Resource.Split('/');
            ReconcileDefinition($"{names[1]}.{names[0]}");
        }
    }

    private void ReconcileNamespace(string name)
    {
        if (store.Get(Namespaces, StoredObject.KeyOf("", name)) is not { IsTerminating: true })
        {
            return;
        }
        bool isEmpty = true;
        IEnumerable<ResourceKind> kinds = registry.Kinds.Where(kind => kind is { Namespaced: true, FromStored: null });
        foreach (ResourceKind kind in kinds.DistinctBy(kind => kind.StorageKey))
        {
            isEmpty &= DeleteAll(kind, store.Read(kind.StorageKey).Range(name));
        }
        if (isEmpty)
        {
            Release(registry.Find("", "v1", "namespaces")!, name, "finalize", value => value["spec"]!.AsObject().Remove("finalizers"));
        }
    }

    private void ReconcileDefinition(string name)
    {
        if (store.Get(Definitions, StoredObject.KeyOf("", name)) is not { IsTerminating: true })
        {
            return;
        }
        string resource = $"{name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..]}/{name.Split('.')[0]}";
        if (registry.FindStored(resource) is not { } kind || DeleteAll(kind, store.Read(resource).Objects))
        {
            Release(
                registry.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!, name, "",
                value => ObjectMeta.SetFinalizers(
                    value, ObjectMeta.Finalizers(value).Where(finalizer => finalizer != CustomResources.CleanupFinalizer)));
        }
    }

    // Returns whether nothing was there and nothing is left.
    private bool DeleteAll(ResourceKind kind, IEnumerable<StoredObject> objects)
    {
        bool isEmpty = true;
        foreach (StoredObject stored in objects)
        {
            try
            {
                isEmpty &= stored.IsTerminating
                    ? false
                    : writer.Delete(kind, stored.Namespace, stored.Name, new DeleteOptions(stored.Uid), _context).IsGone;
            }
            catch (ApiException gone) when (gone.Code is 404 or 409)
            {
                isEmpty = false;
            }
        }
        return isEmpty;
    }

    private void Release(ResourceKind kind, string name, string subresource, Action<System.Text.Json.Nodes.JsonObject> release)
    {
        try
        {
            writer.Update(
                kind, "", name, subresource,
                value =>
                {
                    release(value);
                    return value;
                },
                _context);
        }
        catch (ApiException gone) when (gone.Code is 404 or 409)
        {
            // Its next event, or its removal by someone else, ends the matter.
        }
    }
}
