using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>What the scheduler does next with a pod.</summary>
internal abstract record Placement
{
    /// <summary>The pod goes to a node: all its claims are bound.</summary>
    public sealed record Bind(string Node) : Placement;

    /// <summary>The pod will go to a node once its claims are bound: these volumes are reserved, these claims provisioned there.</summary>
    public sealed record Prepare(string Node, IReadOnlyList<(JsonObject Volume, JsonObject Claim)> Reservations,
        IReadOnlyList<JsonObject> Provisioned) : Placement;

    /// <summary>Everything is asked for; the pod waits for its claims to be bound.</summary>
    public sealed record Await : Placement;

    /// <summary>The pod cannot be placed now.</summary>
    public sealed record Refuse(string Reason) : Placement;
}

/// <summary>
/// The scheduler's decisions about volumes, from one state of the cluster: first claims that bind at once, then a node that reaches the
/// bound volumes and can get the others. Source: kubernetes pkg/scheduler/framework/plugins/volumebinding.
/// </summary>
internal sealed class PodPlacement(ISimulationApi api)
{
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>The names of the claims a pod uses, ephemeral ones included.</summary>
    public static IEnumerable<string> ClaimsOf(JsonObject pod)
    {
        foreach (var (_, volume) in pod.Object("spec").Objects("volumes"))
        {
            if (volume.Object("persistentVolumeClaim").Text("claimName") is { } claim)
            {
                yield return claim;
            }
            else if (volume.Has("ephemeral"))
            {
                yield return $"{pod.Name()}-{volume.Text("name")}";
            }
        }
    }

    /// <param name="pod">A pod that is on no node yet.</param>
    /// <param name="avoided">Nodes on which provisioning for one of its claims has failed; taken only when nothing else is left.</param>
    public Placement Decide(JsonObject pod, IReadOnlySet<string> avoided)
    {
        var claims = new List<JsonObject>();
        foreach (var name in ClaimsOf(pod))
        {
            if (api.Get(SimulatedResource.Claims, pod.Metadata().Text("namespace")!, name) is not { } claim)
            {
                return new Placement.Refuse($"persistentvolumeclaim \"{name}\" not found");
            }

            if (claim.Metadata().Has("deletionTimestamp"))
            {
                return new Placement.Refuse($"persistentvolumeclaim \"{name}\" is being deleted");
            }

            claims.Add(claim);
        }

        var delayed = claims.Where(IsDelayed).ToList();
        if (claims.Any(claim => !IsBound(claim) && !delayed.Contains(claim)))
        {
            return new Placement.Refuse("pod has unbound immediate PersistentVolumeClaims");
        }

        return Place(pod, claims.Where(IsBound).ToList(), delayed, avoided);
    }

    private static bool IsBound(JsonObject claim) =>
        claim.Object("spec").Text("volumeName") is { Length: > 0 } && claim.Annotation(BindCompleted) is not null;

    private bool IsDelayed(JsonObject claim) => !IsBound(claim)
        && string.IsNullOrEmpty(claim.Object("spec").Text("volumeName"))
        && ClassOf(claim).Text("volumeBindingMode") == "WaitForFirstConsumer";

    private JsonObject? ClassOf(JsonObject claim) =>
        VolumeChoice.ClassOf(claim) is { Length: > 0 } name ? api.Get(SimulatedResource.Classes, "", name) : null;

    private Placement Place(JsonObject pod, List<JsonObject> bound, List<JsonObject> delayed, IReadOnlySet<string> avoided)
    {
        var volumes = api.List(SimulatedResource.Volumes);
        var reasons = new List<string>();
        var nodes = api.List(SimulatedResource.Nodes);
        var load = api.List(SimulatedResource.Pods).CountBy(other => other.Object("spec").Text("nodeName") ?? "").ToDictionary();
        foreach (var node in nodes
            .OrderBy(node => avoided.Contains(node.Name()!))
            .ThenBy(node => load.GetValueOrDefault(node.Name()!))
            .ThenBy(node => node.Name(), StringComparer.Ordinal))
        {
            var reason = NodeMatching.RefusePod(pod, node) ?? RefuseBound(bound, volumes, node);
            if (reason is null && TryPrepare(delayed, volumes, node) is { } placement)
            {
                return placement;
            }

            reasons.Add(reason ?? "node(s) didn't find available persistent volumes to bind");
        }

        var counted = reasons.CountBy(reason => reason).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry =>
            $"{entry.Value} {entry.Key}");
        return new Placement.Refuse(nodes.Count == 0 ? "no nodes available to schedule pods" : string.Join(", ", counted));
    }

    private static string? RefuseBound(List<JsonObject> bound, IReadOnlyList<JsonObject> volumes, JsonObject node)
    {
        foreach (var claim in bound)
        {
            var volume = volumes.FirstOrDefault(volume => volume.Name() == claim.Object("spec").Text("volumeName"));
            if (volume is null)
            {
                return $"node(s) unavailable due to PersistentVolume(s) not existing";
            }

            if (!NodeMatching.IsReachable(volume, node))
            {
                return "node(s) didn't match PersistentVolume's node affinity";
            }
        }

        return null;
    }

    // A claim with a selected node is being provisioned there and nowhere else; the others take the smallest requests first.
    private Placement? TryPrepare(List<JsonObject> delayed, IReadOnlyList<JsonObject> volumes, JsonObject node)
    {
        if (delayed.Count == 0)
        {
            return new Placement.Bind(node.Name()!);
        }

        var taken = new HashSet<string>();
        var reservations = new List<(JsonObject, JsonObject)>();
        var provisioned = new List<JsonObject>();
        foreach (var claim in delayed.OrderBy(claim => claim.Object("spec").Object("resources").Object("requests").Quantity("storage")
            .GetValueOrDefault()))
        {
            if (claim.Annotation(SelectedNode) is { } selected)
            {
                if (selected != node.Name())
                {
                    return null;
                }
            }
            else if (VolumeChoice.Find(claim, node, volumes, taken) is { } volume)
            {
                taken.Add(volume.Name()!);
                if (string.IsNullOrEmpty(volume.Object("spec").Object("claimRef").Text("uid")))
                {
                    reservations.Add((volume, claim));
                }
            }
            else if (CanProvision(claim, node))
            {
                provisioned.Add(claim);
            }
            else
            {
                return null;
            }
        }

        return reservations.Count + provisioned.Count == 0 ? new Placement.Await() : new Placement.Prepare(node.Name()!, reservations,
            provisioned);
    }

    private bool CanProvision(JsonObject claim, JsonObject node) =>
        ClassOf(claim) is { } storageClass && storageClass.Text("provisioner") != NoProvisioner && NodeMatching.IsAllowed(storageClass,
            node);
}
