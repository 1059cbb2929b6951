using Microsoft.Extensions.Time.Testing;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Api;

public sealed class InFlightLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InFlightLimit _limit;

    public InFlightLimitTests() => _limit = new InFlightLimit(_time);

    [Fact]
    public async Task It_starts_at_thirty_two_and_hands_a_slot_on_when_one_is_left()
    {
        var slots = await EnterAsync(32);
        var next = Enter();
        Assert.False(next.IsCompleted);

        slots[0].Answered(200, null);
        slots[0].Dispose();
        await next;
    }

    [Fact]
    public async Task Who_gives_up_waiting_takes_no_slot()
    {
        var slots = await EnterAsync(32);
        using var cancel = new CancellationTokenSource();
        var waiting = _limit.EnterAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        slots[0].Dispose();
        await Enter();
        Assert.False(Enter().IsCompleted);
    }

    /// <summary>Against a server whose rate stops growing at some number in flight, as real ones do.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(64)]
    public async Task It_finds_the_knee_of_a_server(int knee)
    {
        var limits = new List<int>();
        var entered = new Queue<Task<InFlightLimit.Slot>>();
        for (var answers = 0; answers < 20_000; answers++)
        {
            // Always some more than may be in flight; 10 ms of work each, of which the server does as many at once as its knee.
            while (entered.Count < _limit.Current + 5)
            {
                entered.Enqueue(Enter());
            }

            var slot = await entered.Dequeue();
            _time.Advance(TimeSpan.FromMilliseconds(10.0 / Math.Min(_limit.Current, knee)));
            slot.Answered(200, null);
            slot.Dispose();
            limits.Add(_limit.Current);
        }

        // Not far below the knee, where rate is lost; not far above, where only latency is gained.
        var settled = limits.Skip(10_000).Average();
        Assert.InRange(settled, Math.Min(knee * 0.7, 8), Math.Max(knee * 1.8, 14));
        Assert.InRange(limits.Skip(10_000).Max(), 2, Math.Max(knee * 2.5, 16));
        Assert.True(settled >= knee * 0.7, $"settled at {settled} below the knee {knee}");
    }

    [Fact]
    public async Task A_limit_that_does_not_bind_is_left_alone()
    {
        for (var i = 0; i < 1000; i++)
        {
            using var slot = await Enter();
            _time.Advance(TimeSpan.FromMilliseconds(3));
            slot.Answered(200, null);
        }

        Assert.Equal(32, _limit.Current);
    }

    /// <summary>As the system's do: they go by a clock of whole milliseconds, holds are measured with a finer one.</summary>
    [Fact]
    public async Task Timer_that_fires_a_little_early_does_not_leave_who_waits_behind_for_ever()
    {
        var time = new EarlyTimers();
        var limit = new InFlightLimit(time);
        var refused = await limit.EnterAsync(TestContext.Current.CancellationToken);
        refused.Answered(429, TimeSpan.FromSeconds(1));
        refused.Dispose();
        var waiting = limit.EnterAsync(TestContext.Current.CancellationToken).AsTask();

        time.Advance(TimeSpan.FromMilliseconds(999.5));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(10));

        await waiting.InTime();
    }

    [Fact]
    public async Task A_429_halves_the_limit_once_and_holds_all_back_as_long_as_the_server_asks()
    {
        var slots = await EnterAsync(32);
        var waiting = Enter();
        foreach (var slot in slots)
        {
            slot.Answered(429, TimeSpan.FromSeconds(2));
            slot.Dispose();
        }

        Assert.Equal(16, _limit.Current);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await waiting;
    }

    [Fact]
    public async Task It_never_falls_below_two()
    {
        for (var i = 0; i < 10; i++)
        {
            var slot = await Enter();
            slot.Answered(429, TimeSpan.FromSeconds(1));
            slot.Dispose();
            _time.Advance(TimeSpan.FromSeconds(1.1));
        }

        Assert.Equal(InFlightLimit.Least, _limit.Current);
    }

    private Task<InFlightLimit.Slot> Enter() => _limit.EnterAsync(TestContext.Current.CancellationToken).AsTask();

    private async Task<InFlightLimit.Slot[]> EnterAsync(int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Enter()));

    private sealed class EarlyTimers : FakeTimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ITimer real) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) =>
                real.Change(dueTime > TimeSpan.FromMilliseconds(1) ? dueTime - TimeSpan.FromMilliseconds(1) : dueTime, period);

            public void Dispose() => real.Dispose();

            public ValueTask DisposeAsync() => real.DisposeAsync();
        }
    }
}
