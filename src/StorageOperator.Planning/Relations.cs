using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning;

/// <summary>Which other objects a change concerns: those whose plan depends on what changed.</summary>
public static class Relations
{
    /// <summary>The volumes that a claim's appearance, change or disappearance concerns.</summary>
    public static IEnumerable<string> VolumesOf(ClusterState state, ClaimEntry? before, ClaimEntry? after)
    {
        var claim = after ?? before!;
        return state.Volumes.PointingTo(claim.Key).Select(volume => volume.Name)
            .Append(before?.VolumeName ?? "")
            .Append(after?.VolumeName ?? "")
            .Where(name => name.Length > 0)
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>The claims that a volume's appearance, change or disappearance concerns, beside those that wait for any volume.</summary>
    public static IEnumerable<ObjectKey> ClaimsOf(ClusterState state, VolumeEntry? before, VolumeEntry? after)
    {
        var name = (after ?? before!).Name;
        IEnumerable<ObjectKey> claims = state.Claims.Naming(name);
        if (before?.ClaimRef is { } was)
        {
            claims = claims.Append(was.Key);
        }

        if (after?.ClaimRef is { } now)
        {
            claims = claims.Append(now.Key);
        }

        return claims.Distinct();
    }

    /// <summary>The claims that a class's appearance, change or disappearance concerns.</summary>
    public static IEnumerable<ObjectKey> ClaimsOf(ClusterState state, ClassEntry entry) => state.Claims.WaitingIn(entry.Name)
        .Concat(entry.IsDefault ? state.Claims.WaitingForDefaultClass : [])
        .Select(claim => claim.Key);

    /// <summary>The claims that a pod's appearance, change or disappearance concerns.</summary>
    public static IEnumerable<ObjectKey> ClaimsOf(PodEntry? before, PodEntry? after) =>
        Claims(before).Concat(Claims(after)).Distinct();

    /// <summary>The volumes that a pod's appearance, change or disappearance concerns.</summary>
    public static IEnumerable<string> VolumesOf(ClusterState state, PodEntry? before, PodEntry? after)
    {
        var pod = after ?? before!;
        return pod.Key.Namespace == WellKnown.RecyclerNamespace && pod.Key.Name.StartsWith(WellKnown.RecyclerPodPrefix, StringComparison.Ordinal)
            ? [pod.Key.Name[WellKnown.RecyclerPodPrefix.Length..]]
            : ClaimsOf(before, after).SelectMany(claim => state.Volumes.PointingTo(claim).Select(volume => volume.Name));
    }

    private static IEnumerable<ObjectKey> Claims(PodEntry? pod) => pod is null ? [] : PodIndex.ClaimsOf(pod);
}
