using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>
/// Which existing volume the scheduler reserves for a claim on a node: one that is already meant for it, else the smallest that fits
/// (the first by name among equals). Source: k8s.io/component-helpers/storage/volume (FindMatchingVolume).
/// </summary>
internal static class VolumeChoice
{
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    /// <returns>The volume, or null if none fits.</returns>
    public static JsonObject? Find(JsonObject claim, JsonObject node, IEnumerable<JsonObject> volumes, IReadOnlySet<string> taken)
    {
        JsonObject? best = null;
        foreach (var volume in volumes.Where(volume => !taken.Contains(volume.Name() ?? "") && CouldHold(claim, volume)))
        {
            if (volume.Object("spec").Object("claimRef") is { } reference)
            {
                if (IsFor(reference, claim))
                {
                    return NodeMatching.IsReachable(volume, node) ? volume : null;
                }
            }
            else if (IsFree(claim, volume, node) && (best is null || IsSmaller(volume, best)))
            {
                best = volume;
            }
        }

        return best;
    }

    /// <summary>The class of a claim or volume, empty for none.</summary>
    public static string ClassOf(JsonObject resource) =>
        resource.Annotation(ClassAnnotation) ?? resource.Object("spec").Text("storageClassName") ?? "";

    /// <summary>The volume with a claim's reservation on it.</summary>
    public static JsonObject Reserve(JsonObject volume, JsonObject claim)
    {
        var metadata = claim.Metadata();
        var reserved = volume.DeepClone().AsObject();
        reserved.Ensure("spec")["claimRef"] = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["namespace"] = metadata.Text("namespace"),
            ["name"] = metadata.Text("name"),
            ["uid"] = metadata.Text("uid"),
            ["resourceVersion"] = metadata.Text("resourceVersion"),
        };
        reserved.Ensure("metadata").Ensure("annotations")[BoundByController] = "yes";
        return reserved;
    }

    private static bool IsFor(JsonObject reference, JsonObject claim)
    {
        var metadata = claim.Metadata();
        return reference.Text("namespace") == metadata.Text("namespace") && reference.Text("name") == metadata.Text("name")
            && (string.IsNullOrEmpty(reference.Text("uid")) || reference.Text("uid") == metadata.Text("uid"));
    }

    private static bool CouldHold(JsonObject claim, JsonObject volume)
    {
        var spec = volume.Object("spec");
        var asked = claim.Object("spec");
        return !volume.Metadata().Has("deletionTimestamp")
            && spec.Object("capacity").Quantity("storage").GetValueOrDefault() >= asked.Object("resources").Object("requests")
                .Quantity("storage").GetValueOrDefault()
            && (spec.Text("volumeMode") ?? "Filesystem") == (asked.Text("volumeMode") ?? "Filesystem")
            && (spec.Text("volumeAttributesClassName") ?? "") == (asked.Text("volumeAttributesClassName") ?? "");
    }

    private static bool IsFree(JsonObject claim, JsonObject volume, JsonObject node)
    {
        var spec = claim.Object("spec");
        return volume.Object("status").Text("phase") == "Available"
            && ClassOf(volume) == ClassOf(claim)
            && !spec.Texts("accessModes").Except(volume.Object("spec").Texts("accessModes")).Any()
            && NodeMatching.MatchesLabels(spec.Object("selector"), volume)
            && NodeMatching.IsReachable(volume, node);
    }

    private static bool IsSmaller(JsonObject volume, JsonObject best)
    {
        var order = Size(volume).CompareTo(Size(best));
        return order != 0 ? order < 0 : string.CompareOrdinal(volume.Name(), best.Name()) < 0;
    }

    private static ResourceQuantity Size(JsonObject volume) => volume.Object("spec").Object("capacity").Quantity("storage")
        .GetValueOrDefault();
}
