using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Admission;

/// <summary>
/// The admission plug-ins of a real API server on which storage relies, as functions of the object and of what they look up. The plug-in
/// that a function stands for is named with it; all are on by default there. They act on the main endpoint only.
/// </summary>
public static class StorageAdmission
{
    /// <summary>
    /// StorageObjectInUseProtection: a new volume, claim or attributes class gets the finalizer which the protection controllers remove
    /// when nothing uses it any more. Source: kubernetes plugin/pkg/admission/storage/storageobjectinuseprotection.
    /// </summary>
    /// <param name="group">API group of the request.</param>
    /// <param name="resource">Plural name.</param>
    /// <param name="created">The new object; changed in place.</param>
    public static void ProtectInUse(string group, string resource, JsonObject created)
    {
        ArgumentNullException.ThrowIfNull(created);
        var finalizer = (group, resource) switch
        {
            ("", "persistentvolumes") => "kubernetes.io/pv-protection",
            ("", "persistentvolumeclaims") => "kubernetes.io/pvc-protection",
            ("storage.k8s.io", "volumeattributesclasses") => "kubernetes.io/vac-protection",
            _ => null,
        };
        if (finalizer is null || created.Metadata().Texts("finalizers").Contains(finalizer))
        {
            return;
        }

        var metadata = created.Ensure("metadata");
        if (metadata.Array("finalizers") is { } finalizers)
        {
            finalizers.Add(finalizer);
        }
        else
        {
            metadata["finalizers"] = new JsonArray(finalizer);
        }
    }

    /// <summary>
    /// DefaultStorageClass: a new claim that says nothing about its class gets the default one, if there is any. Among several the newest
    /// wins, then the first by name. Source: kubernetes plugin/pkg/admission/storage/storageclass/setdefault, pkg/volume/util/storageclass.go.
    /// </summary>
    /// <param name="claim">The new claim; changed in place.</param>
    /// <param name="classes">All storage classes.</param>
    public static void DefaultClass(JsonObject claim, IEnumerable<JsonObject> classes)
    {
        var asked = claim.Annotation("volume.beta.kubernetes.io/storage-class") is not null || claim.Object("spec")
            .Text("storageClassName") is not null;
        if (!asked && DefaultOf(classes) is { } name)
        {
            claim.Ensure("spec")["storageClassName"] = name;
        }
    }

    /// <summary>
    /// PersistentVolumeClaimResize: only a bound claim may ask for more, and only if its class allows expansion.
    /// Source: kubernetes plugin/pkg/admission/storage/persistentvolume/resize.
    /// </summary>
    /// <param name="updated">The changed claim.</param>
    /// <param name="existing">The stored claim.</param>
    /// <param name="findClass">Finds a storage class by name.</param>
    /// <returns>Null, or the reason for a 403.</returns>
    public static string? RefuseResize(JsonObject updated, JsonObject existing, Func<string, JsonObject?> findClass)
    {
        ArgumentNullException.ThrowIfNull(findClass);
        if (Requested(updated) <= Requested(existing))
        {
            return null;
        }

        if (existing.Object("status").Text("phase") != "Bound")
        {
            return "Only bound persistent volume claims can be expanded";
        }

        var name = ClassOf(updated);
        var allowed = name.Length > 0 && name == ClassOf(existing) && findClass(name).Flag("allowVolumeExpansion") == true;
        return allowed
            ? null
            : "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    }

    /// <summary>
    /// NamespaceLifecycle: namespaces that may never be deleted. Source: k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle.
    /// </summary>
    /// <returns>Null, or the reason for a 403.</returns>
    public static string? RefuseNamespaceDeletion(string name) =>
        name is "default" or "kube-system" or "kube-public" ? "this namespace may not be deleted" : null;

    private static string? DefaultOf(IEnumerable<JsonObject> classes) => classes
        .Where(IsDefault)
        .OrderByDescending(storageClass => storageClass.Metadata().Text("creationTimestamp"), StringComparer.Ordinal)
        .ThenBy(storageClass => storageClass.Name(), StringComparer.Ordinal)
        .FirstOrDefault()?.Name();

    private static bool IsDefault(JsonObject storageClass) =>
        storageClass.Annotation("storageclass.kubernetes.io/is-default-class") == "true"
        || storageClass.Annotation("storageclass.beta.kubernetes.io/is-default-class") == "true";

    private static ResourceQuantity Requested(JsonObject claim) =>
        claim.Object("spec").Object("resources").Object("requests").Quantity("storage").GetValueOrDefault();

    private static string ClassOf(JsonObject claim) =>
        claim.Annotation("volume.beta.kubernetes.io/storage-class") ?? claim.Object("spec").Text("storageClassName") ?? "";
}
