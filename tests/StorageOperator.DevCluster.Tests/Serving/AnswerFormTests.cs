using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Serving;

public class AnswerFormTests
{
    private const string Claims = "/api/v1/namespaces/default/persistentvolumeclaims";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private const string Partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";
    private const string PartialList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json";

    private const string Claim = """
        {"metadata":{"name":"c","labels":{"tier":"db"}},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}
        """;

    [Fact]
    public async Task Tables_have_columns_and_rows_with_as_much_of_the_object_as_asked_for()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(Claims, Claim)).Must(201);
        JsonObject table = (await cluster.Get(Claims, Table)).Must(200);
        Assert.Equal("Table", (string?)table["kind"]);
        Assert.Equal("meta.k8s.io/v1", (string?)table["apiVersion"]);
        string[] columns = [.. table["columnDefinitions"]!.AsArray().Select(column => (string)column!["name"]!)];
        Assert.Equal(["Name", "Status", "Volume", "Capacity", "Access Modes", "StorageClass"], columns[..6]);
        JsonNode row = Assert.Single(table["rows"]!.AsArray())!;
        Assert.Equal(columns.Length, row["cells"]!.AsArray().Count);
        Assert.Equal("PartialObjectMetadata", (string?)row["object"]!["kind"]);
        Assert.Null((await cluster.Get(Claims + "?includeObject=None", Table)).Json["rows"]![0]!["object"]);
        Assert.Equal("PersistentVolumeClaim", (string?)(await cluster.Get(Claims + "?includeObject=Object", Table)).Json["rows"]![0]!["object"]!["kind"]);
    }

    [Fact]
    public async Task Metadata_alone_can_be_read_and_watched()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(Claims, Claim)).Must(201);
        JsonObject single = (await cluster.Get(Claims + "/c", Partial)).Must(200);
        Assert.Equal("PartialObjectMetadata", (string?)single["kind"]);
        Assert.Equal("db", (string?)single["metadata"]!["labels"]!["tier"]);
        Assert.Null(single["spec"]);
        JsonObject list = (await cluster.Get(Claims, PartialList)).Must(200);
        Assert.Equal("PartialObjectMetadataList", (string?)list["kind"]);
        Assert.Null(list["items"]![0]!["spec"]);
    }

    [Fact]
    public async Task Items_of_typed_lists_do_not_repeat_their_kind_and_custom_ones_do()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(Claims, Claim)).Must(201);
        JsonObject list = (await cluster.Get(Claims)).Must(200);
        Assert.Equal("PersistentVolumeClaimList", (string?)list["kind"]);
        Assert.Null(list["items"]![0]!["kind"]);
        await DefineThing(cluster);
        (await cluster.Post("/apis/example.com/v1/things", """{"metadata":{"name":"t"}}""")).Must(201);
        JsonNode thing = (await cluster.Get("/apis/example.com/v2/things")).Must(200)["items"]![0]!;
        Assert.Equal("example.com/v2", (string?)thing["apiVersion"]);
        Assert.Equal("Thing", (string?)thing["kind"]);
    }

    [Fact]
    public async Task Discovery_comes_aggregated_and_plain()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        await DefineThing(cluster);
        JsonObject aggregated = (await cluster.Get("/apis", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json")).Must(200);
        JsonNode group = aggregated["items"]!.AsArray().Single(item => (string?)item!["metadata"]!["name"] == "example.com")!;
        Assert.Equal(["v2", "v1"], group["versions"]!.AsArray().Select(version => (string?)version!["version"]));
        JsonObject plain = (await cluster.Get("/apis/example.com")).Must(200);
        Assert.Equal("example.com/v2", (string?)plain["preferredVersion"]!["groupVersion"]);
        JsonObject resources = (await cluster.Get("/api/v1")).Must(200);
        Assert.Contains(resources["resources"]!.AsArray(), resource => (string?)resource!["name"] == "persistentvolumes/status");
        Assert.Equal("v1.36.2+devcluster", (string?)(await cluster.Get("/version")).Json["gitVersion"]);
        Assert.NotNull((await cluster.Get("/openapi/v3")).Json["paths"]!["apis/storage.k8s.io/v1"]);
        Assert.NotNull((await cluster.Get("/openapi/v3/apis/example.com/v1")).Must(200)["components"]);
        Assert.Equal("2.0", (string?)(await cluster.Get("/openapi/v2")).Json["swagger"]);
    }

    [Fact]
    public async Task Unknown_and_repeated_fields_are_dropped_warned_of_or_refused()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        string Body(string name) => Claim.Replace("\"name\":\"c\"", $"\"name\":\"{name}\"", StringComparison.Ordinal)
            .Replace("\"spec\":{", "\"spec\":{\"typo\":1,\"volumeMode\":\"Block\",\"volumeMode\":\"Filesystem\",", StringComparison.Ordinal);
        Answer warned = await cluster.Post(Claims, Body("a"));
        warned.Must(201);
        Assert.Null(warned.Json["spec"]!["typo"]);
        Assert.Equal("Filesystem", (string?)warned.Json["spec"]!["volumeMode"]);
        Assert.Contains(warned.Warnings, warning => warning.Contains("unknown field \\\"spec.typo\\\"", StringComparison.Ordinal));
        Assert.Contains(warned.Warnings, warning => warning.Contains("duplicate field \\\"spec.volumeMode\\\"", StringComparison.Ordinal));
        Answer ignored = await cluster.Post(Claims + "?fieldValidation=Ignore", Body("b"));
        ignored.Must(201);
        Assert.Empty(ignored.Warnings);
        Answer refused = await cluster.Post(Claims + "?fieldValidation=Strict", Body("d"));
        refused.Must(400);
        Assert.Contains("strict decoding error: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("unknown field \"spec.typo\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_side_apply_creates_owns_and_tells_conflicts()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        const string Map = "/api/v1/namespaces/default/configmaps/m", Apply = "application/apply-patch+yaml";
        const string Body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {a: \"1\"}\n";
        (await cluster.Patch(Map + "?fieldManager=one", Body, Apply)).Must(201);
        Answer repeated = await cluster.Patch(Map + "?fieldManager=one", Body, Apply);
        Assert.Equal((await cluster.Get(Map)).Version, repeated.Version);
        Answer conflict = await cluster.Patch(Map + "?fieldManager=two", Body.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), Apply);
        conflict.Must(409);
        Assert.Equal("FieldManagerConflict", (string?)conflict.Json["details"]!["causes"]![0]!["reason"]);
        Assert.Equal(".data.a", (string?)conflict.Json["details"]!["causes"]![0]!["field"]);
        (await cluster.Patch(Map + "?fieldManager=two&force=true", Body.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), Apply)).Must(200);
        (await cluster.Patch(Map, Body, Apply)).Must(422);
        (await cluster.Patch(Map + "?force=true", "{}")).Must(422);
    }

    [Fact]
    public async Task Patches_come_in_every_form_the_kind_takes()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(Claims, Claim)).Must(201);
        (await cluster.Patch(Claims + "/c", """[{"op":"test","path":"/metadata/labels/tier","value":"db"},{"op":"add","path":"/metadata/labels/x","value":"1"}]""",
            "application/json-patch+json")).Must(200);
        (await cluster.Patch(Claims + "/c", """{"metadata":{"finalizers":["example.com/a"]}}""", "application/strategic-merge-patch+json")).Must(200);
        JsonObject claim = (await cluster.Get(Claims + "/c")).Must(200);
        Assert.Equal("1", (string?)claim["metadata"]!["labels"]!["x"]);
        Assert.Equal(2, claim["metadata"]!["finalizers"]!.AsArray().Count);
        (await cluster.Patch(Claims + "/c", "{}", "text/plain")).Must(415);
        await DefineThing(cluster);
        (await cluster.Post("/apis/example.com/v1/things", """{"metadata":{"name":"t"}}""")).Must(201);
        (await cluster.Patch("/apis/example.com/v1/things/t", "{}", "application/strategic-merge-patch+json")).Must(415);
    }

    [Fact]
    public async Task Users_of_a_token_file_are_known_and_reviewed()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "secret-1,alice,u1,\"dev,ops\"\n", TestContext.Current.CancellationToken);
        await using TestCluster cluster = await TestCluster.StartAsync(options => new() { Directory = options.Directory, TokenFile = file });
        File.Delete(file);
        JsonObject review = (await cluster.Post(
            "/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"secret-1"}}""")).Must(201);
        Assert.True((bool?)review["status"]!["authenticated"]);
        Assert.Equal("alice", (string?)review["status"]!["user"]!["username"]);
        Assert.Equal(["dev", "ops", "system:authenticated"], review["status"]!["user"]!["groups"]!.AsArray().Select(group => (string?)group));
        JsonObject unknown = (await cluster.Post("/apis/authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"no"}}""")).Must(201);
        Assert.Null(unknown["status"]!["authenticated"]);
        using HttpClient alice = cluster.NewClient("secret-1");
        Assert.Equal(200, (int)(await alice.GetAsync(new Uri("/api/v1/namespaces", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    private static async Task DefineThing(TestCluster cluster) => (await cluster.Post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", """
        {"metadata":{"name":"things.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"plural":"things","kind":"Thing"},
        "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}},
                    {"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        """)).Must(201);
}
