namespace StorageOperator.Diagnostics;

/// <summary>One line of <c>/readyz?verbose</c>.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Detail">What was found.</param>
internal readonly record struct HealthCheck(string Name, bool Passed, string Detail)
{
    /// <summary>In the form of the API server's own <c>/readyz?verbose</c>.</summary>
    public override string ToString() => $"[{(Passed ? '+' : '-')}]{Name} {(Passed ? "ok" : "not ok")}: {Detail}";
}
