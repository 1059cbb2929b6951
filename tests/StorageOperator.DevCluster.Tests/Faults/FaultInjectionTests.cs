using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Faults;

public class FaultInjectionTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task An_error_rule_strikes_as_often_as_it_says_and_counts_its_hits()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post("/devcluster/faults", """
            {"id":"busy","match":{"verb":"create,update","resource":"configmaps"},"action":"status","code":429,"retryAfterSeconds":7,"count":2}
            """)).Must(200);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            Answer refused = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""");
            refused.Must(429);
            Assert.Equal("TooManyRequests", refused.Reason);
            Assert.Equal(TimeSpan.FromSeconds(7), refused.RetryAfter);
        }
        (await cluster.Get(ConfigMaps)).Must(200);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Must(201);
        JsonNode rule = (await cluster.Get("/devcluster/faults")).Json["rules"]![0]!;
        Assert.Equal("busy", (string?)rule["id"]);
        Assert.Equal(2, rule["hits"]!.GetValue<long>());
        (await cluster.Delete("/devcluster/faults")).Must(200);
        Assert.Empty((JsonArray)(await cluster.Get("/devcluster/faults")).Json["rules"]!);
    }

    [Fact]
    public async Task A_refused_request_does_nothing_and_a_lost_answer_hides_what_was_done()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post("/devcluster/faults", """
            [{"match":{"verb":"create"},"action":"refuse","count":1},{"match":{"verb":"create"},"action":"lose","skip":0,"count":1}]
            """)).Must(200);
        await Assert.ThrowsAsync<HttpRequestException>(() => cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}"""));
        (await cluster.Get(ConfigMaps + "/a")).Must(404);
        (await cluster.Delete("/devcluster/faults")).Must(200);
        (await cluster.Post("/devcluster/faults", """{"match":{"verb":"create"},"action":"lose","count":1}""")).Must(200);
        await Assert.ThrowsAsync<HttpRequestException>(() => cluster.Post(ConfigMaps, """{"metadata":{"name":"b"}}"""));
        (await cluster.Get(ConfigMaps + "/b")).Must(200);
    }

    [Fact]
    public async Task Stale_reads_show_the_past_and_writes_the_present()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"},"data":{"k":"1"}}""")).Must(201);
        (await cluster.Patch(ConfigMaps + "/a", """{"data":{"k":"2"}}""")).Must(200);
        (await cluster.Post("/devcluster/faults", """{"action":"stale","revisionsBack":1}""")).Must(200);
        Answer stale = await cluster.Get(ConfigMaps + "/a");
        Assert.Equal("1", (string?)stale.Json["data"]!["k"]);
        Assert.Equal("1", (string?)(await cluster.Get(ConfigMaps)).Json["items"]![0]!["data"]!["k"]);
        (await cluster.Put(ConfigMaps + "/a", stale.Text)).Must(409);
    }

    [Fact]
    public async Task Watches_are_cut_or_told_that_their_version_is_gone()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        using TestWatch open = await cluster.Watch(ConfigMaps + "?watch=1&resourceVersion=1");
        Answer cut = await cluster.Post("/devcluster/watches/cut", """{"resource":"configmaps"}""");
        Assert.Equal(1, cut.Must(200)["cut"]!.GetValue<int>());
        await Assert.ThrowsAnyAsync<IOException>(open.Next);
        (await cluster.Post("/devcluster/faults", """{"match":{"verb":"watch"},"action":"gone","count":1}""")).Must(200);
        using TestWatch gone = await cluster.Watch(ConfigMaps + "?watch=1&resourceVersion=1");
        JsonObject error = (await gone.Next())!;
        Assert.Equal(410, error["object"]!["code"]!.GetValue<int>());
        (await cluster.Post("/devcluster/faults", """{"match":{"verb":"watch"},"action":"cut","milliseconds":20,"count":1}""")).Must(200);
        using TestWatch shortened = await cluster.Watch(ConfigMaps + "?watch=1&resourceVersion=1");
        await Assert.ThrowsAnyAsync<IOException>(shortened.Next);
    }

    [Fact]
    public async Task A_seeded_probability_strikes_the_same_requests_every_time()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        var runs = new List<string>();
        for (int run = 0; run < 2; run++)
        {
            (await cluster.Post("/devcluster/faults", """{"id":"p","match":{"verb":"get"},"action":"status","code":503,"probability":0.5,"seed":42}"""))
                .Must(200);
            string codes = "";
            for (int request = 0; request < 20; request++)
            {
                codes += (await cluster.Get("/api/v1/namespaces/default")).Code == 503 ? "x" : ".";
            }
            runs.Add(codes);
        }
        Assert.Equal(runs[0], runs[1]);
        Assert.Contains('x', runs[0]);
        Assert.Contains('.', runs[0]);
    }

    [Fact]
    public async Task Requests_are_counted_by_verb_resource_and_asker()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Delete("/devcluster/requests")).Must(200);
        (await cluster.Get(ConfigMaps)).Must(200);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Must(201);
        (await cluster.Get(ConfigMaps + "/a")).Must(200);
        (await cluster.Get(ConfigMaps + "/a")).Must(200);
        JsonObject counters = (await cluster.Get("/devcluster/requests")).Must(200);
        Assert.Equal(4, counters["total"]!.GetValue<long>());
        Assert.Equal(1, counters["writes"]!.GetValue<long>());
        JsonNode gets = ((JsonArray)counters["requests"]!).Single(entry => (string?)entry!["verb"] == "get")!;
        Assert.Equal(2, gets["count"]!.GetValue<long>());
        Assert.Equal("configmaps", (string?)gets["resource"]);
        Assert.Equal("devcluster-tests", (string?)gets["userAgent"]);
    }

    [Theory]
    [InlineData("""{"action":"explode"}""", "action must be one of")]
    [InlineData("""{"match":{"colour":"red"},"action":"refuse"}""", "match has no part \"colour\"")]
    [InlineData("""{"action":"delay","milliseconds":"many"}""", "cannot be read")]
    public async Task A_rule_that_makes_no_sense_is_refused_with_the_reason(string rule, string message)
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer answer = await cluster.Post("/devcluster/faults", rule);
        answer.Must(400);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
    }
}
