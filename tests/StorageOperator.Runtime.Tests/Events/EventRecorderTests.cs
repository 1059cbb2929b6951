using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private static readonly EventSubject Claim = new(ResourceTypes.PersistentVolumeClaim, new ObjectKey("app", "data"), "uid-1", 42);
    private static readonly EventSubject Volume = new(ResourceTypes.PersistentVolume, ObjectKey.Cluster("pv-1"), "uid-2", 0);

    private readonly FakeTimeProvider _time = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _server = null!;
    private EventRecorder _recorder = null!;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _server.Answer = (request, context) => FakeApiServer.Json(context, "{}", request.Method == "POST" ? 201 : 200);

        // The tests move the clock by minutes while a request may be on its way.
        _recorder = new EventRecorder(
            new ApiClient(_server.Transport(_time, _metrics, TimeSpan.FromDays(10)), new InFlightLimit(_time), "tests"), new EventSource("test.example.org/recorder", "host-1"), _metrics,
            _time, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task An_event_says_who_did_what_to_which_object_and_why()
    {
        Start();
        _recorder.Record(Claim, EventType.Warning, "NoFit", "Bind", "0/5 volumes match", Volume);
        var request = (await Requests(1))[0];

        Assert.Equal("/apis/events.k8s.io/v1/namespaces/app/events", request.Path);
        var sent = JsonNode.Parse(request.Body)!;
        Assert.Equal("Warning", (string)sent["type"]!);
        Assert.Equal("NoFit", (string)sent["reason"]!);
        Assert.Equal("Bind", (string)sent["action"]!);
        Assert.Equal("0/5 volumes match", (string)sent["note"]!);
        Assert.Equal("test.example.org/recorder", (string)sent["reportingController"]!);
        Assert.Equal("host-1", (string)sent["reportingInstance"]!);
        Assert.Equal("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"app","name":"data","uid":"uid-1","resourceVersion":"42"}""", sent["regarding"]!.ToJsonString());
        Assert.Equal("""{"apiVersion":"v1","kind":"PersistentVolume","name":"pv-1","uid":"uid-2"}""", sent["related"]!.ToJsonString());
        Assert.Matches(@"^data\.[0-9a-f]+$", (string)sent["metadata"]!["name"]!);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", (string)sent["eventTime"]!);
        Assert.Null(sent["series"]);
    }

    [Fact]
    public async Task Events_of_cluster_scoped_objects_go_to_the_default_namespace()
    {
        Start();
        _recorder.Record(Volume, EventType.Normal, "Recycled", "Recycle", "done");

        Assert.Equal("/apis/events.k8s.io/v1/namespaces/default/events", (await Requests(1))[0].Path);
    }

    [Fact]
    public async Task Old_servers_get_events_of_cluster_scoped_objects_in_kube_system()
    {
        _server.Answer = (request, context) => request.Path.Contains("/default/", StringComparison.Ordinal)
            ? FakeApiServer.Status(context, 422, "Invalid", "involvedObject.namespace: does not match event.namespace")
            : FakeApiServer.Json(context, "{}", 201);
        Start();
        _recorder.Record(Volume, EventType.Normal, "Recycled", "Recycle", "done");
        _recorder.Record(Volume, EventType.Normal, "Recycled", "Recycle", "and again");

        Assert.Equal(["default", "kube-system", "kube-system"], (await Requests(3)).Select(r => r.Path.Split('/')[^2]));
    }

    [Fact]
    public async Task Events_of_one_instant_about_objects_of_one_name_have_different_names()
    {
        Start();
        _recorder.Record(Claim, EventType.Normal, "A", "A", "first");
        _recorder.Record(Claim with { Type = ResourceTypes.Pod, Uid = "uid-3" }, EventType.Normal, "A", "A", "second");

        Assert.Equal(2, (await Requests(2)).Select(r => (string)JsonNode.Parse(r.Body)!["metadata"]!["name"]!).Distinct().Count());
    }

    [Fact]
    public async Task A_repeated_event_is_a_series_told_at_its_second_occurrence_and_then_every_five_minutes()
    {
        Start();
        for (var i = 0; i < 4; i++)
        {
            _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");
        }

        var requests = await Requests(2);
        Assert.Equal("PATCH", requests[1].Method);
        Assert.Contains("\"count\":2", requests[1].Body, StringComparison.Ordinal);

        requests = await Requests(3, advance: true);
        Assert.Contains("\"count\":4", requests[2].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("note", requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_six_quiet_minutes_the_same_event_is_a_new_one()
    {
        Start();
        _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");
        await Requests(1);
        for (var i = 0; i < 7; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");
        Assert.All(await Requests(2), r => Assert.Equal("POST", r.Method));
    }

    [Fact]
    public async Task A_series_whose_event_the_server_has_forgotten_goes_on_under_a_new_one()
    {
        _server.Answer = (request, context) => request.Method == "PATCH"
            ? FakeApiServer.Status(context, 404, "NotFound", "expired")
            : FakeApiServer.Json(context, "{}", 201);
        Start();
        _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");
        _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");

        var requests = await Requests(3);
        Assert.Equal("POST", requests[2].Method);
        Assert.Contains("\"count\":2", requests[2].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_for_a_moment_gets_the_event_later()
    {
        var failures = 2;
        _server.Answer = (_, context) => Interlocked.Decrement(ref failures) >= 0
            ? FakeApiServer.Status(context, 500, "InternalError", "away")
            : FakeApiServer.Json(context, "{}", 201);
        Start();
        _recorder.Record(Claim, EventType.Normal, "Waiting", "Wait", "same");

        await Requests(3, advance: true);
    }

    [Fact]
    public async Task An_event_the_server_refuses_does_not_hold_up_the_next()
    {
        _server.Answer = (request, context) => request.Body.Contains("first", StringComparison.Ordinal)
            ? FakeApiServer.Status(context, 403, "Forbidden", "namespace is being terminated")
            : FakeApiServer.Json(context, "{}", 201);
        Start();
        _recorder.Record(Claim, EventType.Normal, "A", "A", "first");
        _recorder.Record(Claim, EventType.Normal, "A", "A", "second");

        Assert.Contains("second", (await Requests(2))[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_is_bounded_and_recording_never_blocks()
    {
        for (var i = 0; i < 12_000; i++)
        {
            _recorder.Record(Claim with { Uid = $"u{i}" }, EventType.Normal, "A", "A", "note");
        }

        _recorder.Complete();
        Start();
        await _running.InTime();
        Assert.Equal(10_000, _server.Requests.Count);
    }

    [Fact]
    public async Task One_object_cannot_flood_the_server()
    {
        Start();
        for (var i = 0; i < 100; i++)
        {
            _recorder.Record(Claim, EventType.Normal, "A", "A", $"note {i}");
        }

        _recorder.Record(Volume, EventType.Normal, "A", "A", "another object");
        await Eventually.TrueAsync(() => _server.Requests.Any(r => r.Body.Contains("another object", StringComparison.Ordinal)), "all were taken");
        Assert.Equal(26, _server.Requests.Count);
    }

    [Fact]
    public void Long_notes_are_cut_at_a_character_and_long_names_leave_room_for_the_time()
    {
        var cut = EventJson.Cut(new string('ä', 600), 1024);
        Assert.True(System.Text.Encoding.UTF8.GetByteCount(cut) <= 1024);
        Assert.EndsWith("ä...", cut, StringComparison.Ordinal);
        Assert.Equal(253, EventJson.NameFor(new string('n', 253), DateTimeOffset.UnixEpoch.AddYears(56)).Length);
    }

    private void Start() => _running = _recorder.RunAsync(_stop.Token);

    private async Task<SeenRequest[]> Requests(int count, bool advance = false)
    {
        await Eventually.TrueAsync(() => _server.Requests.Count >= count, $"{count} requests", advance ? _time : null, TimeSpan.FromSeconds(10));
        return [.. _server.Requests];
    }
}
