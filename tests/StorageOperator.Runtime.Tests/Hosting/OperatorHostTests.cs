using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Hosting;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Tests.Fakes;
using static StorageOperator.Runtime.Tests.Fakes.FakeApiServer;

namespace StorageOperator.Runtime.Tests.Hosting;

/// <summary>A whole operator on a fake server: composition, order of start and stop.</summary>
public sealed class OperatorHostTests : IAsyncLifetime
{
    private const string Finalizer = "test.example.org/it";

    private readonly FakeLease _lease = new();
    private readonly ConcurrentQueue<string> _watched = new();
    private FakeApiServer _server = null!;
    private IHost? _host;

    public async ValueTask InitializeAsync() => _server = await FakeApiServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(CancellationToken.None).InTime();
            _host.Dispose();
        }

        await _server.DisposeAsync();
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task Objects_of_the_list_and_of_the_watch_are_reconciled_and_gone_ones_told()
    {
        await StartAsync();
        await Calls("reconcile a@3");
        _watched.Enqueue(Event("MODIFIED", Widget.Of("a", 20)));
        await Calls("reconcile a@3", "reconcile a@20");
        _watched.Enqueue(Event("DELETED", Widget.Of("a", 21)));
        await Calls("reconcile a@3", "reconcile a@20", "deleted a@20");
    }

    [Fact]
    public async Task A_recreated_object_is_reconciled_after_its_predecessor_was_told_gone()
    {
        await StartAsync();
        await Calls("reconcile a@3");
        Recorder.Hold = new TaskCompletionSource();
        _watched.Enqueue(Event("MODIFIED", Widget.Of("a", 20)));
        await Eventually.TrueAsync(() => Recorder.Calls.Contains("reconcile a@20"), "busy with the old one");
        _watched.Enqueue(Event("DELETED", Widget.Of("a", 21)));
        _watched.Enqueue(Event("ADDED", Widget.Of("a", 22, uid: "new")));
        await Eventually.TrueAsync(() => Store.Get(new ObjectKey("ns", "a"))?.Uid == "new", "recreated");
        Recorder.Hold.SetResult();

        await Calls("reconcile a@3", "reconcile a@20", "deleted a@20", "reconcile a@22");
    }

    [Fact]
    public async Task The_queue_can_be_fed_by_anyone_and_changes_of_one_kind_by_maps_to_another()
    {
        await StartAsync();
        await Calls("reconcile a@3");
        _host!.Services.GetRequiredService<EntityQueue<Widget>>()(new ObjectKey("ns", "a"));
        await Calls("reconcile a@3", "reconcile a@3");
        _watched.Enqueue(Event("ADDED", Widget.Of("pointer", 30, "a")));
        await Eventually.TrueAsync(() => Recorder.Calls.Count(c => c == "reconcile a@3") == 3, "a was enqueued by the map");
    }

    [Fact]
    public async Task A_finalizer_runs_wherever_it_stands_and_is_taken_off_with_the_version()
    {
        var patches = new ConcurrentQueue<JsonNode>();
        var widget = Widget.Of("f", 30) with { IsTerminating = true, Finalizers = ["first/other", Finalizer, "last/other"] };
        await StartAsync(request =>
        {
            if (request.Method != "PATCH")
            {
                return null;
            }

            patches.Enqueue(JsonNode.Parse(request.Body)!);
            return (widget with { ResourceVersion = 31, Finalizers = ["first/other", "last/other"] }).ToJson();
        });
        _watched.Enqueue(Event("ADDED", widget));
        await Eventually.TrueAsync(() => Recorder.Calls.Contains("reconcile f@31"), "finalized, then reconciled in its new version");

        Assert.Contains("finalize f@30", Recorder.Calls);
        Assert.DoesNotContain("reconcile f@30", Recorder.Calls);
        Assert.Equal("""{"metadata":{"resourceVersion":"30","finalizers":["first/other","last/other"]}}""", Assert.Single(patches).ToJsonString());
    }

    [Fact]
    public async Task A_standby_is_synced_and_does_nothing_until_the_leader_releases()
    {
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15}");
        await StartAsync(leaderElection: true);
        await Eventually.TrueAsync(() => Status.Describe().Contains("[+]leadership standing by, other leads", StringComparison.Ordinal), "standing by");
        Assert.True(Status.Synced);
        Assert.False(Status.IsLeader);
        Assert.Empty(Recorder.Calls);

        _lease.Set("{\"holderIdentity\":\"\"}");
        await Calls("reconcile a@3");
        Assert.True(Status.IsLeader);
        Assert.Contains("[+]informer widgets ok", Status.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_lets_work_in_hand_end_flushes_events_and_then_releases_the_lease()
    {
        await StartAsync(leaderElection: true);
        Recorder.Hold = new TaskCompletionSource();
        _watched.Enqueue(Event("MODIFIED", Widget.Of("a", 20)));
        await Eventually.TrueAsync(() => Recorder.Calls.Contains("reconcile a@20"), "in work");
        _host!.Services.GetRequiredService<IEventRecorder>().Record(new EventSubject(Widget.Type, new ObjectKey("ns", "a"), "u", 1), EventType.Normal, "R", "A", "note");

        var stopping = _host.StopAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual("", _lease.Holder);
        Assert.False(stopping.IsCompleted);
        Recorder.Hold.SetResult();
        await stopping.InTime();

        Assert.Equal("", _lease.Holder);
        Assert.Contains("finished a@20", Recorder.Calls);
        var requests = _server.Requests.ToArray();
        Assert.True(Array.FindIndex(requests, r => r.Path.Contains("events", StringComparison.Ordinal)) is >= 0 and var sent
            && sent < Array.FindLastIndex(requests, r => r.Path.Contains("leases", StringComparison.Ordinal)));
        Assert.Null(Status.Fault);
    }

    [Fact]
    public async Task A_lost_lease_cuts_work_short_and_stops_the_program_with_an_exit_code()
    {
        await StartAsync(leaderElection: true);
        await Calls("reconcile a@3");
        Recorder.Hold = new TaskCompletionSource();
        _watched.Enqueue(Event("MODIFIED", Widget.Of("a", 20)));
        await Eventually.TrueAsync(() => Recorder.Calls.Contains("reconcile a@20"), "in work");
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15}");

        await Eventually.TrueAsync(() => Recorder.Calls.Contains("cancelled a@20"), "cut short");
        await Eventually.TrueAsync(() => _host!.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested, "stopping");
        Assert.Contains("lease was lost", Status.Fault, StringComparison.Ordinal);
        Assert.Equal(1, Environment.ExitCode);
        Assert.Equal("other", _lease.Holder);
    }

    [Fact]
    public async Task An_unqualified_finalizer_is_refused_when_it_is_added()
    {
        var builder = new ServiceCollection().AddKubernetesOperator().AddEntity<Widget>(Widget.Type, Widget.Decode);

        Assert.Throws<ArgumentException>(() => builder.AddFinalizer<Recording, Widget>("unqualified"));
        await Task.CompletedTask;
    }

    [Fact]
    public void Impossible_election_timings_are_refused() => Assert.Throws<ArgumentException>(() =>
        new OperatorSettingsBuilder().WithLeaderElectionTimings(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)));

    private IOperatorStatus Status => _host!.Services.GetRequiredService<IOperatorStatus>();

    private Recording Recorder => _host!.Services.GetRequiredService<Recording>();

    private IEntityStore<Widget> Store => _host!.Services.GetRequiredService<IEntityStore<Widget>>();

    private async Task StartAsync(Func<SeenRequest, string?>? answer = null, bool leaderElection = false)
    {
        _server.Answer = async (request, context) =>
        {
            if (request.Path.Contains("leases", StringComparison.Ordinal))
            {
                await _lease.AnswerAsync(request, context);
            }
            else if (request.IsWatch)
            {
                await WatchAsync(context);
            }
            else
            {
                await Json(context, answer?.Invoke(request) ?? "{}", request.Method == "POST" ? 201 : 200);
            }
        };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(_server.Connection);
        builder.Services
            .AddKubernetesOperator(s => s
                .WithName("test-operator")
                .WithLeaderElection(leaderElection ? LeaderElectionType.Single : LeaderElectionType.None)
                .WithLeaderElectionTimings(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.2)))
            .AddEntity<Widget>(Widget.Type, Widget.Decode)
            .AddController<Recording, Widget>()
            .AddFinalizer<Recording, Widget>(Finalizer)
            .Watches<Widget, Widget>((change, _) => change.After?.Key.Name == "pointer" ? [new ObjectKey("ns", change.After.Value)] : []);
        _host = builder.Build();
        await _host.StartAsync(TestContext.Current.CancellationToken);
    }

    private async Task WatchAsync(HttpContext context)
    {
        await context.Response.WriteAsync(Event("ADDED", Widget.Of("a", 3)) + Bookmark(9, true));
        while (!context.RequestAborted.IsCancellationRequested)
        {
            while (_watched.TryDequeue(out var line))
            {
                await context.Response.WriteAsync(line);
            }

            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Calls(params string[] expected)
    {
        await Eventually.TrueAsync(() => Recorder.Started.Count() >= expected.Length, $"{string.Join(", ", expected)} after {string.Join(", ", Recorder.Calls)}");
        Assert.Equal(expected, Recorder.Started);
    }

    /// <summary>A controller that writes down what it is asked.</summary>
    private sealed class Recording : IEntityController<Widget>, IEntityFinalizer<Widget>
    {
        public ConcurrentQueue<string> Calls { get; } = new();

        public IEnumerable<string> Started => Calls.Where(c => !c.StartsWith("finished", StringComparison.Ordinal) && !c.StartsWith("cancelled", StringComparison.Ordinal));

        public TaskCompletionSource? Hold { get; set; }

        public Task<ReconciliationResult<Widget>> ReconcileAsync(Widget entity, CancellationToken ct) => RecordAsync("reconcile", entity, ct);

        public Task<ReconciliationResult<Widget>> DeletedAsync(Widget entity, CancellationToken ct) => RecordAsync("deleted", entity, ct);

        public Task<ReconciliationResult<Widget>> FinalizeAsync(Widget entity, CancellationToken ct) => RecordAsync("finalize", entity, ct);

        private async Task<ReconciliationResult<Widget>> RecordAsync(string what, Widget entity, CancellationToken ct)
        {
            var name = $"{entity.Key.Name}@{entity.ResourceVersion}";
            Calls.Enqueue($"{what} {name}");
            try
            {
                await (Hold?.Task ?? Task.CompletedTask).WaitAsync(ct);
            }
            catch (OperationCanceledException)
            {
                Calls.Enqueue($"cancelled {name}");
                throw;
            }

            Calls.Enqueue($"finished {name}");
            return ReconciliationResult<Widget>.Success(entity);
        }
    }
}
