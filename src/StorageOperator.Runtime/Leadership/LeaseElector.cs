using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Rbac;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Leadership;

/// <summary>What is elected, and how patiently.</summary>
/// <param name="Lease">Namespace and name of the Lease.</param>
/// <param name="Identity">Who we are; no two processes may share it.</param>
/// <param name="LeaseDuration">How long others wait after the last renewal they saw.</param>
/// <param name="RenewDeadline">How long after the start of the last successful renewal we still lead.</param>
/// <param name="RetryPeriod">The time between tries.</param>
public sealed record LeaseElection(ObjectKey Lease, string Identity, TimeSpan LeaseDuration, TimeSpan RenewDeadline, TimeSpan RetryPeriod)
{
    /// <summary>An identity for this process: <c>host_guid</c>, as client-go makes them.</summary>
    public static string NewIdentity() => $"{Environment.MachineName}_{Guid.NewGuid():D}";
}

/// <summary>
/// Leadership by a Lease of coordination.k8s.io/v1, understood by every client-go elector.
/// </summary>
/// <remarks>
/// Safe as long as clocks run at about the same speed, whatever they show: a lease counts as expired when *we* have seen it unchanged for
/// its
/// duration, and we stop leading when our last successful renewal *began* longer ago than the renew deadline, which is shorter.
/// </remarks>
[GenericRbac(
    Groups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Patch, Namespaced = true,
    Why = "Leader election; create only for the first start, when the lease does not exist yet.")]
public sealed partial class LeaseElector
{
    private readonly ApiTransport _transport;
    private readonly LeaseElection _election;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _path;
    private readonly string _collection;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LeaseRecord? _observed;
    private long _observedAt;
    private long _renewedAt;
    private volatile bool _isLeader;

    internal LeaseElector(ApiTransport transport, LeaseElection election, RuntimeMetrics metrics, TimeProvider time, ILogger logger)
    {
        _transport = transport;
        _election = election;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _path = ResourceTypes.Lease.PathOf(election.Lease);
        _collection = ResourceTypes.Lease.PathIn(election.Lease.Namespace);
        _metrics.Leader(election.Lease.Name, false);
    }

    /// <summary>Whether we lead: false again as soon as the renew deadline has passed, even if nothing has noticed yet.</summary>
    public bool IsLeader => _isLeader && _time.GetElapsedTime(Volatile.Read(ref _renewedAt)) < _election.RenewDeadline;

    /// <summary>Completes when leadership that we had is lost. It does not come back: the process should end.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Who held the lease when we last saw it; empty when nobody did.</summary>
    public string Holder => _observed?.Holder ?? "";

    /// <summary>Tries until we lead. Errors are logged and tried again.</summary>
    public async Task AcquireAsync(CancellationToken ct)
    {
        LogTrying(_logger, _election.Lease, _election.Identity);
        while (!await TryAsync(TryAcquireAsync, _election.RenewDeadline / 2, ct))
        {
            // Jittered, so that several standbys do not always meet.
            await Task.Delay(_election.RetryPeriod * (0.8 + (Random.Shared.NextDouble() * 0.4)), _time, ct);
        }

        _isLeader = true;
        _metrics.Leader(_election.Lease.Name, true);
        LogLeading(_logger, _election.Lease, _election.Identity);
    }

    /// <summary>Renews until cancelled, or until leadership is lost (<see cref="Lost"/>).</summary>
    public async Task HoldAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested && _isLeader)
        {
            await Task.Delay(Shorter(_election.RetryPeriod, Left()), _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ct.IsCancellationRequested)
            {
                return;
            }

            if (Left() <= TimeSpan.Zero)
            {
                Lose($"it could not be renewed within {_election.RenewDeadline.TotalSeconds:0.#} s");
            }
            else
            {
                // Half of the deadline at most, so that one request that hangs does not cost the second try.
                await TryAsync(TryRenewAsync, Shorter(Left(), _election.RenewDeadline / 2), ct);
            }
        }
    }

    /// <summary>
    /// Gives the lease up, so that another may take it at once. Does nothing when we do not lead; errors are logged only.
    /// </summary>
    public async Task ReleaseAsync(CancellationToken ct)
    {
        if (!IsLeader || _observed is not { } mine)
        {
            return;
        }

        _isLeader = false;
        _metrics.Leader(_election.Lease.Name, false);
        var released = mine with { Holder = "", DurationSeconds = 1, RenewTime = _time.GetUtcNow(), AcquireTime = _time.GetUtcNow() };
        if (await TryAsync(token => WriteAsync(released, token), _election.RenewDeadline, ct))
        {
            LogReleased(_logger, _election.Lease);
        }
    }

    /// <summary>One try within a time; false when it failed for whatever reason.</summary>
    private async Task<bool> TryAsync(Func<CancellationToken, Task<bool>> attempt, TimeSpan within, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            return await attempt(either.Token);
        }
        catch (ApiException e)
        {
            LogFailed(_logger, _election.Lease, e.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            LogFailed(_logger, _election.Lease, $"no answer within {within.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or FormatException)
        {
            LogFailed(_logger, _election.Lease, e.Message);
        }

        return false;
    }

    private async Task<bool> TryAcquireAsync(CancellationToken ct)
    {
        if (await ReadAsync(ct) is not { } lease)
        {
            return await CreateAsync(ct);
        }

        if (lease.Holder.Length > 0 && lease.Holder != _election.Identity && !Expired(lease))
        {
            return false;
        }

        var now = _time.GetUtcNow();
        return await WriteAsync(
            lease with
            {
                Holder = _election.Identity,
                DurationSeconds = (int)_election.LeaseDuration.TotalSeconds,
                AcquireTime = now,
                RenewTime = now,
                Transitions = lease.Transitions + (lease.Holder == _election.Identity ? 0 : 1),
            },
            ct);
    }

    private async Task<bool> TryRenewAsync(CancellationToken ct)
    {
        try
        {
            return await WriteAsync(_observed! with { RenewTime = _time.GetUtcNow() }, ct);
        }
        catch (ApiException e) when (e.Failure is ApiFailure.Conflict or ApiFailure.NotFound)
        {
            // Somebody wrote to it. If we still hold it (an annotation, or our own write whose answer got lost), go on from the new
            // version.
            var lease = await ReadAsync(ct);
            if (lease is not null && lease.Holder != _election.Identity)
            {
                Lose($"{(lease.Holder.Length == 0 ? "nobody" : lease.Holder)} holds it now");
                return false;
            }

            return lease is null ? await CreateAsync(ct) : await WriteAsync(lease with { RenewTime = _time.GetUtcNow() }, ct);
        }
    }

    private async Task<LeaseRecord?> ReadAsync(CancellationToken ct)
    {
        try
        {
            using var body = await _transport.CallAsync(HttpMethod.Get, _path, default, null, ct);
            Observe(LeaseRecord.Parse(body.Span));
            return _observed;
        }
        catch (ApiException e) when (e.Failure == ApiFailure.NotFound)
        {
            return null;
        }
    }

    private async Task<bool> CreateAsync(CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        var begun = _time.GetTimestamp();
        var lease = new LeaseRecord("", _election.Identity, (int)_election.LeaseDuration.TotalSeconds, now, now, 0);
        using var body = await _transport.CallAsync(HttpMethod.Post, _collection, lease.ToJson(_election.Lease), "application/json", ct);
        Held(LeaseRecord.Parse(body.Span), begun);
        return true;
    }

    /// <summary>Writes the record on condition that nobody wrote since it was read.</summary>
    private async Task<bool> WriteAsync(LeaseRecord lease, CancellationToken ct)
    {
        var begun = _time.GetTimestamp();
        using var body = await _transport.CallAsync(HttpMethod.Patch, _path, lease.ToJson(null), "application/merge-patch+json", ct);
        Held(LeaseRecord.Parse(body.Span), begun);
        return true;
    }

    private void Held(LeaseRecord lease, long begun)
    {
        Observe(lease);
        Volatile.Write(ref _renewedAt, begun);
    }

    private void Observe(LeaseRecord lease)
    {
        if (_observed is null || _observed.ResourceVersion != lease.ResourceVersion)
        {
            _observedAt = _time.GetTimestamp();
        }

        _observed = lease;
    }

    private bool Expired(LeaseRecord lease)
    {
        // The holder's own duration counts, since that is what it relies on.
        var duration = lease.DurationSeconds > 0 ? TimeSpan.FromSeconds(lease.DurationSeconds) : _election.LeaseDuration;
        return _time.GetElapsedTime(_observedAt) >= duration;
    }

    private void Lose(string why)
    {
        _isLeader = false;
        _metrics.Leader(_election.Lease.Name, false);
        LogLost(_logger, _election.Lease, why);
        _lost.TrySetResult();
    }

    private TimeSpan Left() => _election.RenewDeadline - _time.GetElapsedTime(_renewedAt);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? (a > TimeSpan.Zero ? a : TimeSpan.Zero) : (b > TimeSpan.Zero ? b : TimeSpan.Zero);

    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "Trying to get the lease {Lease} as {Identity}")]
    private static partial void LogTrying(ILogger logger, ObjectKey lease, string identity);

    [LoggerMessage(EventId = 501, Level = LogLevel.Information, Message = "Got the lease {Lease} as {Identity}, leading")]
    private static partial void LogLeading(ILogger logger, ObjectKey lease, string identity);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "Failed to get or renew the lease {Lease}, trying again: {Error}")]
    private static partial void LogFailed(ILogger logger, ObjectKey lease, string error);

    [LoggerMessage(EventId = 503, Level = LogLevel.Error, Message = "Lost the lease {Lease}: {Why}")]
    private static partial void LogLost(ILogger logger, ObjectKey lease, string why);

    [LoggerMessage(EventId = 504, Level = LogLevel.Information, Message = "Released the lease {Lease}")]
    private static partial void LogReleased(ILogger logger, ObjectKey lease);
}
