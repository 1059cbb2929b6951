namespace StorageOperator.Simulation.Checks;

/// <summary>A promise that was broken.</summary>
/// <param name="Rule">Which, always in the same words.</param>
/// <param name="What">By what, this time.</param>
internal sealed record Violation(string Rule, string What)
{
    public override string ToString() => $"{Rule}: {What}";
}
