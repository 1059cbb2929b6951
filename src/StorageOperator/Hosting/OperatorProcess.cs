using System.Diagnostics;
using StorageOperator.Binding;
using StorageOperator.CommandLine;
using StorageOperator.Diagnostics;
using StorageOperator.Logging;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Hosting;
using StorageOperator.Telemetry;

namespace StorageOperator.Hosting;

/// <summary>
/// The life of <c>storage-operator run</c>, from the options to the exit code: connect, answer probes, find out who binds, operate,
/// and stop in the opposite order.
/// </summary>
/// <param name="options">What it was told.</param>
/// <param name="time">The clock.</param>
/// <param name="replace">For tests: puts other services in the place of some of the operator's.</param>
internal sealed class OperatorProcess(OperatorOptions options, TimeProvider time, Action<IServiceCollection>? replace = null)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BinderCheckInterval = TimeSpan.FromMinutes(1);

    private readonly OperatorState _state = new();

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    /// <exception cref="UsageException">The kubeconfig, an address or a file cannot be used as asked.</exception>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        // What a person got wrong shows here, before the first line of the log: the one line that says so stands alone.
        var connection = Connect();
        if (options.ReadyFile is not null)
        {
            ReadyFile.Prepare(options.ReadyFile);
        }

        using var signals = new StopSignals(cancellation);
        using var logs = LogOutput.Create(options, time);
        var logger = logs.CreateLogger("StorageOperator");
        await using var client = new ClientServices(connection, logs, time);
        var authorization = options.MetricsSecure ? new MetricsAuthorization(client.Api, time) : null;
        await using var server = await DiagnosticsServer.StartAsync(options, _state, authorization, logs, time, signals.Requested);
        Log.Starting(logger, ProgramVersion.Number, ProgramVersion.Commit);
        Log.Listening(logger, server.HealthProbeAddress?.ToString() ?? "off", server.MetricsAddress?.ToString() ?? "off");
        var exitCode = await OperateAsync(client, server, logger, signals.Requested);
        Log.Stopped(logger, exitCode);
        return exitCode;
    }

    private ApiConnection Connect()
    {
        try
        {
            return ApiConnection.Load(options.Kubeconfig, options.Context);
        }
        catch (ConnectionException unusable)
        {
            throw new UsageException($"{unusable.Message}.", unusable);
        }
    }

    private async Task<int> OperateAsync(ClientServices client, DiagnosticsServer server, ILogger logger, CancellationToken stop)
    {
        try
        {
            var binding = await DecideBindingAsync(client.Api, logger, stop);
            _state.Binding = binding;
            Log.BindingDecided(logger, binding.ModeName, binding.Reason);
            using var host = OperatorComposition.Build(options, binding, client, time, replace);
            await host.StartAsync(stop);
            _state.Operator = host.Services.GetRequiredService<IOperatorStatus>();
            var exitCode = await WaitForEndAsync(host, client.Api, binding, server, logger, stop);
            Log.Stopping(logger);
            await host.StopAsync(CancellationToken.None);
            return exitCode;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
        catch (Exception failure) when (failure is not UsageException)
        {
            Log.Failed(logger, failure);
            return ExitCode.Failure;
        }
    }

    private async Task<BindingDecision> DecideBindingAsync(IApiClient api, ILogger logger, CancellationToken stop)
    {
        if (BindingDecision.Asked(options.Binding) is { } asked)
        {
            return asked;
        }

        var observer = new ControlPlaneObserver(api, time);
        for (var delay = TimeSpan.FromMilliseconds(250); ; delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, LongestDelay.Ticks)))
        {
            try
            {
                return BindingDecision.From(await observer.LookAsync(stop));
            }
            catch (ApiException failure)
            {
                Log.CannotLook(logger, failure.Message, delay);
                await Task.Delay(delay, time, stop);
            }
        }
    }

    /// <summary>Until a signal, a lost lease or, in mode auto, somebody else who binds.</summary>
    private async Task<int> WaitForEndAsync(
        IHost host, IApiClient api, BindingDecision binding, DiagnosticsServer server, ILogger logger, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        var ready = AnnounceReadyAsync(server, binding, logger, end.Token);
        var other = binding.Mode == BindingMode.Own && options.Binding == BindingMode.Auto
            ? WaitForOtherBinderAsync(api, logger, end.Token)
            : Task.Delay(Timeout.InfiniteTimeSpan, time, end.Token);
        await other.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await end.CancelAsync();
        await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return stop.IsCancellationRequested ? ExitCode.Success : ExitCode.Failure;
    }

    private async Task AnnounceReadyAsync(DiagnosticsServer server, BindingDecision binding, ILogger logger, CancellationToken end)
    {
        // Once, at start: nothing announces that the last store has synced, and a start is short.
        while (!_state.IsReady)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), time, end);
        }

        if (options.ReadyFile is not null)
        {
            ReadyFile.Write(options.ReadyFile, binding, server.HealthProbeAddress, server.MetricsAddress);
        }

        using var process = Process.GetCurrentProcess();
        Log.Ready(logger, (int)(time.GetUtcNow() - process.StartTime.ToUniversalTime()).TotalMilliseconds);
    }

    /// <summary>Returns when somebody else binds by now: a new start then finds mode defer. Two binders at once are safe, but noisy.</summary>
    private async Task WaitForOtherBinderAsync(IApiClient api, ILogger logger, CancellationToken end)
    {
        var observer = new ControlPlaneObserver(api, time);
        while (true)
        {
            await Task.Delay(BinderCheckInterval, time, end);
            try
            {
                if (BindingDecision.From(await observer.LookAsync(end)) is { Mode: BindingMode.Defer } changed)
                {
                    Log.BinderAppeared(logger, changed.Reason);
                    return;
                }
            }
            catch (ApiException)
            {
                // Not seen this time; the informers already tell of a server that does not answer.
            }
        }
    }
}
