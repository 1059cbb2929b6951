using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Model;
using StorageOperator.Runtime.Leadership;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Leadership;

public sealed class LeaseElectorTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.Parse("2026-03-01T10:00:00Z", CultureInfo.InvariantCulture));
    private readonly FakeLease _lease = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _server.Answer = _lease.AnswerAsync;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _server.DisposeAsync();
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_lease_that_does_not_exist_is_created()
    {
        var elector = Elector("me");
        await Acquire(elector);

        Assert.True(elector.IsLeader);
        Assert.Equal("me", _lease.Holder);
        Assert.Equal(0, _lease.Transitions);
        Assert.Equal(15, _lease.Spec("leaseDurationSeconds")!.GetValue<int>());
        Assert.Matches(@"^2026-03-01T10:00:0\d\.\d{6}Z$", _lease.Spec("renewTime")!.GetValue<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"holderIdentity\":\"\",\"leaseTransitions\":3}")]
    public async Task An_existing_lease_without_holder_is_taken_at_once_and_needs_no_right_to_create(string spec)
    {
        _lease.MayCreate = false;
        _lease.Set(spec);
        var elector = Elector("me");
        await elector.AcquireAsync(_stop.Token).InTime();

        Assert.Equal("me", _lease.Holder);
        Assert.Equal(spec.Contains('3', StringComparison.Ordinal) ? 4 : 1, _lease.Transitions);
        Assert.DoesNotContain(_server.Requests, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_lease_of_another_is_taken_when_it_was_seen_unchanged_for_its_duration_whatever_its_times_say()
    {
        // Written by a process whose clock is a year behind: by its own times it expired long ago.
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15,\"renewTime\":\"2025-03-01T10:00:00.000000Z\",\"leaseTransitions\":1}");
        var started = _time.GetUtcNow();
        var elector = Elector("me");
        await Acquire(elector);

        Assert.InRange(_time.GetUtcNow() - started, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(20));
        Assert.Equal(2, _lease.Transitions);
    }

    [Fact]
    public async Task A_lease_that_another_renews_is_not_taken()
    {
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15}");
        var elector = Elector("me");
        var acquiring = elector.AcquireAsync(_stop.Token);
        for (var i = 0; i < 12; i++)
        {
            _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15,\"leaseTransitions\":" + i + "}");
            var seen = _server.Requests.Count;
            await Eventually.TrueAsync(() => _server.Requests.Count > seen, "looked again", _time, TimeSpan.FromSeconds(0.5));
        }

        Assert.False(acquiring.IsCompleted);
        Assert.False(elector.IsLeader);
    }

    [Fact]
    public async Task Errors_while_acquiring_are_tried_again()
    {
        var failures = 3;
        _lease.Intercept = async (_, context) =>
        {
            if (Interlocked.Decrement(ref failures) < 0)
            {
                return false;
            }

            if (failures == 1)
            {
                context.Abort();
            }
            else
            {
                await FakeApiServer.Status(context, 500, "InternalError", "etcd is away");
            }

            return true;
        };
        var elector = Elector("me");
        await Acquire(elector);

        Assert.True(elector.IsLeader);
    }

    [Fact]
    public async Task Failures_to_renew_cost_nothing_until_the_deadline()
    {
        var elector = Elector("me");
        await Acquire(elector);
        var holding = elector.HoldAsync(_stop.Token);
        var until = _time.GetUtcNow() + TimeSpan.FromSeconds(7);
        _lease.Intercept = (_, context) =>
        {
            var fails = _time.GetUtcNow() < until;
            if (fails)
            {
                context.Abort();
            }

            return Task.FromResult(fails);
        };

        await Eventually.TrueAsync(() => _time.GetUtcNow() > until + TimeSpan.FromSeconds(20), "time passed", _time);
        Assert.True(elector.IsLeader);
        Assert.False(holding.IsCompleted);
        Assert.False(elector.Lost.IsCompleted);
    }

    [Fact]
    public async Task Leadership_is_lost_at_the_deadline_when_renewals_hang_and_before_another_could_take_over()
    {
        var elector = Elector("me");
        await Acquire(elector);
        var renewed = _time.GetUtcNow();
        _lease.Intercept = async (_, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        var holding = elector.HoldAsync(_stop.Token);
        await Eventually.TrueAsync(() => elector.Lost.IsCompleted, "leadership was lost", _time);

        Assert.False(elector.IsLeader);
        // The renewal began up to one step of the test's clock before it was seen to be done.
        Assert.InRange(_time.GetUtcNow() - renewed, TimeSpan.FromSeconds(9.8), TimeSpan.FromSeconds(14.9));
        await holding.InTime();
    }

    [Fact]
    public async Task A_leader_stalled_past_its_deadline_knows_that_it_leads_no_more()
    {
        var elector = Elector("me");
        await Acquire(elector);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.False(elector.IsLeader);
    }

    [Fact]
    public async Task A_lease_taken_by_another_is_lost_at_the_next_renewal()
    {
        var elector = Elector("me");
        await Acquire(elector);
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15}");
        _ = elector.HoldAsync(_stop.Token);
        await Eventually.TrueAsync(() => elector.Lost.IsCompleted, "leadership was lost", _time);

        Assert.Equal("other", _lease.Holder);
        Assert.Equal("other", elector.Holder);
    }

    [Fact]
    public async Task A_conflict_with_a_lease_that_is_still_ours_is_renewed_from_its_new_version()
    {
        var elector = Elector("me");
        await Acquire(elector);
        _lease.Set("");
        var before = _lease.Spec("renewTime")!.GetValue<string>();
        _ = elector.HoldAsync(_stop.Token);
        await Eventually.TrueAsync(() => _lease.Spec("renewTime")!.GetValue<string>() != before, "it was renewed", _time);

        Assert.True(elector.IsLeader);
    }

    [Fact]
    public async Task A_renewal_needs_one_request()
    {
        var elector = Elector("me");
        await Acquire(elector);
        var before = _server.Requests.Count;
        _ = elector.HoldAsync(_stop.Token);
        await Eventually.TrueAsync(() => _server.Requests.Count >= before + 3, "three renewals", _time);

        Assert.All(_server.Requests.Skip(before), r => Assert.Equal("PATCH", r.Method));
    }

    [Fact]
    public async Task A_released_lease_is_taken_over_within_one_retry()
    {
        var first = Elector("first");
        await Acquire(first);
        var second = Elector("second");
        var acquiring = second.AcquireAsync(_stop.Token);
        await first.ReleaseAsync(_stop.Token).InTime();
        Assert.False(first.IsLeader);
        Assert.Equal("", _lease.Holder);

        var released = _time.GetUtcNow();
        await Eventually.TrueAsync(() => acquiring.IsCompleted, "the second leads", _time);
        Assert.InRange(_time.GetUtcNow() - released, TimeSpan.Zero, TimeSpan.FromSeconds(2.8));
        Assert.Equal(1, _lease.Transitions);
    }

    [Fact]
    public async Task Who_does_not_lead_releases_nothing()
    {
        _lease.Set("{\"holderIdentity\":\"other\",\"leaseDurationSeconds\":15}");
        await Elector("me").ReleaseAsync(_stop.Token);

        Assert.Equal("other", _lease.Holder);
        Assert.Empty(_server.Requests);
    }

    private async Task Acquire(LeaseElector elector)
    {
        var acquiring = elector.AcquireAsync(_stop.Token);
        await Eventually.TrueAsync(() => acquiring.IsCompleted, "it leads", _time);
        await acquiring;
    }

    private LeaseElector Elector(string identity) => new(
        _server.Transport(_time, _metrics),
        new LeaseElection(new ObjectKey("ns", "it"), identity, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2)),
        _metrics, _time, NullLogger.Instance);
}
