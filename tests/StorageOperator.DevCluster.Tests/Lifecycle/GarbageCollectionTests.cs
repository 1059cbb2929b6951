using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Lifecycle;

public class GarbageCollectionTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Dependents_follow_their_owner()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        await Chain(cluster);
        (await cluster.Delete(ConfigMaps + "/owner")).Must(200);
        await cluster.UntilGone(ConfigMaps + "/child");
        await cluster.UntilGone(ConfigMaps + "/grandchild");
    }

    [Fact]
    public async Task In_the_foreground_dependents_go_first()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        await Chain(cluster, childFinalizer: "example.com/hold");
        JsonObject owner = (await cluster.Delete(ConfigMaps + "/owner", """{"propagationPolicy":"Foreground"}""")).Must(202);
        Assert.Equal("foregroundDeletion", (string?)owner["metadata"]!["finalizers"]![0]);
        await cluster.UntilGone(ConfigMaps + "/grandchild");
        (await cluster.Get(ConfigMaps + "/owner")).Must(200);
        (await cluster.Patch(ConfigMaps + "/child", """{"metadata":{"finalizers":null}}""")).Must(200);
        await cluster.UntilGone(ConfigMaps + "/child");
        await cluster.UntilGone(ConfigMaps + "/owner");
    }

    [Fact]
    public async Task Orphans_forget_their_owner()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        await Chain(cluster);
        (await cluster.Delete(ConfigMaps + "/owner?propagationPolicy=Orphan")).Must(200);
        await cluster.UntilGone(ConfigMaps + "/owner");
        JsonObject child = (await cluster.Get(ConfigMaps + "/child")).Must(200);
        Assert.Null(child["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task An_object_whose_owner_never_existed_is_collected()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(ConfigMaps, Owned("stray", "owner", "00000000-0000-0000-0000-000000000000"))).Must(201);
        await cluster.UntilGone(ConfigMaps + "/stray");
    }

    [Fact]
    public async Task An_object_with_one_owner_left_stays()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        string first = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"first"}}""")).Uid;
        string second = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"second"}}""")).Uid;
        JsonObject child = (JsonObject)JsonNode.Parse(Owned("child", "first", first))!;
        ((JsonArray)child["metadata"]!["ownerReferences"]!).Add(Reference("second", second));
        (await cluster.Post(ConfigMaps, child.ToJsonString())).Must(201);
        (await cluster.Delete(ConfigMaps + "/first")).Must(200);
        await TestCluster.Until(
            async () => (await cluster.Get(ConfigMaps + "/child")).Must(200)["metadata"]!["ownerReferences"]!.AsArray().Count == 1,
            "the lost owner is dropped");
    }

    [Fact]
    public async Task A_terminating_namespace_takes_its_contents_along_and_nothing_new_in()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        const string Space = "/api/v1/namespaces/space", Held = Space + "/configmaps/held";
        JsonObject created = (await cluster.Post("/api/v1/namespaces", """{"metadata":{"name":"space"}}""")).Must(201);
        Assert.Equal("Active", (string?)created["status"]!["phase"]);
        (await cluster.Post(Space + "/configmaps", """{"metadata":{"name":"held","finalizers":["example.com/hold"]}}""")).Must(201);
        (await cluster.Post(Space + "/secrets", """{"metadata":{"name":"free"}}""")).Must(201);
        JsonObject deleted = (await cluster.Delete(Space)).Must(200);
        Assert.Equal("Terminating", (string?)deleted["status"]!["phase"]);
        await cluster.UntilGone(Space + "/secrets/free");
        Answer refused = await cluster.Post(Space + "/configmaps", """{"metadata":{"name":"late"}}""");
        refused.Must(403);
        Assert.Equal("NamespaceTerminating", (string?)refused.Json["details"]!["causes"]![0]!["reason"]);
        (await cluster.Patch(Held, """{"metadata":{"finalizers":null}}""")).Must(200);
        await cluster.UntilGone(Space);
    }

    private static async Task Chain(TestCluster cluster, string? childFinalizer = null)
    {
        string owner = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"owner"}}""")).Uid;
        JsonObject child = (JsonObject)JsonNode.Parse(Owned("child", "owner", owner))!;
        if (childFinalizer is not null)
        {
            child["metadata"]!["finalizers"] = new JsonArray(childFinalizer);
        }
        string uid = (await cluster.Post(ConfigMaps, child.ToJsonString())).Uid;
        (await cluster.Post(ConfigMaps, Owned("grandchild", "child", uid))).Must(201);
    }

    private static string Owned(string name, string owner, string uid) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["ownerReferences"] = new JsonArray(Reference(owner, uid)) },
    }.ToJsonString();

    private static JsonObject Reference(string name, string uid) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["name"] = name,
        ["uid"] = uid,
        ["blockOwnerDeletion"] = true,
    };
}
