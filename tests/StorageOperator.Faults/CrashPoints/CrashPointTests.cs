using System.Globalization;
using StorageOperator.Testing;

namespace StorageOperator.Faults.CrashPoints;

/// <summary>
/// The operator is killed before and after every step of every flow; the next one brings each flow to the end that it has undisturbed.
/// Which steps there are is recorded from an undisturbed run, so a new step is killed at without anybody saying so.
/// </summary>
/// <remarks>All flows share each run of the operator (see the crash host); <c>CRASH_BATCH=1</c> gives every point a run of its own.</remarks>
public sealed class CrashPointTests
{
    private const int SigKilled = 128 + 9;

    [Fact]
    public async Task Every_flow_ends_as_if_nothing_had_happened_wherever_the_operator_is_killed()
    {
        await using var stage = await Stage.Set();
        var undisturbed = await RecordAsync(stage);

        var failures = new List<string>();
        var points = PointsOf(undisturbed).ToList();
        TestContext.Current.SendDiagnosticMessage("{0} flows, {1} crash points", undisturbed.Count, points.Count);
        foreach (var batch in points.Chunk(BatchSize))
        {
            failures.AddRange(await CrashAsync(stage, batch));
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures.Take(5)) + $"\n\n{failures.Count} in all");
    }

    private static int BatchSize => int.Parse(Environment.GetEnvironmentVariable("CRASH_BATCH") ?? "1000", CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyList<Undisturbed>> RecordAsync(Stage stage)
    {
        var runs = await stage.Arrange([.. Flow.All.Where(flow => !(stage.Version < flow.Since))]);
        await using var operating = await stage.StartOperator([]);
        await Task.WhenAll(runs.Select(run => run.Flow.Act(run.Instance)));
        var ends = await stage.SettledEnds(runs);
        await operating.Process.Kill();
        var steps = stage.ReadSteps().Where(line => line[0] == "begin").ToLookup(line => line[1], line => line[2]);
        return [.. runs.Select(run => new Undisturbed(run.Flow, ends[run.Instance.Name], [.. steps[run.Instance.Name]]))];
    }

    private static IEnumerable<CrashPoint> PointsOf(IReadOnlyList<Undisturbed> runs)
    {
        Assert.All(runs, run => Assert.True(run.Steps.Count > 0, $"{run.Flow} took no step."));
        return
            from run in runs
            from kind in run.Steps.CountBy(kind => kind)
            from number in Enumerable.Range(1, kind.Value)
            from moment in new[] { "before", "after" }
            select new CrashPoint(run, $"{kind.Key} {number} {moment}");
    }

    private static async Task<IReadOnlyList<string>> CrashAsync(Stage stage, IReadOnlyList<CrashPoint> points)
    {
        var runs = await stage.Arrange([.. points.Select(point => point.Run.Flow)]);
        var acting = new List<Task>();
        await using (var killed = await stage.StartOperator(runs.Zip(points, (run, point) => $"{run.Instance.Name} {point.Place}")))
        {
            acting.AddRange(runs.Select(run => run.Flow.Act(run.Instance)));
            await UntilKilled(stage, killed, runs, points, acting);
        }

        await using var next = await stage.StartOperator([]);
        await Task.WhenAll(acting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var ends = await stage.EndsLike(runs, [.. points.Select(point => point.Run.End)]);
        return
        [
            .. points.Select((point, i) => (Point: point, Acting: acting[i], End: ends[runs[i].Instance.Name]))
                .Where(done => done.Acting.IsFaulted || done.End != done.Point.Run.End)
                .Select(done => $"{done.Point.Run.Flow}, killed at {done.Point.Place}: {done.Acting.Exception?.InnerException?.Message}\n{Differences(done.Point.Run.End, done.End)}"),
        ];
    }

    private static async Task UntilKilled(
        Stage stage, OperatorProcess killed, IReadOnlyList<(Flow Flow, Instance Instance)> runs, IReadOnlyList<CrashPoint> points, List<Task> acting)
    {
        await Eventually.Holds(
            "the operator to kill itself",
            () => killed.Process.HasExited,
            TimeSpan.FromSeconds(60),
            lastSeen: () => "not reached: " + string.Join("; ", Missed()));
        Assert.Equal(SigKilled, await killed.Process.WaitForExit(TimeSpan.FromSeconds(5)));

        IEnumerable<string> Missed()
        {
            var reached = stage.ReadSteps().Where(line => line[0] == "reach").Select(line => line[1]).ToHashSet();
            return runs.Select((run, i) => (run, i)).Where(at => !reached.Contains(at.run.Instance.Name))
                .Select(at => $"{at.run.Flow} {points[at.i].Place} (users {(acting[at.i].IsCompleted ? "done" : "waiting")})");
        }
    }

    private static string Differences(string expected, string actual)
    {
        var (before, after) = (expected.Split('\n'), actual.Split('\n'));
        return string.Join('\n', before.Except(after).Select(line => "- " + line).Concat(after.Except(before).Select(line => "+ " + line))
            .DefaultIfEmpty(expected == actual ? "(the same end)" : "(the same lines, not as often)"));
    }

    private sealed record Undisturbed(Flow Flow, string End, IReadOnlyList<string> Steps);

    private sealed record CrashPoint(Undisturbed Run, string Place);
}
