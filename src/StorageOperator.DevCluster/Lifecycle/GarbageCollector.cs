using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>
/// Deletes what has no owner left, dependents before an owner that is deleted in the foreground, and cuts dependents loose from an
/// owner that leaves orphans (k/k:pkg/controller/garbagecollector).
/// </summary>
internal sealed class GarbageCollector(ObjectStore store, ResourceRegistry registry, ObjectWriter writer)
{
    private readonly OwnerGraph _graph = new();
    private readonly WriteContext _context = WriteContext.Internal("kube-controller-manager");

    /// <summary>Takes in everything that exists.</summary>
    public void Load()
    {
        foreach (string resource in store.Resources)
        {
            foreach (StoredObject stored in store.Read(resource).Objects)
            {
                _graph.Put(new ObjectAddress(resource, stored.Key), stored, null);
            }
        }
    }

    /// <summary>Reconciles everything that was taken in.</summary>
    public void Sweep()
    {
        foreach (string resource in store.Resources)
        {
            foreach (StoredObject stored in store.Read(resource).Objects)
            {
                Reconcile(new ObjectAddress(resource, stored.Key), stored);
            }
        }
    }

    /// <summary>Takes in a write and does what follows from it.</summary>
    public void Observe(StoreEvent written)
    {
        var address = new ObjectAddress(written.Resource, written.Object.Key);
        if (written.Type != StoreEventType.Deleted)
        {
            _graph.Put(address, written.Object, written.Previous);
            Reconcile(address, written.Object);
            return;
        }
        _graph.Remove(address, written.Previous ?? written.Object);
        foreach (ObjectAddress dependent in _graph.DependentsOf(written.Object.Uid))
        {
            ReconcileDependent(dependent);
        }
        foreach (string owner in written.Object.OwnerUids)
        {
            ReconcileOwner(owner);
        }
    }

    private void Reconcile(ObjectAddress address, StoredObject stored)
    {
        if (stored.OwnerUids.Count > 0 && stored.OwnerUids.Any(owner => !IsSolid(owner)))
        {
            ReconcileDependent(address);
        }
        if (stored.IsTerminating)
        {
            ReconcileOwner(stored.Uid);
        }
    }

    private bool IsSolid(string uid) => _graph.Find(uid) is { } address
        && store.Get(address.Resource, address.Key) is { } owner
        && !(owner.IsTerminating && HasFinalizer(owner, GarbageFinalizers.Foreground));

    private bool Exists(string uid) => _graph.Find(uid) is { } address && store.Get(address.Resource, address.Key) is not null;

    private void ReconcileDependent(ObjectAddress address)
    {
        if (store.Get(address.Resource, address.Key) is not { } dependent || registry.FindStored(address.Resource) is not { } kind)
        {
            return;
        }
        string[] lost = [.. dependent.OwnerUids.Where(owner => !IsSolid(owner))];
        if (lost.Length == 0)
        {
            return;
        }
        if (lost.Length < dependent.OwnerUids.Count)
        {
            DropOwners(kind, dependent, lost);
            return;
        }
        bool ownerWaits = lost.Any(Exists);
        bool hasDependents = _graph.DependentsOf(dependent.Uid).Count > 0;
        string? policy = ownerWaits && hasDependents ? "Foreground" : null;
        if (!dependent.IsTerminating || policy is not null)
        {
            var options = new DeleteOptions(dependent.Uid, PropagationPolicy: policy);
            Try(() => writer.Delete(kind, dependent.Namespace, dependent.Name, options, _context));
        }
    }

    private void ReconcileOwner(string uid)
    {
        if (_graph.Find(uid) is not { } address
            || store.Get(address.Resource, address.Key) is not { IsTerminating: true } owner
            || registry.FindStored(address.Resource) is not { } kind)
        {
            return;
        }
        if (HasFinalizer(owner, GarbageFinalizers.Orphan))
        {
            foreach (ObjectAddress dependent in _graph.DependentsOf(uid))
            {
                CutLoose(dependent, uid);
            }
            DropFinalizer(kind, owner, GarbageFinalizers.Orphan);
        }
        if (HasFinalizer(owner, GarbageFinalizers.Foreground))
        {
            foreach (ObjectAddress dependent in _graph.DependentsOf(uid))
            {
                ReconcileDependent(dependent);
            }
            if (!_graph.DependentsOf(uid).Any(dependent => Blocks(dependent, uid)))
            {
                DropFinalizer(kind, owner, GarbageFinalizers.Foreground);
            }
        }
    }

    private bool Blocks(ObjectAddress address, string owner) =>
        store.Get(address.Resource, address.Key) is { } dependent
        && dependent.ToJson()["metadata"]?["ownerReferences"] is JsonArray references
        && references.Any(reference => (string?)reference?["uid"] == owner && (bool?)reference?["blockOwnerDeletion"] == true);

    private void CutLoose(ObjectAddress address, string owner)
    {
        if (store.Get(address.Resource, address.Key) is { } dependent && registry.FindStored(address.Resource) is { } kind)
        {
            DropOwners(kind, dependent, [owner]);
        }
    }

    private void DropOwners(ResourceKind kind, StoredObject dependent, string[] owners) => Try(() => writer.Update(
        kind, dependent.Namespace, dependent.Name, "",
        value =>
        {
            JsonObject metadata = ObjectMeta.MetadataOf(value);
            JsonArray left = [.. (metadata["ownerReferences"] as JsonArray ?? [])
                .Where(reference => !owners.Contains((string?)reference?["uid"]))
                .Select(reference => reference?.DeepClone())];
            metadata.Remove("ownerReferences");
            if (left.Count > 0)
            {
                metadata["ownerReferences"] = left;
            }
            return value;
        },
        _context));

    private void DropFinalizer(ResourceKind kind, StoredObject owner, string finalizer) => Try(() => writer.Update(
        kind, owner.Namespace, owner.Name, "",
        value =>
        {
            ObjectMeta.SetFinalizers(value, ObjectMeta.Finalizers(value).Where(other => other != finalizer));
            return value;
        },
        _context));

    private static bool HasFinalizer(StoredObject stored, string finalizer) => ObjectMeta.Finalizers(stored.ToJson()).Contains(finalizer);

    // Someone else may be faster, or the object may be invalid by now; the next event about it comes here again.
    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (ApiException)
        {
        }
    }
}
