using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Admission;

/// <summary>
/// TaintNodesByCondition: a new node takes no pods until somebody (a node lifecycle controller) has seen that it is ready and removes the
/// taint. Source: kubernetes plugin/pkg/admission/nodetaint.
/// </summary>
public static class NodeAdmission
{
    /// <summary>Key of the taint.</summary>
    public const string NotReady = "node.kubernetes.io/not-ready";

    /// <summary>Taints a new node, in place, unless it has the taint already.</summary>
    public static void Taint(JsonObject node)
    {
        var spec = node.Ensure("spec");
        if (spec.Objects("taints").Any(IsNotReady))
        {
            return;
        }

        var taint = new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" };
        if (spec.Array("taints") is { } taints)
        {
            taints.Add(taint);
        }
        else
        {
            spec["taints"] = new JsonArray(taint);
        }
    }

    /// <summary>Takes the taint away, in place; false if there was none.</summary>
    public static bool Untaint(JsonObject node)
    {
        var taints = node.Object("spec").Array("taints");
        var found = node.Object("spec").Objects("taints").FirstOrDefault(IsNotReady).Item;
        return found is not null && taints!.Remove(found);
    }

    private static bool IsNotReady((int Index, JsonObject Item) entry) =>
        entry.Item.Text("key") == NotReady && entry.Item.Text("effect") == "NoSchedule";
}
