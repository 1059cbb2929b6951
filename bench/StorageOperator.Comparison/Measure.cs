namespace StorageOperator.Comparison;

/// <summary>What is measured.</summary>
/// <param name="Name">The name, for people.</param>
/// <param name="Unit">The unit.</param>
/// <param name="MoreIsBetter">Whether a larger number is a better one.</param>
internal sealed record Measure(string Name, string Unit, bool MoreIsBetter)
{
    public static readonly Measure BindsAtOnce = new("static binds at once", "binds/s", true);
    public static readonly Measure ShareOfCeiling = new("share of the API server's ceiling", "%", true);
    public static readonly Measure IdleLatency = new("idle claim to Bound, median", "ms", false);
    public static readonly Measure CpuPerBind = new("CPU per bind", "ms", false);
    public static readonly Measure RequestsPerBind = new("API requests per bind", "", false);
    public static readonly Measure Resident = new("resident 15 s after the binds", "MB", false);
    public static readonly Measure Restart = new("restart to work with all pairs bound", "ms", false);
    public static readonly Measure WritesAfterRestart = new("writes after a restart", "", false);
}
