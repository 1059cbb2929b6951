using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Runtime.Tests.Fakes;
using static StorageOperator.Runtime.Tests.Fakes.FakeApiServer;

namespace StorageOperator.Runtime.Tests.Informers;

public sealed class InformerTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly EntityStore<Widget> _store = new();
    private readonly ChangeLog _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly RuntimeMetrics _metrics = new();
    private FakeApiServer _server = null!;
    private Informer<Widget> _informer = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync() => _server = await FakeApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.InTime();
        await _server.DisposeAsync();
        _stop.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public async Task A_streaming_list_fills_the_store_at_its_end_and_the_same_stream_goes_on_as_watch()
    {
        Start(watches: [Open(Event("ADDED", Widget.Of("a", 3)), Event("ADDED", Widget.Of("b", 4)), Bookmark(9, true), Event("MODIFIED", Widget.Of("a", 10)))]);

        await Changes("+a=3 +b=4 ~a=10");
        Assert.Equal([ChangeOrigin.InitialList, ChangeOrigin.InitialList, ChangeOrigin.Watch], _log.Changes.Select(c => c.Origin));
        Assert.Equal(10ul, _store.ResourceVersion);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(Widget.Type.CollectionPath, request.Path);
        Assert.Contains("sendInitialEvents=true&resourceVersionMatch=NotOlderThan", request.Query, StringComparison.Ordinal);
        Assert.Contains("allowWatchBookmarks=true", request.Query, StringComparison.Ordinal);
        Assert.DoesNotContain("resourceVersion=", request.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_a_streaming_list_that_is_cut_off_reaches_the_store()
    {
        Start(watches: [Cut(() => true, Event("ADDED", Widget.Of("a", 3))), Open(Event("ADDED", Widget.Of("b", 4)), Bookmark(9, true))]);

        await Changes("+b=4");
    }

    [Fact]
    public async Task A_server_without_streaming_lists_is_listed_in_pages_and_watched_from_the_list()
    {
        Start(
            lists: [c => Json(c, List(7, [Widget.Of("a", 3)], next: "a b")), c => Json(c, List(7, [Widget.Of("b", 4)]))],
            watches: [NoStreamingLists, Open(Event("DELETED", Widget.Of("a", 8)))]);

        await Changes("+a=3 +b=4 -a");
        var requests = _server.Requests.ToArray();
        Assert.True(requests[0].IsStreamingList);
        Assert.Contains("limit=500", requests[1].Query, StringComparison.Ordinal);
        Assert.Contains("continue=a%20b", requests[2].Query, StringComparison.Ordinal);
        Assert.Contains("resourceVersion=7", requests[3].Query, StringComparison.Ordinal);
        Assert.False(requests[3].IsStreamingList);
    }

    [Fact]
    public async Task A_server_that_takes_a_streaming_list_for_a_plain_watch_is_listed()
    {
        Start(
            lists: [c => Json(c, List(7, [Widget.Of("a", 3)]))],
            watches: [Open(Event("ADDED", Widget.Of("x", 1)), Bookmark(2)), Open()]);

        await Changes("+a=3");
    }

    [Fact]
    public async Task A_server_that_never_ends_its_initial_events_is_listed_after_a_while()
    {
        Start(lists: [c => Json(c, List(7, [Widget.Of("a", 3)]))], watches: [Open(Event("ADDED", Widget.Of("x", 1))), Open()]);

        await Changes("+a=3");
    }

    [Fact]
    public async Task A_cut_stream_is_resumed_from_the_last_version_seen_bookmarks_included()
    {
        Start(watches:
        [
            Cut(() => _store.ResourceVersion == 20, Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true), Event("MODIFIED", Widget.Of("a", 12)), Bookmark(20)),
            Open(Event("MODIFIED", Widget.Of("a", 21))),
        ]);

        await Changes("+a=3 ~a=12 ~a=21");
        Assert.Contains("resourceVersion=20", _server.Requests.Last().Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_line_at_the_end_of_a_stream_is_not_taken()
    {
        var half = Event("MODIFIED", Widget.Of("a", 11))[..^20];
        Start(watches: [Lines(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true), half), Open(Event("MODIFIED", Widget.Of("a", 12)))]);

        await Changes("+a=3 ~a=12");
        Assert.Contains("resourceVersion=9", _server.Requests.Last().Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_version_that_is_gone_leads_to_a_new_list_that_yields_the_missed_deletes(bool asStatus)
    {
        Start(watches:
        [
            Lines(Event("ADDED", Widget.Of("a", 3)), Event("ADDED", Widget.Of("b", 4)), Bookmark(9, true)),
            asStatus ? c => Status(c, 410, "Expired", "too old resource version") : Lines(Error(410, "Expired", "too old resource version")),
            Open(Event("ADDED", Widget.Of("b", 15)), Event("ADDED", Widget.Of("c", 16)), Bookmark(30, true)),
        ]);

        await Changes("+a=3 +b=4 ~b=15 +c=16 -a");
        Assert.Equal("uid-a", _log.Changes[^1].Before!.Uid);
        Assert.Equal(30ul, _store.ResourceVersion);
    }

    [Fact]
    public async Task A_version_the_server_has_not_reached_leads_to_a_new_list()
    {
        Start(watches:
        [
            Lines(Event("ADDED", Widget.Of("a", 300)), Bookmark(900, true)),
            c => Status(c, 504, "Timeout", "Too large resource version: 900, current: 20"),
            Open(Event("ADDED", Widget.Of("a", 15)), Bookmark(20, true)),
        ]);

        await Changes("+a=300 ~a=15");
        Assert.Equal(20ul, _store.ResourceVersion);
    }

    [Theory]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":\n")]
    [InlineData("not json at all\n")]
    [InlineData("{\"type\":\"SURPRISE\",\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("[]\n")]
    public async Task A_malformed_line_leads_to_a_new_list(string line)
    {
        Start(watches:
        [
            Open(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true), line),
            Open(Event("ADDED", Widget.Of("a", 10)), Bookmark(30, true)),
        ]);

        await Changes("+a=3 ~a=10");
        Assert.All(_server.Requests, r => Assert.True(r.IsStreamingList));
    }

    [Fact]
    public async Task An_object_that_cannot_be_decoded_is_skipped_and_keeps_its_last_good_version()
    {
        Start(watches:
        [
            Lines(
                Event("ADDED", Widget.Of("a", 3)), Event("ADDED", Widget.Of("p", 4, Widget.Poison)), Bookmark(9, true),
                Event("MODIFIED", Widget.Of("a", 10, Widget.Poison)), Event("ADDED", Widget.Of("b", 11))),
            c => Status(c, 410, "Expired", "gone"),
            Open(Event("ADDED", Widget.Of("a", 10, Widget.Poison)), Event("ADDED", Widget.Of("b", 11)), Bookmark(20, true), Event("DELETED", Widget.Of("a", 21, Widget.Poison))),
        ]);

        await Changes("+a=3 +b=11 -a");
    }

    [Fact]
    public async Task An_object_that_stops_to_be_of_interest_counts_as_deleted()
    {
        Start(watches: [Open(Event("ADDED", Widget.Of("a", 3)), Event("ADDED", Widget.Of("z", 4, Widget.Boring)), Bookmark(9, true), Event("MODIFIED", Widget.Of("a", 10, Widget.Boring)))]);

        await Changes("+a=3 -a");
        Assert.Equal(0, _store.Count);
    }

    [Fact]
    public async Task Lines_of_any_length_cut_anywhere_are_put_together()
    {
        var big = Widget.Of("big", 3, new string('x', 300_000));
        var text = Event("ADDED", big) + Event("ADDED", Widget.Of("a", 4)) + Bookmark(9, true);
        var pieces = text.Chunk(7_001).Select(p => new string(p)).ToArray();
        Start(watches: [Open(pieces)]);

        await Changes("+big=3 +a=4");
        Assert.Equal(300_000, _store.Get(big.Key)!.Value.Length);
    }

    [Fact]
    public async Task An_event_whose_object_comes_first_is_understood()
    {
        var turned = "{\"object\":" + Widget.Of("a", 10).ToJson() + ",\"extra\":[1],\"type\":\"MODIFIED\"}\n";
        Start(watches: [Open(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true), turned)]);

        await Changes("+a=3 ~a=10");
    }

    [Fact]
    public async Task A_silent_stream_is_given_up_and_resumed()
    {
        Start(watches: [Open(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true)), Open(Event("MODIFIED", Widget.Of("a", 10)))]);
        await Changes("+a=3", advance: false);

        await Eventually.TrueAsync(() => _log.Text == "+a=3 ~a=10", "the watch was resumed", _time, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Watches_that_break_again_and_again_do_not_make_it_blind_for_long()
    {
        var broken = Enumerable.Range(10, 10).Select(version => Lines(Event("MODIFIED", Widget.Of("a", (ulong)version))));
        Start(watches: [Lines(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true)), .. broken, Open(Event("MODIFIED", Widget.Of("a", 20)))]);
        var started = _time.GetUtcNow();

        await Eventually.TrueAsync(() => _log.Text.EndsWith("~a=20", StringComparison.Ordinal), "all were resumed", _time, TimeSpan.FromMilliseconds(50));

        // Pauses that doubled each time would come to more than a minute.
        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Failures_are_tried_again_with_growing_pauses_for_ever()
    {
        var answered = 0;
        _server.Answer = (_, c) => Interlocked.Increment(ref answered) <= 12
            ? Status(c, 503, "ServiceUnavailable", "starting up")
            : Open(Event("ADDED", Widget.Of("a", 3)), Bookmark(9, true))(c);
        Start();
        await Eventually.TrueAsync(() => _informer.Trouble?.Contains("starting up", StringComparison.Ordinal) == true, "the trouble shows");

        await Eventually.TrueAsync(() => _log.Text == "+a=3", "it came back", _time, TimeSpan.FromSeconds(3));
        Assert.Null(_informer.Trouble);
    }

    [Fact]
    public async Task A_list_of_nothing_syncs_the_store()
    {
        Start(lists: [c => Json(c, "{\"kind\":\"WidgetList\",\"metadata\":{\"resourceVersion\":\"5\"},\"items\":null}")], watches: [NoStreamingLists, Open()]);

        await _store.WaitForSyncAsync(TestContext.Current.CancellationToken).InTime();
        Assert.Equal(5ul, _store.ResourceVersion);
    }

    [Fact]
    public async Task Selectors_and_namespace_go_into_every_request()
    {
        Start(
            lists: [c => Json(c, List(7, []))], watches: [NoStreamingLists, Open()],
            scope: new InformerScope(Widget.Type, "my-ns", "metadata.name=x", "app in (a, b)"));

        await Eventually.TrueAsync(() => _server.Requests.Count >= 3, "three requests", _time);
        Assert.All(_server.Requests, r => Assert.Equal("/apis/test.example.org/v1/namespaces/my-ns/widgets", r.Path));
        Assert.All(_server.Requests, r => Assert.Contains("fieldSelector=metadata.name%3Dx&labelSelector=app%20in%20%28a%2C%20b%29&", r.Query, StringComparison.Ordinal));
    }

    private void Start(
        IEnumerable<Func<Microsoft.AspNetCore.Http.HttpContext, Task>>? lists = null,
        IEnumerable<Func<Microsoft.AspNetCore.Http.HttpContext, Task>>? watches = null,
        InformerScope? scope = null)
    {
        if (watches is not null)
        {
            _server.Script(lists ?? [c => Status(c, 500, "InternalError", "no list in this script")], watches);
        }

        _store.Subscribe(_log);
        _informer = new Informer<Widget>(
            scope ?? new InformerScope(Widget.Type), Widget.Decode, _store, _server.Transport(_time, _metrics), _metrics, _time, NullLogger.Instance);
        _running = _informer.RunAsync(_stop.Token);
    }

    private async Task Changes(string expected, bool advance = true)
    {
        await Eventually.TrueAsync(() => _log.Text.Length >= expected.Length, $"{expected} after {_log.Text}", advance ? _time : null);
        Assert.Equal(expected, _log.Text);
    }
}
