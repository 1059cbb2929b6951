namespace StorageOperator.Hosting;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Starting storage-operator {Version} ({Commit})")]
    public static partial void Starting(ILogger logger, string version, string commit);

    /// <summary>Tests and scripts read the chosen ports from this line: keep its fields.</summary>
    [LoggerMessage(2, LogLevel.Information, "Serving probes on {HealthProbeAddress} and metrics on {MetricsAddress}")]
    public static partial void Listening(ILogger logger, string healthProbeAddress, string metricsAddress);

    [LoggerMessage(3, LogLevel.Information, "Binding mode is {Binding}, because {Reason}")]
    public static partial void BindingDecided(ILogger logger, string binding, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Could not look who binds: {Failure}. Trying again in {Delay}")]
    public static partial void CannotLook(ILogger logger, string failure, TimeSpan delay);

    [LoggerMessage(5, LogLevel.Information, "Ready {Milliseconds} ms after the start of the process")]
    public static partial void Ready(ILogger logger, int milliseconds);

    [LoggerMessage(6, LogLevel.Information, "Stopping")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(7, LogLevel.Information, "Stopped with exit code {ExitCode}")]
    public static partial void Stopped(ILogger logger, int exitCode);

    [LoggerMessage(8, LogLevel.Critical, "Stopped by a failure that nobody handled")]
    public static partial void Failed(ILogger logger, Exception failure);

    [LoggerMessage(9, LogLevel.Warning, "Somebody else binds by now: {Reason}. Restarting, to find the mode anew")]
    public static partial void BinderAppeared(ILogger logger, string reason);
}
