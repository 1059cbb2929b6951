using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace StorageOperator.DevCluster.Tests.Serving;

public class ListAndWatchTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Pages_show_one_revision_whatever_happens_between_them()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        foreach (string name in (string[])["a", "b", "c", "d", "e"])
        {
            (await cluster.Post(ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Must(201);
        }
        Answer first = await cluster.Get(ConfigMaps + "?limit=2");
        Assert.Equal(["a", "b"], first.Names);
        Assert.Equal(3, first.Json["metadata"]!["remainingItemCount"]!.GetValue<long>());
        (await cluster.Delete(ConfigMaps + "/c")).Must(200);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"bb"}}""")).Must(201);
        Answer second = await cluster.Get($"{ConfigMaps}?limit=2&continue={first.Json["metadata"]!["continue"]}");
        Assert.Equal(["c", "d"], second.Names);
        Assert.Equal(first.Version, second.Version);
        Answer third = await cluster.Get($"{ConfigMaps}?limit=2&continue={second.Json["metadata"]!["continue"]}");
        Assert.Equal(["e"], third.Names);
        Assert.Null(third.Json["metadata"]!["continue"]);
    }

    [Fact]
    public async Task A_page_from_a_compacted_revision_is_expired_and_can_go_on_inconsistently()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        foreach (string name in (string[])["a", "b", "c"])
        {
            (await cluster.Post(ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Must(201);
        }
        Answer first = await cluster.Get(ConfigMaps + "?limit=1");
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"z"}}""")).Must(201);
        (await cluster.Post("/devcluster/compact", "{}")).Must(200);
        Answer expired = await cluster.Get($"{ConfigMaps}?continue={first.Json["metadata"]!["continue"]}");
        expired.Must(410);
        Assert.Equal("Expired", expired.Reason);
        Answer rest = await cluster.Get($"{ConfigMaps}?continue={expired.Json["metadata"]!["continue"]}");
        Assert.Equal(["b", "c", "z"], rest.Names);
    }

    [Fact]
    public async Task Lists_select_by_label_and_field()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a","labels":{"tier":"db","n":"5"}}}""")).Must(201);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"b","labels":{"tier":"web"}}}""")).Must(201);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"c"}}""")).Must(201);
        Assert.Equal(["a"], (await cluster.Get(ConfigMaps + "?labelSelector=tier%3Ddb")).Names);
        Assert.Equal(["b", "c"], (await cluster.Get(ConfigMaps + "?labelSelector=tier!%3Ddb")).Names);
        Assert.Equal(["a", "b"], (await cluster.Get(ConfigMaps + "?labelSelector=tier+in+(db,web)")).Names);
        Assert.Equal(["c"], (await cluster.Get(ConfigMaps + "?labelSelector=!tier")).Names);
        Assert.Equal(["a"], (await cluster.Get(ConfigMaps + "?labelSelector=n%3E4,tier")).Names);
        Assert.Equal(["b"], (await cluster.Get(ConfigMaps + "?fieldSelector=metadata.name%3Db")).Names);
        Answer unknown = await cluster.Get(ConfigMaps + "?fieldSelector=data.k%3Db");
        unknown.Must(400);
        Assert.Contains("field label not supported", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_future_version_is_too_large()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer answer = await cluster.Get(ConfigMaps + "?resourceVersion=99999");
        answer.Must(504);
        Assert.Contains("Too large resource version: 99999", answer.Message, StringComparison.Ordinal);
        Assert.Equal("ResourceVersionTooLarge", (string?)answer.Json["details"]!["causes"]![0]!["reason"]);
        Assert.NotNull(answer.RetryAfter);
    }

    [Fact]
    public async Task A_watch_from_a_version_shows_everything_after_it_in_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        string version = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Version;
        (await cluster.Patch(ConfigMaps + "/a", """{"data":{"k":"1"}}""")).Must(200);
        using TestWatch watch = await cluster.Watch($"{ConfigMaps}?watch=1&resourceVersion={version}");
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"b"}}""")).Must(201);
        (await cluster.Delete(ConfigMaps + "/a")).Must(200);
        Assert.Equal("MODIFIED a", await watch.NextText());
        Assert.Equal("ADDED b", await watch.NextText());
        JsonObject deleted = (await watch.Next())!;
        Assert.Equal("DELETED", (string?)deleted["type"]);
        Assert.True(long.Parse((string)deleted["object"]!["metadata"]!["resourceVersion"]!) > long.Parse(version) + 2);
    }

    [Fact]
    public async Task A_selecting_watch_sees_objects_come_and_go_as_their_labels_change()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Must(201);
        using TestWatch watch = await cluster.Watch($"{ConfigMaps}?watch=1&labelSelector=x%3D1");
        (await cluster.Patch(ConfigMaps + "/a", """{"metadata":{"labels":{"x":"1"}}}""")).Must(200);
        (await cluster.Patch(ConfigMaps + "/a", """{"data":{"k":"1"}}""")).Must(200);
        (await cluster.Patch(ConfigMaps + "/a", """{"metadata":{"labels":{"x":"2"}}}""")).Must(200);
        Assert.Equal("ADDED a", await watch.NextText());
        Assert.Equal("MODIFIED a", await watch.NextText());
        Assert.Equal("DELETED a", await watch.NextText());
    }

    [Fact]
    public async Task Initial_events_end_with_their_bookmark()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        Answer last = await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""");
        using TestWatch watch = await cluster.Watch(
            $"{ConfigMaps}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("ADDED a", await watch.NextText());
        JsonObject bookmark = (await watch.Next())!;
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.Equal("true", (string?)bookmark["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal(last.Version, (string?)bookmark["object"]!["metadata"]!["resourceVersion"]);
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"b"}}""")).Must(201);
        Assert.Equal("ADDED b", await watch.NextText());
    }

    [Fact]
    public async Task A_watch_from_a_compacted_version_is_told_so()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        string version = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"}}""")).Version;
        (await cluster.Post(ConfigMaps, """{"metadata":{"name":"b"}}""")).Must(201);
        (await cluster.Post("/devcluster/compact", "{}")).Must(200);
        using TestWatch watch = await cluster.Watch($"{ConfigMaps}?watch=1&resourceVersion={version}");
        JsonObject error = (await watch.Next())!;
        Assert.Equal("ERROR", (string?)error["type"]);
        Assert.Equal(410, error["object"]!["code"]!.GetValue<int>());
        Assert.Equal("Expired", (string?)error["object"]!["reason"]);
        Assert.Null(await watch.Next());
    }

    [Fact]
    public async Task Many_writers_lose_no_update_and_a_watch_sees_every_one_in_order()
    {
        await using TestCluster cluster = await TestCluster.StartAsync();
        const int Writers = 8, Each = 25;
        string version = (await cluster.Post(ConfigMaps, """{"metadata":{"name":"a"},"data":{"n":"0"}}""")).Version;
        using TestWatch watch = await cluster.Watch($"{ConfigMaps}?watch=1&resourceVersion={version}");
        await Parallel.ForAsync(0, Writers, TestContext.Current.CancellationToken, async (_, _) =>
        {
            for (int done = 0; done < Each;)
            {
                JsonObject read = (await cluster.Get(ConfigMaps + "/a")).Must(200);
                read["data"]!["n"] = (int.Parse((string)read["data"]!["n"]!) + 1).ToString();
                Answer written = await cluster.Put(ConfigMaps + "/a", read.ToJsonString());
                Assert.True(written.Code is 200 or 409, written.Text);
                done += written.Code == 200 ? 1 : 0;
            }
        });
        Assert.Equal($"{Writers * Each}", (string?)(await cluster.Get(ConfigMaps + "/a")).Json["data"]!["n"]);
        for (int expected = 1; expected <= Writers * Each; expected++)
        {
            Assert.Equal($"{expected}", (string?)(await watch.Next())!["object"]!["data"]!["n"]);
        }
    }

    [Fact]
    public async Task Bookmarks_and_timeouts_follow_the_clock()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using TestCluster cluster = await TestCluster.StartAsync(options => new() { Directory = options.Directory, Time = clock });
        using TestWatch watch = await cluster.Watch($"{ConfigMaps}?watch=1&resourceVersion=1&allowWatchBookmarks=true&timeoutSeconds=45");
        Task<JsonObject?> bookmark = watch.Next();
        await TestCluster.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(10));
                return Task.FromResult(bookmark.IsCompleted);
            },
            "a bookmark");
        JsonObject first = (await bookmark)!;
        Assert.Equal("BOOKMARK", (string?)first["type"]);
        clock.Advance(TimeSpan.FromSeconds(45));
        JsonObject? next;
        do
        {
            next = await watch.Next();
        }
        while (next is not null && (string?)next["type"] == "BOOKMARK");
        Assert.Null(next);
    }
}
