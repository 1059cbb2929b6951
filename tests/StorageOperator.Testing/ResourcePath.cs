namespace StorageOperator.Testing;

/// <summary>Where the API keeps the kinds that storage tests use.</summary>
public static class ResourcePath
{
    private static readonly Dictionary<string, (string Group, string Resource, bool Namespaced)> Kinds = new()
    {
        ["PersistentVolume"] = ("api/v1", "persistentvolumes", false),
        ["PersistentVolumeClaim"] = ("api/v1", "persistentvolumeclaims", true),
        ["Pod"] = ("api/v1", "pods", true),
        ["Node"] = ("api/v1", "nodes", false),
        ["Namespace"] = ("api/v1", "namespaces", false),
        ["Event"] = ("api/v1", "events", true),
        ["ConfigMap"] = ("api/v1", "configmaps", true),
        ["StorageClass"] = ("apis/storage.k8s.io/v1", "storageclasses", false),
        ["VolumeAttributesClass"] = ("apis/storage.k8s.io/v1", "volumeattributesclasses", false),
        ["Lease"] = ("apis/coordination.k8s.io/v1", "leases", true),
    };

    /// <summary>The collection of a kind: of one namespace, or of all when none is given.</summary>
    public static string Collection(string kind, string? inNamespace = null)
    {
        var (group, resource, namespaced) = Kinds[kind];
        return namespaced && inNamespace is not null ? $"/{group}/namespaces/{inNamespace}/{resource}" : $"/{group}/{resource}";
    }

    /// <summary>One object, or a subresource of it.</summary>
    public static string Object(string kind, string? inNamespace, string name, string? subresource = null) =>
        $"{Collection(kind, inNamespace)}/{name}{(subresource is null ? "" : "/" + subresource)}";
}
