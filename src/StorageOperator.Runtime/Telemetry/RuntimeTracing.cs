using System.Diagnostics;

namespace StorageOperator.Runtime.Telemetry;

/// <summary>Runtime's traces: one activity a reconcile.</summary>
public static class RuntimeTracing
{
    /// <summary>The name to subscribe to.</summary>
    public const string SourceName = "StorageOperator.Runtime";

    internal static readonly ActivitySource Source = new(SourceName);
}
