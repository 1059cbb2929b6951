using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Objects;

/// <summary>
/// How an object goes: at once, or marked with a deletionTimestamp until its finalizers and its grace period are over
/// (k/k:staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go).
/// </summary>
internal static class Deletion
{
    /// <summary>Refuses a deletion that is meant for another object or another state of it.</summary>
    /// <exception cref="ApiException">409 with what differs.</exception>
    public static void CheckPreconditions(ResourceKind kind, StoredObject current, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != current.Uid)
        {
            throw ApiException.Conflict(
                kind.AsReported(kind.Kind), current.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({current.Uid}). "
                + "The object might have been deleted and then recreated");
        }
        if (options.ResourceVersion is { } version && version != StoredObject.RevisionText(current.Revision))
        {
            throw ApiException.Conflict(
                kind.AsReported(kind.Kind), current.Name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({current.Revision}). "
                + "The object might have been modified");
        }
    }

    /// <summary>Marks an object as terminating, in place.</summary>
    /// <returns>Whether something holds it: finalizers, a grace period, or a namespace's contents.</returns>
    public static bool Mark(ResourceKind kind, JsonObject value, DeleteOptions options, DateTimeOffset now)
    {
        JsonObject metadata = (JsonObject)value["metadata"]!;
        List<string> finalizers = [.. ObjectMeta.Finalizers(value).Where(finalizer =>
            finalizer is not (GarbageFinalizers.Foreground or GarbageFinalizers.Orphan) || KeepsPolicy(options))];
        if (options.IsForeground && !finalizers.Contains(GarbageFinalizers.Foreground))
        {
            finalizers.Add(GarbageFinalizers.Foreground);
        }
        if (options.IsOrphan && !finalizers.Contains(GarbageFinalizers.Orphan))
        {
            finalizers.Add(GarbageFinalizers.Orphan);
        }
        if (kind.StorageKey == "apiextensions.k8s.io/customresourcedefinitions" && ((JsonObject)value["metadata"]!)["deletionTimestamp"] is null)
        {
            // Its objects go before it does: whoever removes them removes this.
            finalizers.Add(CustomResources.CleanupFinalizer);
        }
        long grace = GracePeriod(kind, value, options);
        bool isGone = finalizers.Count == 0 && grace == 0 && !HoldsNamespace(value);
        if (isGone && kind.StorageKey != "/pods")
        {
            return false;
        }
        ObjectMeta.SetFinalizers(value, finalizers);
        long? previousGrace = metadata["deletionGracePeriodSeconds"]?.GetValue<long>();
        if (metadata["deletionTimestamp"] is null || grace < previousGrace)
        {
            metadata["deletionTimestamp"] = ObjectMeta.Timestamp(now.AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = JsonNode.Parse(grace.ToString(CultureInfo.InvariantCulture));
            if (metadata["generation"] is not null)
            {
                ObjectMeta.CountGeneration(value, value);
            }
        }
        if (HoldsNamespace(value))
        {
            value["status"] = new JsonObject { ["phase"] = "Terminating" };
        }
        // A pod goes with a last state that says since when it was to go, even at once.
        return !isGone;
    }

    /// <summary>Whether a terminating object is held by nothing any more, so that it goes with the write that let it go.</summary>
    public static bool IsReleased(JsonObject updated) =>
        updated["metadata"]?["deletionTimestamp"] is not null
        && ObjectMeta.Finalizers(updated).Count == 0
        && (updated["metadata"]?["deletionGracePeriodSeconds"]?.GetValue<long>() ?? 0) == 0
        && !HoldsNamespace(updated);

    private static bool HoldsNamespace(JsonObject value) =>
        (string?)value["kind"] == "Namespace"
        && (string?)value["apiVersion"] == "v1"
        && value["spec"]?["finalizers"] is JsonArray { Count: > 0 };

    // A later delete with a policy of its own replaces the policy of the first; one without keeps it.
    private static bool KeepsPolicy(DeleteOptions options) => options.PropagationPolicy is null && options.OrphanDependents is null;

    // Only pods have one.
    private static long GracePeriod(ResourceKind kind, JsonObject value, DeleteOptions options) =>
        kind.StorageKey == "/pods" ? PodStrategy.GracePeriod(value, options.GracePeriodSeconds) : 0;
}

/// <summary>The finalizers by which a deletion carries its propagation policy.</summary>
internal static class GarbageFinalizers
{
    /// <summary>Dependents go first.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Dependents stay and forget their owner.</summary>
    public const string Orphan = "orphan";
}
