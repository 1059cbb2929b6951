using System.Globalization;
using StorageOperator.Controllers.Acting;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Tests.Acting;

/// <summary>In which order steps run, with which versions, and what becomes of the rest when one fails.</summary>
public sealed class PlanExecutorTests
{
    private static readonly VolumeEntry Volume = new() { Key = ObjectKey.Cluster("v"), Uid = "v", ResourceVersion = 1 };
    private static readonly ClaimEntry Claim = new() { Key = new("ns", "c"), Uid = "c", ResourceVersion = 2 };

    // The steps of a bind: volume's pointer, then its phase beside the claim's pointer, then the claim's status.
    private static readonly Plan Bind = new(Verdict.Binding)
    {
        Steps =
        [
            new WriteVolume(Volume, Volume, ObjectPart.Spec),
            new WriteVolume(Volume, Volume, ObjectPart.Status) { After = 0 },
            new WriteClaim(Claim, Claim, ObjectPart.Spec) { After = 0 },
            new WriteClaim(Claim, Claim, ObjectPart.Status) { After = 2 },
        ],
    };

    [Fact]
    public async Task Steps_that_wait_for_the_same_run_side_by_side_and_carry_the_versions_of_their_object()
    {
        var target = new Target();
        var running = PlanExecutor.ExecuteAsync(Bind, target, TestContext.Current.CancellationToken);

        Assert.Equal(["volume Spec at planned"], await target.Begun(1));
        target.Of("volume Spec").SetResult(101);
        Assert.Equal(["claim Spec at planned", "volume Spec at planned", "volume Status at 101"], await target.Begun(3));
        target.Of("claim Spec").SetResult(202);
        Assert.Contains("claim Status at 202", await target.Begun(4));
        target.Of("volume Status").SetResult(102);
        target.Of("claim Status").SetResult(203);
        await running;
    }

    [Fact]
    public async Task What_waits_for_a_failed_step_is_dropped_and_the_others_end()
    {
        var target = new Target();
        var running = PlanExecutor.ExecuteAsync(Bind, target, TestContext.Current.CancellationToken);
        await target.Begun(1);
        target.Of("volume Spec").SetResult(101);
        await target.Begun(3);
        target.Of("claim Spec").SetException(new InvalidOperationException("refused"));

        Assert.False(running.IsCompleted);
        target.Of("volume Status").SetResult(102);

        Assert.Equal("refused", (await Assert.ThrowsAsync<InvalidOperationException>(() => running)).Message);
        Assert.Equal(3, (await target.Begun(3)).Count);
    }

    private sealed class Target : IStepTarget
    {
        private readonly Lock _gate = new();
        private readonly SortedDictionary<string, TaskCompletionSource<ulong?>> _steps = new(StringComparer.Ordinal);
        private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];

        public Task<ulong?> PerformAsync(Step step, ulong? version, CancellationToken ct)
        {
            var what = step is WriteVolume volume ? $"volume {volume.Part}" : $"claim {((WriteClaim)step).Part}";
            var answer = new TaskCompletionSource<ulong?>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _steps.Add($"{what} at {version?.ToString(CultureInfo.InvariantCulture) ?? "planned"}", answer);
                foreach (var (_, reached) in _waiting.Where(waiting => waiting.Count <= _steps.Count))
                {
                    reached.TrySetResult();
                }
            }

            return answer.Task;
        }

        /// <summary>The steps begun, once there are as many.</summary>
        public async Task<IReadOnlyCollection<string>> Begun(int count)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                _waiting.Add((count, reached));
                if (_steps.Count >= count)
                {
                    reached.TrySetResult();
                }
            }

            await reached.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            lock (_gate)
            {
                return [.. _steps.Keys];
            }
        }

        public TaskCompletionSource<ulong?> Of(string step)
        {
            lock (_gate)
            {
                return _steps.Single(begun => begun.Key.StartsWith(step, StringComparison.Ordinal)).Value;
            }
        }
    }
}
