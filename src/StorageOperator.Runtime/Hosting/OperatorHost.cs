using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageOperator.Runtime.Events;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Leadership;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Runtime.Hosting;

/// <summary>Starts and stops the parts in order: informers, synced stores, leadership, consumers; and back.</summary>
internal sealed partial class OperatorHost(
    IServiceProvider services, OperatorParts parts, OperatorSettings settings, EventRecorder events, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<OperatorHost> logger) : IHostedService, IOperatorStatus, IDisposable
{
    private static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(1.5);

    /// <summary>Ends informers, waiting for leadership, renewing: everything but work in hand.</summary>
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cuts short work in hand.</summary>
    private readonly CancellationTokenSource _abandon = new();
    private IInformer[] _informers = [];
    private IReconciler[] _reconcilers = [];
    private LeaseElector? _elector;
    private Task _informing = Task.CompletedTask;
    private Task _recording = Task.CompletedTask;
    private Task _life = Task.CompletedTask;
    private volatile bool _working;

    public bool Synced => _informers.All(i => i.HasSynced);

    public bool IsLeader => _working && (_elector?.IsLeader ?? true);

    public string? Fault { get; private set; }

    public string Describe()
    {
        var lines = _informers
            .Select(i => Line(i.HasSynced && i.Trouble is null, $"informer {i.Type.Plural}", i.Trouble ?? (i.HasSynced ? "ok" : "the first list is not in yet")))
            .Append(Line(Fault is null, "leadership", Fault ?? Leadership()));
        return string.Join('\n', lines);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Everything that can be wrong with the composition or the connection shows here, before anything runs.
        _informers = [.. parts.Informers.Select(make => make(services))];
        _reconcilers = [.. parts.Reconcilers.Select(make => make(services))];
        _elector = settings.LeaderElection == LeaderElectionType.Single ? services.GetRequiredService<LeaseElector>() : null;
        _informing = Task.WhenAll(_informers.Select(i => Task.Run(() => i.RunAsync(_stopping.Token), CancellationToken.None)));
        _recording = Task.Run(() => events.RunAsync(_abandon.Token), CancellationToken.None);
        _life = Task.Run(LiveAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await WithinAsync(settings.DrainTimeout, token => Task.WhenAll(_reconcilers.Select(r => r.StopAsync(token))), cancellationToken);
        events.Complete();
        await WithinAsync(FlushTimeout, _recording.WaitAsync, cancellationToken);
        await _abandon.CancelAsync();

        // Only when nothing of ours can write any more may another process begin.
        await WithinAsync(AbandonTimeout, token => Task.WhenAll(_reconcilers.Select(r => r.StopAsync(token))), cancellationToken);
        await WithinAsync(ReleaseTimeout, token => _elector?.ReleaseAsync(token) ?? Task.CompletedTask, cancellationToken);
        await Task.WhenAll(_informing, _life, _recording).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The container disposes it once for each service it is registered as.</summary>
    public void Dispose()
    {
        foreach (var reconciler in Interlocked.Exchange(ref _reconcilers, []))
        {
            reconciler.Dispose();
        }

        _stopping.Dispose();
        _abandon.Dispose();
    }

    private async Task LiveAsync()
    {
        try
        {
            await Task.WhenAll(_informers.Select(i => i.WaitForSyncAsync(_stopping.Token)));
            LogSynced(logger, _informers.Length);
            if (_elector is null)
            {
                await WorkAsync();
                return;
            }

            await _elector.AcquireAsync(_stopping.Token);
            var holding = _elector.HoldAsync(_stopping.Token);
            var working = WorkAsync();
            await Task.WhenAny(_elector.Lost, working);
            if (_elector.Lost.IsCompleted)
            {
                await EndAsync("the lease was lost: another process may lead now");
            }

            await Task.WhenAll(holding, working);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped before it came to work.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogBroke(logger, e);
            await EndAsync($"it broke: {e.Message}");
        }
    }

    /// <summary>Ends the program, because going on would not be safe: the work in hand is cut short first.</summary>
    private async Task EndAsync(string fault)
    {
        Fault = fault;
        Environment.ExitCode = 1;
        await _abandon.CancelAsync();
        lifetime.StopApplication();
    }

    private async Task WorkAsync()
    {
        _working = true;
        var watches = parts.Watches.Select(subscribe => subscribe(services)).ToArray();
        await Task.WhenAll(_reconcilers.Select(r => r.RunAsync(_abandon.Token)).Concat(parts.LeaderServices.Select(RunServiceAsync)));
        foreach (var watch in watches)
        {
            watch.Dispose();
        }
    }

    private string Leadership() =>
        _elector is null ? "not elected, the only process"
        : IsLeader ? "this process leads"
        : _elector.Holder.Length > 0 ? $"standing by, {_elector.Holder} leads"
        : "standing by";

    private static string Line(bool well, string part, string state) => $"[{(well ? '+' : '-')}]{part} {state}";

    private async Task WithinAsync(TimeSpan limit, Func<CancellationToken, Task> what, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        await what(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunServiceAsync(Type type)
    {
        var service = (ILeaderService)services.GetRequiredService(type);
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, _abandon.Token);
        while (!ending.IsCancellationRequested)
        {
            try
            {
                await service.RunAsync(ending.Token);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !ending.IsCancellationRequested)
            {
                var pause = backoff.Next();
                LogServiceFailed(logger, type.Name, pause, e);
                await Task.Delay(pause, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(EventId = 400, Level = LogLevel.Information, Message = "All {Count} stores are synced")]
    private static partial void LogSynced(ILogger logger, int count);

    [LoggerMessage(EventId = 402, Level = LogLevel.Critical, Message = "The operator broke, stopping")]
    private static partial void LogBroke(ILogger logger, Exception error);

    [LoggerMessage(EventId = 401, Level = LogLevel.Error, Message = "{Service} failed, starting it again in {Pause}")]
    private static partial void LogServiceFailed(ILogger logger, string service, TimeSpan pause, Exception error);
}
