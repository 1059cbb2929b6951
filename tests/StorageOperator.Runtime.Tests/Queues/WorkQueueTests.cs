using CsCheck;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.Runtime.Queues;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Queues;

public sealed class WorkQueueTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new WorkQueue<string>(_time);

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task A_key_added_twice_is_taken_once()
    {
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_added_while_it_is_worked_on_comes_again_only_when_done()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        Assert.Equal(0, _queue.Depth);

        _queue.Done("a");
        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public async Task Fresh_keys_go_before_retries_before_the_initial_list_before_resync()
    {
        _queue.Add("resync", QueuePriority.Resync);
        _queue.Add("initial", QueuePriority.InitialList);
        _queue.Add("retry", QueuePriority.Retry);
        _queue.Add("fresh");
        Assert.Equal(["fresh", "retry", "initial", "resync"], [await TakeAsync(), await TakeAsync(), await TakeAsync(), await TakeAsync()]);
    }

    [Fact]
    public async Task Adding_again_with_a_higher_priority_moves_a_key_forward()
    {
        _queue.Add("a", QueuePriority.InitialList);
        _queue.Add("b", QueuePriority.InitialList);
        _queue.Add("b");
        _queue.Add("a", QueuePriority.Resync);
        Assert.Equal(["b", "a"], [await TakeAsync(), await TakeAsync()]);
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_delayed_key_comes_when_its_time_has_come()
    {
        _queue.Add("late", delay: TimeSpan.FromSeconds(10));
        _queue.Add("soon", delay: TimeSpan.FromSeconds(1));
        var first = TakeAsync();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(first.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("soon", await first.InTime());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("late", await TakeAsync().InTime());
    }

    [Fact]
    public async Task Of_two_delays_the_earlier_wins_and_the_later_does_not_come_after_it()
    {
        _queue.Add("a", delay: TimeSpan.FromSeconds(10));
        _queue.Add("a", delay: TimeSpan.FromSeconds(1));
        _queue.Add("a", delay: TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await TakeAsync().InTime());
        _queue.Done("a");

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_fresh_add_overtakes_a_delay()
    {
        _queue.Add("a", delay: TimeSpan.FromSeconds(10));
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync().InTime());
        _queue.Done("a");

        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_delay_asked_for_while_the_key_is_worked_on_starts_then()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a", QueuePriority.Retry, TimeSpan.FromSeconds(1));
        _queue.Done("a");
        Assert.Equal(0, _queue.Depth);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", await TakeAsync().InTime());
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3_000)]
    public async Task A_delay_longer_than_a_timer_can_wait_is_kept(int days)
    {
        _queue.Add("far", delay: TimeSpan.FromDays(days));
        _queue.Add("never", delay: TimeSpan.MaxValue);
        for (var day = 0; day < days; day++)
        {
            Assert.Equal(0, _queue.Depth);
            _time.Advance(TimeSpan.FromDays(1));
        }

        Assert.Equal("far", await TakeAsync().InTime());
    }

    [Fact]
    public async Task Stopping_ends_takers_and_waits_for_keys_in_work()
    {
        _queue.Add("a");
        await TakeAsync();
        var taker = _queue.TakeAsync(TestContext.Current.CancellationToken).AsTask();
        var stopping = _queue.StopAsync(TestContext.Current.CancellationToken);
        Assert.False((await taker.InTime()).Taken);
        Assert.False(stopping.IsCompleted);

        _queue.Add("b");
        _queue.Done("a");
        await stopping.InTime();
        Assert.False((await _queue.TakeAsync(TestContext.Current.CancellationToken)).Taken);
    }

    [Fact]
    public async Task A_taker_that_gives_up_takes_nothing_away()
    {
        using var cancel = new CancellationTokenSource();
        var taker = _queue.TakeAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taker);

        _queue.Add("a");
        Assert.Equal("a", await TakeAsync().InTime());
    }

    private enum Step
    {
        Add,
        AddLow,
        AddDelayed,
        Take,
        Done,
        Advance,
    }

    /// <summary>
    /// Against a model that holds each key's wishes in plain sets: a key is never in two hands, what is added is handed out, and nothing is
    /// handed out
    /// that was not added since.
    /// </summary>
    [Fact]
    public void It_hands_out_what_was_added_once_and_to_one_at_a_time() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 4]).Array[1, 80].Sample(steps =>
        {
            var time = new FakeTimeProvider();
            using var queue = new WorkQueue<int>(time);
            var ready = new HashSet<int>();
            var again = new HashSet<int>();
            var working = new HashSet<int>();
            var due = new Dictionary<int, DateTimeOffset>();
            foreach (var (step, key) in steps)
            {
                switch (step)
                {
                    case Step.Add or Step.AddLow:
                        queue.Add(key, step == Step.Add ? QueuePriority.Fresh : QueuePriority.Resync);
                        due.Remove(key);
                        (working.Contains(key) ? again : ready).Add(key);
                        break;
                    case Step.AddDelayed:
                        queue.Add(key, QueuePriority.Retry, TimeSpan.FromSeconds(key + 1));
                        var at = time.GetUtcNow() + TimeSpan.FromSeconds(key + 1);
                        if (!ready.Contains(key) && !again.Contains(key) && (!due.TryGetValue(key, out var earlier) || at < earlier))
                        {
                            due[key] = at;
                        }

                        break;
                    case Step.Take when ready.Count > 0:
                        var take = queue.TakeAsync();
                        Assert.True(take.IsCompleted);
#pragma warning disable xUnit1031 // completed
                        var (taken, got) = take.GetAwaiter().GetResult();
#pragma warning restore xUnit1031
                        Assert.True(taken && ready.Remove(got) && working.Add(got));
                        break;
                    case Step.Done when working.Count > 0:
                        var done = working.First();
                        working.Remove(done);
                        queue.Done(done);
                        if (again.Remove(done))
                        {
                            ready.Add(done);
                        }

                        break;
                    case Step.Advance:
                        time.Advance(TimeSpan.FromSeconds(key));
                        foreach (var (late, when) in due.Where(d => d.Value <= time.GetUtcNow()).ToArray())
                        {
                            due.Remove(late);
                            (working.Contains(late) ? again : ready).Add(late);
                        }

                        break;
                }

                Assert.Equal(ready.Count, queue.Depth);
                Assert.Equal(working.Count, queue.Processing);
            }
        });

    private async Task<string?> TakeAsync() => (await _queue.TakeAsync(TestContext.Current.CancellationToken)).Key;
}
