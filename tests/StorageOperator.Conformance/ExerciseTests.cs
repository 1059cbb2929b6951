using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>The two classic exercises, each a script that checks its own answers.</summary>
public sealed class ExerciseTests(RunningOperator running) : RunningOperatorTests(running)
{
    [Theory]
    [InlineData("volumes-and-claims.sh")]
    [InlineData("storage-classes.sh")]
    public async Task Exercise_has_the_expected_answers(string script)
    {
        var variables = new Dictionary<string, string?>(Kubectl.Variables)
        {
            ["EXERCISE_SUFFIX"] = $"{script[0]}{Environment.ProcessId}",
            ["EXERCISE_DEADLINE"] = "30",
        };
        var result = await ChildProcess.Run(
            "bash", [Path.Combine(Programs.RepositoryRoot, "tests/StorageOperator.Conformance/Exercises", script)], environment: variables, within: TimeSpan.FromMinutes(4));
        Assert.True(result.ExitCode == 0, $"{result.Output}\n{result.Error}");
        Assert.Contains("Every answer was right.", result.Output, StringComparison.Ordinal);
    }
}
