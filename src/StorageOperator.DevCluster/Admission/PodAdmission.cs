using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Admission;

/// <summary>
/// What the plug-ins DefaultTolerationSeconds and Priority add to every new pod. (ServiceAccount is left out, so that pods can be made in
/// a fresh namespace, as test API servers are usually run.)
/// </summary>
public static class PodAdmission
{
    private const int EvictionSeconds = 300;
    private const int NodeCritical = 2_000_001_000;
    private const int ClusterCritical = 2_000_000_000;

    /// <summary>Applies both to a new pod, in place.</summary>
    /// <param name="pod">The new pod.</param>
    /// <param name="findPriorityClass">Finds a PriorityClass by name.</param>
    /// <returns>Null, or the reason for a 403.</returns>
    public static string? Admit(JsonObject pod, Func<string, JsonObject?> findPriorityClass)
    {
        ArgumentNullException.ThrowIfNull(findPriorityClass);
        var spec = pod.Ensure("spec");
        Tolerate(spec, "node.kubernetes.io/not-ready");
        Tolerate(spec, "node.kubernetes.io/unreachable");
        return Prioritize(spec, findPriorityClass);
    }

    private static void Tolerate(JsonObject spec, string taint)
    {
        var tolerated = spec.Objects("tolerations").Any(entry =>
            (entry.Item.Text("key") ?? "") is var key && (key == taint || key.Length == 0) && (entry.Item.Text("effect")
                ?? "") is "NoExecute" or "");
        if (tolerated)
        {
            return;
        }

        if (spec.Array("tolerations") is null)
        {
            spec["tolerations"] = new JsonArray();
        }

        spec.Array("tolerations")!.Add(new JsonObject
        {
            ["key"] = taint,
            ["operator"] = "Exists",
            ["effect"] = "NoExecute",
            ["tolerationSeconds"] = EvictionSeconds,
        });
    }

    private static string? Prioritize(JsonObject spec, Func<string, JsonObject?> findPriorityClass)
    {
        var name = spec.Text("priorityClassName") ?? "";
        var found = name.Length == 0 ? null : findPriorityClass(name);
        long? priority = name switch
        {
            "" => 0,
            "system-node-critical" => NodeCritical,
            "system-cluster-critical" => ClusterCritical,
            _ => found.Number("value"),
        };
        if (priority is null)
        {
            return $"no PriorityClass with name {name} was found";
        }

        spec["priority"] = priority;
        spec.Default("preemptionPolicy", found.Text("preemptionPolicy") ?? "PreemptLowerPriority");
        return null;
    }
}
