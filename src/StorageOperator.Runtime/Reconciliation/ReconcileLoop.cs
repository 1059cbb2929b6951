using System.Diagnostics;
using Microsoft.Extensions.Logging;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Queues;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>How work on a key ended: well (perhaps to be looked at again later), or not.</summary>
/// <param name="Error">What went wrong, for the log; null when all is well.</param>
/// <param name="Exception">The cause, if there is one.</param>
/// <param name="RequeueAfter">When to look again; for a failure, instead of the back-off.</param>
public readonly record struct ReconcileOutcome(string? Error = null, Exception? Exception = null, TimeSpan? RequeueAfter = null);

/// <summary>
/// Takes keys from a queue and works on several at once. A key that fails comes back after a pause that grows from 5 ms to 1000 s, for
/// ever;
/// a conflict comes back soon and is no error; a 429 not before the server wants it.
/// </summary>
public sealed partial class ReconcileLoop<TKey> : IDisposable
    where TKey : notnull
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1000);
    private static readonly TimeSpan LongestConflictPause = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly Func<TKey, CancellationToken, Task<ReconcileOutcome>> _work;
    private readonly int _maxParallel;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RuntimeMetrics.ControllerMetrics _metrics;
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, int> _failures = [];

    /// <summary>Makes a loop with its queue.</summary>
    /// <param name="name">The controller's name in logs, traces and metrics.</param>
    /// <param name="work">Works on one key.</param>
    /// <param name="maxParallel">Keys in work at most.</param>
    /// <param name="metrics">Where it is counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public ReconcileLoop(
        string name, Func<TKey, CancellationToken, Task<ReconcileOutcome>> work, int maxParallel, RuntimeMetrics metrics, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallel, 1);
        _name = name;
        _work = work;
        _maxParallel = maxParallel;
        _time = time;
        _logger = logger;
        _metrics = metrics.ForController(name, maxParallel);
        Queue = new WorkQueue<TKey>(time, _metrics);
        _metrics.Depth = () => Queue.Depth;
        _metrics.Processing = () => Queue.Processing;
        _metrics.Unfinished = Queue.Unfinished;
    }

    /// <summary>The keys to work on.</summary>
    public WorkQueue<TKey> Queue { get; }

    /// <summary>
    /// Works until the queue is stopped and the keys in work are done. Cancelling <paramref name="ct"/> cancels the work itself.
    /// </summary>
    public Task RunAsync(CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, _maxParallel).Select(_ => WorkAsync(ct)));

    /// <inheritdoc/>
    public void Dispose() => Queue.Dispose();

    private async Task WorkAsync(CancellationToken ct)
    {
        // Not cancelled by ct: stopping the queue ends the workers, cancelling only cuts short the work in hand.
        while (await Queue.TakeAsync(CancellationToken.None) is (true, { } key))
        {
            try
            {
                await WorkOnAsync(key, ct);
            }
            finally
            {
                Queue.Done(key);
            }
        }
    }

    private async Task WorkOnAsync(TKey key, CancellationToken ct)
    {
        if (ct.IsCancellationRequested)
        {
            return;
        }

        using var activity = RuntimeTracing.Source.StartActivity("reconcile");
        activity?.SetTag("controller", _name).SetTag("key", key.ToString());
        var started = _time.GetTimestamp();
        var outcome = await TryAsync(key, ct);
        if (ct.IsCancellationRequested)
        {
            return;
        }

        var result = Settle(key, outcome);
        activity?.SetTag("result", result.ToString())
            .SetStatus(result == RuntimeMetrics.Result.Error ? ActivityStatusCode.Error : ActivityStatusCode.Ok, outcome.Error);
        _metrics.Reconciled(result, _time.GetElapsedTime(started));
    }

    private async Task<ReconcileOutcome> TryAsync(TKey key, CancellationToken ct)
    {
        try
        {
            return await _work(key, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return default;
        }
        catch (ApiException e)
        {
            return new ReconcileOutcome(e.Message, e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            _metrics.Panicked();
            LogPanicked(_logger, _name, key, e);
            return new ReconcileOutcome(e.Message, e);
        }
    }

    private RuntimeMetrics.Result Settle(TKey key, in ReconcileOutcome outcome)
    {
        if (outcome.Error is not null)
        {
            return Retry(key, outcome);
        }

        lock (_gate)
        {
            _failures.Remove(key);
        }

        if (outcome.RequeueAfter is not { } later)
        {
            return RuntimeMetrics.Result.Success;
        }

        Queue.Add(key, QueuePriority.Retry, later);
        return RuntimeMetrics.Result.RequeueAfter;
    }

    private RuntimeMetrics.Result Retry(TKey key, in ReconcileOutcome outcome)
    {
        int failures;
        lock (_gate)
        {
            failures = _failures.GetValueOrDefault(key);
            _failures[key] = failures + 1;
        }

        var failure = (outcome.Exception as ApiException)?.Failure;
        var isConflict = failure == ApiFailure.Conflict;
        var pause = outcome.RequeueAfter ?? Backoff.Pause(FirstPause, isConflict ? LongestConflictPause : LongestPause, failures);
        if (failure == ApiFailure.TooManyRequests && ((ApiException)outcome.Exception!).RetryAfter is { } asked && asked > pause)
        {
            pause = asked + Backoff.Pause(FirstPause, LongestConflictPause, failures);
        }

        Queue.Add(key, QueuePriority.Retry, pause);
        _metrics.Retried();
        if (isConflict)
        {
            LogConflict(_logger, _name, key, pause);
            return RuntimeMetrics.Result.Requeue;
        }

        LogFailed(_logger, _name, key, failures + 1, pause, outcome.Error!);
        return RuntimeMetrics.Result.Error;
    }

    [LoggerMessage(EventId = 300, Level = LogLevel.Error, Message = "Reconcile threw: {Controller} {Key}")]
    private static partial void LogPanicked(ILogger logger, string controller, TKey key, Exception error);

    [LoggerMessage(EventId = 301, Level = LogLevel.Warning, Message = "Reconcile failed for the {Failures}. time, next try in {Pause}: {Controller} {Key}: {Error}")]
    private static partial void LogFailed(ILogger logger, string controller, TKey key, int failures, TimeSpan pause, string error);

    [LoggerMessage(EventId = 302, Level = LogLevel.Debug, Message = "Object changed meanwhile, observing again in {Pause}: {Controller} {Key}")]
    private static partial void LogConflict(ILogger logger, string controller, TKey key, TimeSpan pause);
}
