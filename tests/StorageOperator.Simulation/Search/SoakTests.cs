using System.Diagnostics;
using System.Globalization;
using StorageOperator.Planning.Plans;
using StorageOperator.Simulation.Checks;
using StorageOperator.Simulation.Worlds;

namespace StorageOperator.Simulation.Search;

/// <summary>
/// Random histories until the time is up: a few seconds in an ordinary test run, <c>SOAK_SECONDS</c> in a long one. A step is one action:
/// of a user, one event delivered, one plan begun, one request dealt with, one answer heard, one pause waited for.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private static readonly string[] Destructive = [nameof(DeleteHostPath), nameof(DeleteVolume), nameof(CreateScrubber), nameof(DeletePod)];

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(Number("SOAK_SECONDS") ?? 8);

    [Fact]
    public void No_history_breaks_a_promise()
    {
        var seed = Number("SOAK_SEED") ?? (Environment.GetEnvironmentVariable("SOAK_SECONDS") is null ? 0 : Environment.TickCount & int.MaxValue / 2);
        var clock = Stopwatch.StartNew();
        var worked = Environment.CpuUsage.TotalTime;
        long steps = 0;
        var histories = 0;
        while (clock.Elapsed < Time)
        {
            var (script, violation, actions) = RandomScript.Happen(seed);
            steps += actions;
            histories++;
            if (violation is not null)
            {
                Assert.Fail(Explain(seed, script, violation));
            }

            seed++;
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{steps:N0} steps in {histories:N0} histories, {steps / clock.Elapsed.TotalSeconds:N0} steps/s, {steps / (Environment.CpuUsage.TotalTime - worked).TotalSeconds:N0} steps per second of processor time"));
    }

    [Fact]
    public void Histories_reach_everything_that_can_happen()
    {
        var reached = new HashSet<string>();
        for (var seed = 1; seed <= 400; seed++)
        {
            var (script, _, _) = RandomScript.Happen(seed);
            script.Run((move, happened) =>
            {
                reached.Add(move.Kind.ToString());
                foreach (var step in Destructive.Where(step => happened.Contains(step, StringComparison.Ordinal)))
                {
                    reached.Add(step);
                }
            });
        }

        Assert.Equal([], Enum.GetNames<MoveKind>().Concat(Destructive).Except(reached));
    }

    private static string Explain(int seed, Script script, Violation violation)
    {
        var shrunk = Shrinker.Shrink(script, violation.Rule);
        var found = shrunk.Run() ?? violation;
        return string.Create(CultureInfo.InvariantCulture, $"{found}\nSeed {seed}, as a test:\n\n{shrunk.ToTest("Found_" + seed)}");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
