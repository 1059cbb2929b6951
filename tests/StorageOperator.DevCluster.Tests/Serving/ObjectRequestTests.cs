using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Serving;

public class ObjectRequestTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task A_created_object_gets_uid_version_and_time()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        JsonObject created = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"v"}}""")).Must(201);
        Assert.Equal("ConfigMap", (string?)created["kind"]);
        Assert.Equal("v1", (string?)created["apiVersion"]);
        Assert.Equal("default", (string?)created["metadata"]!["namespace"]);
        Assert.True(Guid.TryParse((string?)created["metadata"]!["uid"], out _));
        Assert.True(long.Parse((string)created["metadata"]!["resourceVersion"]!) > 0);
        Assert.Matches("^....-..-..T..:..:..Z$", (string)created["metadata"]!["creationTimestamp"]!);
        Assert.True(JsonNode.DeepEquals(created, (await cluster.Get(ConfigMaps + "/a")).Must(200)));
    }

    [Fact]
    public async Task Names_are_generated_and_taken_names_refused()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        JsonObject generated = (await cluster.Post(ConfigMaps, """{"metadata":{"generateName":"a-"}}""")).Must(201);
        Assert.Matches("^a-[bcdfghjklmnpqrstvwxz2456789]{5}$", (string)generated["metadata"]!["name"]!);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Must(201);
        Answer again = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""");
        again.Must(409);
        Assert.Equal("AlreadyExists", again.Reason);
        Assert.Equal("configmaps \"a\" already exists", again.Message);
    }

    [Fact]
    public async Task An_update_from_an_old_version_is_a_conflict()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer first = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""");
        (await cluster.Patch(ConfigMaps + "/a", """{"data":{"k":"2"}}""")).Must(200);
        first.Json["data"]!["k"] = "3";
        Answer late = await cluster.Put(ConfigMaps + "/a", first.Json.ToJsonString());
        late.Must(409);
        Assert.Equal("Conflict", late.Reason);
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest "
            + "version and try again",
            late.Message);
        Answer patch = await cluster.Patch(ConfigMaps + "/a", $$$"""{"metadata":{"resourceVersion":"{{{first.Version}}}"},"data":{"k":"4"}}""");
        patch.Must(409);
        Assert.Equal("2", (string?)(await cluster.Get(ConfigMaps + "/a")).Json["data"]!["k"]);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_version()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer created = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""");
        Assert.Equal(created.Version, (await cluster.Patch(ConfigMaps + "/a", """{"data":{"k":"1"}}""")).Version);
        Assert.Equal(created.Version, (await cluster.Put(ConfigMaps + "/a", created.Text)).Version);
    }

    [Fact]
    public async Task Finalizers_hold_a_deleted_object_until_they_are_gone()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a","finalizers":["example.com/hold"]}}""")).Must(201);
        JsonObject deleted = (await cluster.Delete(ConfigMaps + "/a")).Must(200);
        Assert.NotNull(deleted["metadata"]!["deletionTimestamp"]);
        Assert.Equal(0, deleted["metadata"]!["deletionGracePeriodSeconds"]!.GetValue<long>());
        (await cluster.Patch(ConfigMaps + "/a", """{"metadata":{"finalizers":null}}""")).Must(200);
        Answer gone = await cluster.Get(ConfigMaps + "/a");
        gone.Must(404);
        Assert.Equal("configmaps \"a\" not found", gone.Message);
    }

    [Fact]
    public async Task Deletion_heeds_preconditions()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer created = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""");
        (await cluster.Delete(ConfigMaps + "/a", """{"preconditions":{"uid":"other"}}""")).Must(409);
        (await cluster.Delete(ConfigMaps + "/a", """{"preconditions":{"resourceVersion":"1"}}""")).Must(409);
        JsonObject gone = (await cluster.Delete(ConfigMaps + "/a", $$$"""{"preconditions":{"uid":"{{{created.Uid}}}"}}""")).Must(200);
        Assert.Equal("Success", (string?)gone["status"]);
        Assert.Equal(created.Uid, (string?)gone["details"]!["uid"]);
    }

    [Fact]
    public async Task A_dry_run_stores_nothing()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        JsonObject previewed = (await cluster.Post(ConfigMaps + "?dryRun=All", """{"metadata":{"name":"a"}}""")).Must(201);
        Assert.NotNull(previewed["metadata"]!["uid"]);
        Assert.Null(previewed["metadata"]!["resourceVersion"]);
        (await cluster.Get(ConfigMaps + "/a")).Must(404);
        Answer kept = await cluster.Post(ConfigMaps, """{"metadata":{"name":"b"},"data":{"k":"1"}}""");
        Answer changed = await cluster.Patch(ConfigMaps + "/b?dryRun=All", """{"data":{"k":"2"}}""");
        Assert.Equal("2", (string?)changed.Json["data"]!["k"]);
        Assert.Equal(kept.Version, (await cluster.Get(ConfigMaps + "/b")).Version);
        (await cluster.Delete(ConfigMaps + "/b?dryRun=All")).Must(200);
        (await cluster.Get(ConfigMaps + "/b")).Must(200);
    }

    [Fact]
    public async Task Bodies_may_be_yaml()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        const string Yaml = "metadata:\n  name: a\ndata:\n  n: \"1\"\n  t: 'yes'\n  m: |\n    two\n    lines\n";
        JsonObject created = (await cluster.Post(ConfigMaps, Yaml, "application/yaml")).Must(201);
        Assert.Equal("1", (string?)created["data"]!["n"]);
        Assert.Equal("yes", (string?)created["data"]!["t"]);
        Assert.Equal("two\nlines\n", (string?)created["data"]!["m"]);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/nothings")]
    [InlineData("/apis/storage.k8s.io/v7/storageclasses")]
    public async Task Unknown_resources_are_not_found(string path)
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer answer = await cluster.Get(path);
        answer.Must(404);
        Assert.Equal("the server could not find the requested resource", answer.Message);
    }

    [Theory]
    [InlineData("/apis/nothing.example.com/v1/things")]
    [InlineData("/nowhere")]
    public async Task Paths_of_no_group_are_not_even_answered_with_a_status(string path)
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer answer = await cluster.Get(path);
        Assert.Equal((404, "404 page not found"), (answer.Code, answer.Text));
    }

    [Fact]
    public async Task Only_probes_and_the_version_are_open_to_strangers()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        using HttpClient stranger = cluster.NewClient(token: null);
        foreach (string path in (string[])["/healthz", "/readyz", "/livez", "/version"])
        {
            Assert.Equal(200, (int)(await stranger.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
        }
        using HttpResponseMessage refused = await stranger.GetAsync(new Uri("/api", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)refused.StatusCode);
        JsonNode status = JsonNode.Parse(await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("Unauthorized", (string?)status["reason"]);
    }

    [Fact]
    public async Task Objects_cannot_be_made_in_a_missing_namespace()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer answer = await cluster.Post("/api/v1/namespaces/missing/configmaps", """{"metadata":{"name":"a"}}""");
        answer.Must(404);
        Assert.Equal("namespaces \"missing\" not found", answer.Message);
    }

    [Fact]
    public async Task Main_and_status_endpoints_do_not_write_each_others_part()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        const string Node = "/api/v1/nodes/n";
        (await cluster.Post("/api/v1/nodes", """{"metadata":{"name":"n"},"spec":{"podCIDR":"10.0.0.0/24"}}""")).Must(201);
        (await cluster.Patch(Node + "/status", """{"spec":{"unschedulable":true},"status":{"phase":"Running"}}""")).Must(200);
        (await cluster.Patch(Node, """{"spec":{"unschedulable":true},"status":{"phase":"Pending"}}""")).Must(200);
        JsonObject node = (await cluster.Get(Node)).Must(200);
        Assert.Equal("Running", (string?)node["status"]!["phase"]);
        Assert.True((bool?)node["spec"]!["unschedulable"]);
    }
}
