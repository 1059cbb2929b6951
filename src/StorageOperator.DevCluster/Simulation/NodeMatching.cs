using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>Whether a node is what a selector asks for. Source: k8s.io/component-helpers/scheduling/corev1/nodeaffinity.</summary>
internal static class NodeMatching
{
    /// <summary>A node selector: its terms are alternatives, a term without any requirement matches nothing.</summary>
    public static bool Matches(JsonObject? nodeSelector, JsonObject node) =>
        nodeSelector.Objects("nodeSelectorTerms").Any(entry => MatchesTerm(entry.Item, node));

    /// <summary>A volume's node affinity; a volume without one is everywhere.</summary>
    public static bool IsReachable(JsonObject volume, JsonObject node) =>
        volume.Object("spec").Object("nodeAffinity").Object("required") is not { } required || Matches(required, node);

    /// <summary>A class's allowed topologies; a class without any allows every node.</summary>
    public static bool IsAllowed(JsonObject storageClass, JsonObject node)
    {
        var terms = storageClass.Objects("allowedTopologies").Select(entry => entry.Item).ToList();
        return terms.Count == 0 || terms.Any(term => term.Objects("matchLabelExpressions").All(entry =>
            Label(node, entry.Item.Text("key") ?? "") is { } value && entry.Item.Texts("values").Contains(value)));
    }

    /// <summary>A label selector on any object's labels; null matches everything.</summary>
    public static bool MatchesLabels(JsonObject? selector, JsonObject resource)
    {
        var labels = resource.Metadata().Object("labels");
        return selector.TextMap("matchLabels").All(label => labels.Text(label.Key) == label.Value)
            && selector.Objects("matchExpressions").All(entry => Holds(entry.Item, labels.Text(entry.Item.Text("key") ?? "")));
    }

    /// <summary>Why a pod cannot be on a node whatever its volumes, or null if it can.</summary>
    public static string? RefusePod(JsonObject pod, JsonObject node)
    {
        var spec = pod.Object("spec");
        var selected = spec.TextMap("nodeSelector").All(label => Label(node, label.Key) == label.Value);
        var required = spec.Object("affinity").Object("nodeAffinity").Object("requiredDuringSchedulingIgnoredDuringExecution");
        if (!selected || (required is not null && !Matches(required, node)))
        {
            return "node(s) didn't match Pod's node affinity/selector";
        }

        if (node.Object("spec").Flag("unschedulable") == true)
        {
            return "node(s) were unschedulable";
        }

        var taint = node.Object("spec").Objects("taints").Select(entry => entry.Item)
            .FirstOrDefault(found => found.Text("effect") is "NoSchedule" or "NoExecute" && !IsTolerated(found, spec));
        return taint is null ? null : $"node(s) had untolerated taint(s) {{{taint.Text("key")}: {taint.Text("value")}}}";
    }

    private static bool MatchesTerm(JsonObject term, JsonObject node)
    {
        var expressions = term.Objects("matchExpressions").Select(entry => entry.Item).ToList();
        var fields = term.Objects("matchFields").Select(entry => entry.Item).ToList();
        return expressions.Count + fields.Count > 0
            && expressions.All(requirement => Holds(requirement, Label(node, requirement.Text("key") ?? "")))
            && fields.All(requirement => requirement.Text("key") == "metadata.name" && Holds(requirement, node.Name()));
    }

    private static bool Holds(JsonObject requirement, string? value)
    {
        var values = requirement.Texts("values");
        return requirement.Text("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Compare(value, values) > 0,
            "Lt" => Compare(value, values) < 0,
            _ => false,
        };
    }

    private static int? Compare(string? value, IReadOnlyList<string> values) => values.Count == 1
        && long.TryParse(value, CultureInfo.InvariantCulture, out var left) && long.TryParse(values[0], CultureInfo.InvariantCulture,
            out var right)
            ? left.CompareTo(right)
            : null;

    private static string? Label(JsonObject node, string key) => node.Metadata().Object("labels").Text(key);

    private static bool IsTolerated(JsonObject taint, JsonObject? spec) => spec.Objects("tolerations").Any(entry =>
    {
        var toleration = entry.Item;
        var key = toleration.Text("key") ?? "";
        var effect = toleration.Text("effect") ?? "";
        return (effect.Length == 0 || effect == taint.Text("effect"))
            && (key.Length == 0 || key == taint.Text("key"))
            && (toleration.Text("operator") == "Exists" || (toleration.Text("value") ?? "") == (taint.Text("value") ?? ""));
    });
}
