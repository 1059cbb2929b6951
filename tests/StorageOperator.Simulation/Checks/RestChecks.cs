using StorageOperator.Model;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Checks;

/// <summary>What must be true when nothing is left to do: pairs are whole, nobody waits for nothing, everything in a final state.</summary>
internal static class RestChecks
{
    /// <summary>The first promise that is broken, or null.</summary>
    public static Violation? Judge(ModelServer server) =>
        server.Claims.All.Select(claim => Judge(server, claim)).FirstOrDefault(violation => violation is not null)
        ?? server.Volumes.All.Select(volume => Judge(server, volume)).FirstOrDefault(violation => violation is not null);

    private static Violation? Judge(ModelServer server, ClaimEntry claim)
    {
        var storageClass = server.Classes.Get(ObjectKey.Cluster(claim.ClassName));
        var volume = claim.VolumeName.Length > 0 ? server.Volumes.Get(ObjectKey.Cluster(claim.VolumeName)) : null;
        if (claim.IsDeleting && claim.Finalizers.Contains(WellKnown.ClaimProtection)
            && !server.Pods.All.Any(pod => pod.NodeName.Length > 0 && pod.Key.Namespace == claim.Key.Namespace && pod.Claims.Any(use => use.ClaimName == claim.Key.Name)))
        {
            return new("a claim that is deleted and unused goes", Say(claim));
        }

        if (!claim.IsDeleting && !claim.Finalizers.Contains(WellKnown.ClaimProtection))
        {
            return new("every claim is protected", Say(claim));
        }

        if (claim.IsBindCompleted)
        {
            var isWhole = volume?.ClaimRef?.Uid == claim.Uid;
            return (claim.Phase, isWhole) switch
            {
                (Phases.Bound, true) when volume!.Phase == Phases.Bound => null,
                (Phases.Lost, false) => null,
                _ => new("a bound pair is whole or the claim is Lost", $"{Say(claim)} and {Say(volume)}"),
            };
        }

        if (claim.Phase != Phases.Pending)
        {
            return new("a claim that is not bound is Pending", Say(claim));
        }

        if (claim.WantsDefaultClass && claim.VolumeName.Length == 0 && server.Classes.All.Any(entry => entry.IsDefault))
        {
            return new("a waiting claim without a class gets the default class", Say(claim));
        }

        return server.Volumes.All.FirstOrDefault(candidate => NaiveMatcher.CouldBind(claim, candidate, storageClass?.WaitsForFirstConsumer == true)) is { } missed
            ? new("no claim waits when a volume fits", $"{Say(claim)} could have {Say(missed)}")
            : null;
    }

    private static Violation? Judge(ModelServer server, VolumeEntry volume)
    {
        if (volume is { IsDeleting: true, Phase: not Phases.Bound } && volume.Finalizers.Contains(WellKnown.VolumeProtection))
        {
            return new("a volume that is deleted and not bound goes", Say(volume));
        }

        if (!volume.IsDeleting && !volume.Finalizers.Contains(WellKnown.VolumeProtection))
        {
            return new("every volume is protected", Say(volume));
        }

        if (volume.ClaimRef is not { Uid.Length: > 0 } pointer)
        {
            return volume.Phase == Phases.Available ? null : new("a volume without a claim is Available", Say(volume));
        }

        if (server.Claims.Get(pointer.Key) is { } claim && claim.Uid == pointer.Uid)
        {
            return claim.VolumeName == volume.Name || claim.VolumeName.Length == 0 || volume.IsProvisioned
                ? null
                : new("a volume that points to a claim bound elsewhere is let go", $"{Say(volume)} and {Say(claim)}");
        }

        return volume switch
        {
            { Phase: not (Phases.Released or Phases.Failed) } => new("a volume whose claim is gone is Released", Say(volume)),
            { ReclaimPolicy: ReclaimPolicies.Delete, Source.Plugin: "hostPath" } when !IsUsed(server, pointer) => new("a volume to be deleted is deleted", Say(volume)),
            { ReclaimPolicy: ReclaimPolicies.Recycle, Source.Plugin: "hostPath" } when !IsUsed(server, pointer) => new("a volume to be recycled is recycled", Say(volume)),
            _ => null,
        };
    }

    // A pod that names the claim's name holds up the reclaim, even if it never ran with this claim: better late than wrong.
    private static bool IsUsed(ModelServer server, ClaimReference claim) => server.Pods.All.Any(pod =>
        !pod.IsFinished && pod.Key.Namespace == claim.Namespace && pod.Claims.Any(use => use.ClaimName == claim.Name));

    public static string Say(ClaimEntry claim) =>
        $"claim {claim.Key} ({claim.Phase}, class \"{claim.SpecClassName}\", {claim.RequestText} {claim.AccessModes} {claim.Selector}, volume \"{claim.VolumeName}\", {claim.Uid}, {claim.Annotations}, {string.Join(' ', claim.Finalizers)}{(claim.IsDeleting ? ", deleting" : "")})";

    public static string Say(VolumeEntry? volume) => volume is null
        ? "no volume"
        : $"volume {volume.Name} ({volume.Phase}, class \"{volume.ClassName}\", {volume.CapacityText} {volume.AccessModes} {volume.Labels}, {volume.ReclaimPolicy}, claimRef {volume.ClaimRef}, {volume.Uid}, {volume.Annotations}, {string.Join(' ', volume.Finalizers)}{(volume.IsDeleting ? ", deleting" : "")})";
}
