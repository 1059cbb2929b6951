using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Objects;

/// <summary>What a write must pass, kind by kind: schema, admission, strategy, tracking of field managers, and what follows a write.</summary>
internal sealed class ObjectRules(ObjectStore store, ResourceRegistry registry)
{
    /// <summary>Brings an object from the wire into the form it is kept in.</summary>
    public void Decode(ResourceKind kind, JsonObject value, WriteContext context)
    {
        kind.Stamp(value);
    }

    /// <summary>Whether a PUT needs no resourceVersion.</summary>
    public bool AllowsUnconditionalUpdate(ResourceKind kind) => !kind.IsCustom;

    /// <summary>Admission of a new object: its namespace must exist and live; defaults that depend on other objects.</summary>
    public void AdmitCreation(ResourceKind kind, string ns, JsonObject value, WriteContext context)
    {
        if (kind.Namespaced)
        {
            RequireLivingNamespace(kind, ns, ObjectMeta.Text(value, "name"));
        }
    }

    /// <summary>Admission of a change.</summary>
    public void AdmitUpdate(ResourceKind kind, string ns, JsonObject updated, JsonObject existing, WriteContext context)
    {
    }

    /// <summary>Strategy and validation of a new object.</summary>
    public void BeforeCreate(ResourceKind kind, JsonObject created, DateTimeOffset now)
    {
        if (kind.HasStatus)
        {
            created.Remove("status");
        }
        if (kind.CountsGenerations)
        {
            ObjectMeta.CountGeneration(created, null);
        }
        if (kind.StorageKey == "/namespaces")
        {
            created["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
            created["status"] = new JsonObject { ["phase"] = "Active" };
        }
        if (kind.StorageKey == "apiextensions.k8s.io/customresourcedefinitions")
        {
            CustomResources.Establish(created, ObjectMeta.Timestamp(now));
            ObjectMeta.SetFinalizers(created, ObjectMeta.Finalizers(created).Append(CustomResources.CleanupFinalizer).Distinct());
        }
    }

    /// <summary>Strategy and validation of a change.</summary>
    public void BeforeUpdate(ResourceKind kind, JsonObject updated, JsonObject existing, string subresource, DateTimeOffset now)
    {
        JsonObject metadata = ObjectMeta.MetadataOf(updated);
        foreach (string field in (string[])["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            Restore(metadata, (JsonObject)existing["metadata"]!, field);
        }
        if (subresource == "status")
        {
            Restore(updated, existing, "spec");
        }
        else if (kind.HasStatus && subresource.Length == 0)
        {
            Restore(updated, existing, "status");
        }
        if (kind.CountsGenerations && !JsonNode.DeepEquals(updated["spec"], existing["spec"]))
        {
            ObjectMeta.CountGeneration(updated, existing);
        }
        if (kind.StorageKey == "apiextensions.k8s.io/customresourcedefinitions" && subresource.Length == 0)
        {
            CustomResources.Establish(updated, ObjectMeta.Timestamp(now));
        }
    }

    /// <summary>Notes in metadata.managedFields which fields a new object's writer manages.</summary>
    public void TrackCreation(ResourceKind kind, JsonObject created, WriteContext context)
    {
    }

    /// <summary>Notes in metadata.managedFields which fields a change took over.</summary>
    public void TrackUpdate(ResourceKind kind, JsonObject updated, JsonObject existing, string subresource, WriteContext context)
    {
    }

    /// <summary>Puts a write into effect beyond the store: a definition's kinds are served from now on, or no longer.</summary>
    public void AfterWrite(ResourceKind kind, StoredObject written, bool isGone)
    {
        if (kind.StorageKey != "apiextensions.k8s.io/customresourcedefinitions")
        {
            return;
        }
        if (isGone)
        {
            registry.Undefine(written.Name);
        }
        else
        {
            registry.Define(ObjectWriter.ToKind(kind, written));
        }
    }

    private void RequireLivingNamespace(ResourceKind kind, string ns, string name)
    {
        ResourceKind namespaces = registry.Find("", "v1", "namespaces")!;
        StoredObject found = store.Get(namespaces.StorageKey, StoredObject.KeyOf("", ns)) ?? throw ApiException.NotFound(namespaces, ns);
        if (found.IsTerminating)
        {
            throw ApiException.NamespaceTerminating(kind, name, ns);
        }
    }

    private static void Restore(JsonObject target, JsonObject source, string field)
    {
        target.Remove(field);
        if (source[field] is { } value)
        {
            target[field] = value.DeepClone();
        }
    }
}
