using System.Text.RegularExpressions;

namespace StorageOperator.Architecture.Tests;

public sealed partial class PurityTests
{
    private static readonly string[] Impure =
    [
        "System.IO.", "System.Net.", "System.Threading.", "System.Diagnostics.Process.", "System.Environment.", "System.Random.", "System.TimeProvider.",
        "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_Now", "System.DateTimeOffset.get_UtcNow", "System.Console.",
        "Microsoft.Extensions.", "k8s.",
    ];

    /// <summary>What the compiler puts into every iterator and every async method.</summary>
    private static readonly string[] OfTheCompiler = ["System.Environment.get_CurrentManagedThreadId"];

    [Fact]
    public void Planning_has_no_clock_no_client_no_log_and_no_threads() =>
        Assert.DoesNotContain(
            Room.Named("StorageOperator.Planning").MembersUsed.Except(OfTheCompiler), member => Impure.Any(start => member.StartsWith(start, StringComparison.Ordinal)));

    [Fact]
    public void Model_does_no_input_or_output() =>
        Assert.DoesNotContain(
            Room.Named("StorageOperator.Model").MembersUsed,
            member => member.StartsWith("System.IO.", StringComparison.Ordinal) || member.StartsWith("System.Net.", StringComparison.Ordinal));

    [Fact]
    public void Runtime_does_not_speak_of_storage() => Assert.Empty(
        from type in Room.Named("StorageOperator.Runtime").Types
        from name in type.PublicNames
        where StorageWord().IsMatch(name)
        select $"{type.FullName}: {name}");

    [GeneratedRegex("(?<!Json)Claim|Volume|StorageClass|Provision")]
    private static partial Regex StorageWord();
}
