using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Admission;

namespace StorageOperator.DevCluster.Tests.Admission;

public class AdmissionTests
{
    [Theory]
    [InlineData("", "persistentvolumes", "kubernetes.io/pv-protection")]
    [InlineData("", "persistentvolumeclaims", "kubernetes.io/pvc-protection")]
    [InlineData("storage.k8s.io", "volumeattributesclasses", "kubernetes.io/vac-protection")]
    public void What_can_be_in_use_is_protected_once(string group, string resource, string finalizer)
    {
        var created = Parse("""{"metadata":{"finalizers":["example.com/hold"]}}""");
        StorageAdmission.ProtectInUse(group, resource, created);
        StorageAdmission.ProtectInUse(group, resource, created);
        Assert.Equal(["example.com/hold", finalizer], created["metadata"]!["finalizers"]!.AsArray().Select(name => (string?)name));
    }

    [Fact]
    public void Other_kinds_are_not_protected()
    {
        var pod = Parse("""{"metadata":{}}""");
        StorageAdmission.ProtectInUse("", "pods", pod);
        Assert.Equal("""{"metadata":{}}""", pod.ToJsonString());
    }

    [Fact]
    public void The_newest_default_class_wins_then_the_first_by_name()
    {
        JsonObject[] classes = [Class("old", "2026-01-01T00:00:00Z"), Class("b", "2026-02-01T00:00:00Z"), Class("a",
            "2026-02-01T00:00:00Z"), Class("not-default", "2026-03-01T00:00:00Z", isDefault: false)];
        var claim = Parse("""{"metadata":{},"spec":{}}""");
        StorageAdmission.DefaultClass(claim, classes);
        Assert.Equal("a", (string?)claim["spec"]!["storageClassName"]);
    }

    [Theory]
    [InlineData("""{"metadata":{},"spec":{"storageClassName":""}}""")]
    [InlineData("""{"metadata":{"annotations":{"volume.beta.kubernetes.io/storage-class":""}},"spec":{}}""")]
    public void A_claim_that_says_no_class_gets_none(string json)
    {
        var claim = Parse(json);
        StorageAdmission.DefaultClass(claim, [Class("a", "2026-01-01T00:00:00Z")]);
        Assert.Equal(json, claim.ToJsonString());
    }

    [Theory]
    [InlineData("Bound", "grows", "2Gi", null)]
    [InlineData("Bound", "fixed", "2Gi",
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")]
    [InlineData("Bound", "missing", "2Gi",
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")]
    [InlineData("Bound", "", "2Gi",
        "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")]
    [InlineData("Pending", "grows", "2Gi", "Only bound persistent volume claims can be expanded")]
    [InlineData("Pending", "grows", "1024Mi", null)]
    public void Only_bound_claims_of_an_expandable_class_grow(string phase, string className, string request, string? refusal)
    {
        var claim = Parse("""{"metadata":{},"spec":{"resources":{"requests":{"storage":"1Gi"}}},"status":{}}""");
        claim["spec"]!["storageClassName"] = className;
        claim["status"]!["phase"] = phase;
        var updated = claim.DeepClone().AsObject();
        updated["spec"]!["resources"]!["requests"]!["storage"] = request;

        var answer = StorageAdmission.RefuseResize(updated, claim, name => name == "missing" ? null
            : new JsonObject { ["allowVolumeExpansion"] = name == "grows" });

        Assert.Equal(refusal, answer);
    }

    [Fact]
    public void Pods_tolerate_lost_nodes_for_five_minutes_unless_they_say_otherwise()
    {
        var pod = Parse("""{"spec":{"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute"}]}}""");
        Assert.Null(PodAdmission.Admit(pod, _ => null));
        Assert.Equal(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"], pod["spec"]!["tolerations"]!.AsArray()
            .Select(toleration => (string?)toleration!["key"]));
        Assert.Equal(0, (long?)pod["spec"]!["priority"]);
    }

    [Fact]
    public void A_new_node_takes_no_pods_until_somebody_has_seen_it_ready()
    {
        var node = Parse("""{"spec":{"taints":[{"key":"own","effect":"NoExecute"}]}}""");
        NodeAdmission.Taint(node);
        NodeAdmission.Taint(node);
        Assert.Equal(["own", "node.kubernetes.io/not-ready"], node["spec"]!["taints"]!.AsArray().Select(taint => (string?)taint!["key"]));
        Assert.True(NodeAdmission.Untaint(node));
        Assert.False(NodeAdmission.Untaint(node));
        Assert.Single(node["spec"]!["taints"]!.AsArray());
    }

    [Fact]
    public void An_unknown_priority_class_is_refused() =>
        Assert.Equal("no PriorityClass with name urgent was found", PodAdmission.Admit(Parse("""{"spec":{"priorityClassName":"urgent"}}"""), _ => null));

    private static JsonObject Class(string name, string created, bool isDefault = true) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["creationTimestamp"] = created,
            ["annotations"] = new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = isDefault ? "true" : "false" },
        },
    };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
