using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Reconciliation;

public sealed class ReconcileLoopTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentQueue<(string Key, DateTimeOffset At)> _calls = new();
    private readonly ReconcileLoop<string> _loop;
    private Func<string, CancellationToken, Task<ReconcileOutcome>> _work = (_, _) => Task.FromResult(default(ReconcileOutcome));
    private Task _running = Task.CompletedTask;

    public ReconcileLoopTests() => _loop = new ReconcileLoop<string>("test", CallAsync, 4, _metrics, _time, NullLogger.Instance);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _abandon.CancelAsync();
        await _loop.Queue.StopAsync(CancellationToken.None).InTime();
        await _running.InTime();
        _loop.Dispose();
        _metrics.Dispose();
        _abandon.Dispose();
    }

    [Fact]
    public async Task A_failing_key_comes_back_for_ever_with_growing_pauses_up_to_a_thousand_seconds()
    {
        _work = (_, _) => Task.FromResult(new ReconcileOutcome("not yet"));
        Start("a");
        await Eventually.TrueAsync(() => _calls.Count >= 24, "24 tries", _time, TimeSpan.FromSeconds(50));

        var pauses = _calls.Zip(_calls.Skip(1), (x, y) => y.At - x.At).ToArray();
        Assert.InRange(pauses[^1], TimeSpan.FromSeconds(500), TimeSpan.FromSeconds(1050));
        Assert.InRange(pauses[15], TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(214));
    }

    [Fact]
    public async Task One_success_makes_a_key_start_over()
    {
        var fails = 15;
        _work = (_, _) => Task.FromResult(Interlocked.Decrement(ref fails) >= 0 ? new ReconcileOutcome("not yet") : default);
        Start("a");
        await Eventually.TrueAsync(() => _calls.Count == 16, "it succeeded", _time, TimeSpan.FromSeconds(10));

        Interlocked.Exchange(ref fails, 1);
        _loop.Queue.Add("a");
        await Eventually.TrueAsync(() => _calls.Count == 18, "it failed once and succeeded", _time, TimeSpan.FromMilliseconds(1));
        Assert.InRange(_calls.Last().At - _calls.ElementAt(16).At, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public async Task A_key_that_throws_is_tried_again_and_the_others_go_on()
    {
        var throws = true;
        _work = (key, _) => key == "bad" && throws ? throw new InvalidOperationException("bug") : Task.FromResult(default(ReconcileOutcome));
        Start("bad", "good");
        await Eventually.TrueAsync(() => _calls.Any(c => c.Key == "good") && _calls.Count(c => c.Key == "bad") >= 3, "tried", _time);
        throws = false;
        await Eventually.TrueAsync(() => _loop.Queue is { Depth: 0, Processing: 0 }, "calm", _time);
    }

    [Fact]
    public async Task Conflicts_come_back_within_a_second_however_often_they_happen()
    {
        _work = (_, _) => throw new ApiException(ApiFailure.Conflict, "changed meanwhile", 409);
        Start("a");
        await Eventually.TrueAsync(() => _calls.Count >= 20, "20 tries", _time);

        Assert.All(_calls.Zip(_calls.Skip(1), (x, y) => y.At - x.At), p => Assert.InRange(p, TimeSpan.Zero, TimeSpan.FromSeconds(1.3)));
    }

    [Fact]
    public async Task A_429_is_not_tried_before_the_server_wants_it()
    {
        _work = (_, _) => throw new ApiException(ApiFailure.TooManyRequests, "busy", 429, retryAfter: TimeSpan.FromSeconds(30));
        Start("a");
        await Eventually.TrueAsync(() => _calls.Count >= 2, "2 tries", _time);

        Assert.InRange(_calls.Last().At - _calls.First().At, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
    }

    [Fact]
    public async Task A_success_with_requeue_comes_back_when_asked()
    {
        _work = (_, _) => Task.FromResult(new ReconcileOutcome(RequeueAfter: TimeSpan.FromMinutes(5)));
        Start("a");
        await Eventually.TrueAsync(() => _calls.Count >= 2, "2 calls", _time, TimeSpan.FromSeconds(10));

        Assert.InRange(_calls.Last().At - _calls.First().At, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5.2));
    }

    [Fact]
    public async Task As_many_keys_as_allowed_are_in_work_and_never_one_twice()
    {
        var gate = new TaskCompletionSource();
        var working = new ConcurrentDictionary<string, bool>();
        var most = 0;
        _work = async (key, _) =>
        {
            Assert.True(working.TryAdd(key, true));
            most = Math.Max(most, working.Count);
            await gate.Task;
            working.TryRemove(key, out var _);
            return default;
        };
        Start([.. Enumerable.Range(0, 10).Select(i => $"k{i}")]);
        await Eventually.TrueAsync(() => working.Count == 4, "4 in work");
        _loop.Queue.Add("k0");
        gate.SetResult();
        await Eventually.TrueAsync(() => _calls.Count == 11 && working.IsEmpty, "all worked on");
        Assert.Equal(4, most);
    }

    [Fact]
    public async Task Stopping_lets_work_in_hand_end_and_starts_no_more()
    {
        var gate = new TaskCompletionSource();
        _work = async (_, _) =>
        {
            await gate.Task;
            return default;
        };
        Start([.. Enumerable.Range(0, 10).Select(i => $"k{i}")]);
        await Eventually.TrueAsync(() => _calls.Count == 4, "4 in work");
        var stopping = _loop.Queue.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping.InTime();
        await _running.InTime();
        Assert.Equal(4, _calls.Count);
    }

    private Task<ReconcileOutcome> CallAsync(string key, CancellationToken ct)
    {
        _calls.Enqueue((key, _time.GetUtcNow()));
        return _work(key, ct);
    }

    private void Start(params string[] keys)
    {
        foreach (var key in keys)
        {
            _loop.Queue.Add(key);
        }

        _running = _loop.RunAsync(_abandon.Token);
    }
}
