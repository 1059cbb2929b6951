using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Runtime.Hosting;

/// <summary>Starts and stops the parts in order: informers, synced stores, leadership, consumers; and back.</summary>
internal sealed partial class OperatorHost(
    IServiceProvider services, OperatorParts parts, OperatorSettings settings, TimeProvider time, ILogger<OperatorHost> logger) : IHostedService, IOperatorStatus, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandon = new();
    private IInformer[] _informers = [];
    private IReconciler[] _reconcilers = [];
    private Task _informing = Task.CompletedTask;
    private Task _working = Task.CompletedTask;
    private Task _life = Task.CompletedTask;

    public bool Synced => _informers.Length > 0 && _informers.All(i => i.HasSynced);

    public bool IsLeader { get; private set; }

    public string Describe()
    {
        var lines = _informers.Select(i =>
            $"[{(i.HasSynced && i.Trouble is null ? '+' : '-')}]informer {i.Type.Plural} {(i.Trouble ?? (i.HasSynced ? "ok" : "first list not in yet"))}");
        return string.Join('\n', lines.Append($"[+]leader {(IsLeader ? "yes" : "no")}"));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Everything that can be wrong with the composition or the connection shows here, before anything runs.
        _informers = [.. parts.Informers.Select(make => make(services))];
        _reconcilers = [.. parts.Reconcilers.Select(make => make(services))];
        _informing = Task.WhenAll(_informers.Select(i => Task.Run(() => i.RunAsync(_stopping.Token), CancellationToken.None)));
        _life = LiveAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.DrainTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        await Task.WhenAll(_reconcilers.Select(r => r.StopAsync(either.Token))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _abandon.CancelAsync();
        await _stopping.CancelAsync();
        await Task.WhenAll(_informing, _life, _working).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        foreach (var reconciler in _reconcilers)
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
            IsLeader = true;
            var watches = parts.Watches.Select(subscribe => subscribe(services)).ToArray();
            _working = Task.WhenAll(_reconcilers.Select(r => r.RunAsync(_abandon.Token)).Concat(parts.LeaderServices.Select(RunServiceAsync)));
            await _working;
            foreach (var watch in watches)
            {
                watch.Dispose();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped before it came to work.
        }
    }

    private async Task RunServiceAsync(Type type)
    {
        var service = (ILeaderService)services.GetRequiredService(type);
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await service.RunAsync(_stopping.Token);
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !_stopping.IsCancellationRequested)
            {
                var pause = backoff.Next();
                LogServiceFailed(logger, type.Name, pause, e);
                await Task.Delay(pause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(EventId = 400, Level = LogLevel.Information, Message = "All {Count} stores are synced")]
    private static partial void LogSynced(ILogger logger, int count);

    [LoggerMessage(EventId = 401, Level = LogLevel.Error, Message = "{Service} failed, starting it again in {Pause}")]
    private static partial void LogServiceFailed(ILogger logger, string service, TimeSpan pause, Exception error);
}
