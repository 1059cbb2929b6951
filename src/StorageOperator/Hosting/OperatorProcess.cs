using StorageOperator.CommandLine;
using StorageOperator.Diagnostics;
using StorageOperator.Logging;

namespace StorageOperator.Hosting;

/// <summary>The life of <c>storage-operator run</c>, from the options to the exit code.</summary>
internal sealed class OperatorProcess(OperatorOptions options, TimeProvider time)
{
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var signals = new StopSignals(cancellation);
        using var logs = LogOutput.Create(options, time);
        var logger = logs.CreateLogger("StorageOperator");
        Log.Starting(logger, ProgramVersion.Number, ProgramVersion.Commit);
        var state = new OperatorState();
        await using var server = await DiagnosticsServer.StartAsync(options, state, null, logs, time, cancellation);
        Log.Listening(logger, server.HealthProbeAddress?.ToString() ?? "off", server.MetricsAddress?.ToString() ?? "off");
        var stopped = new TaskCompletionSource();
        using var registration = signals.Requested.Register(stopped.SetResult);
        await stopped.Task;
        return ExitCode.Success;
    }
}
