using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Informers;
using StorageOperator.Runtime.Rbac;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Events;

/// <summary>
/// Sends events in the background, one after another, so that they never crowd out the writes that matter.
/// </summary>
/// <remarks>
/// The rules of client-go's broadcasters (tools/events, tools/record), but ten times as many (10,000) may wait, since a claim
/// that waits is told why only once; a repeated event is a series, told at its second
/// occurrence and then
/// at most every 5 minutes, and over after 6 minutes without another; an object may cause 25 different events at once and then one every 5
/// minutes.
/// </remarks>
[EntityRbac(nameof(ResourceTypes.Event), Verbs = RbacVerb.Create | RbacVerb.Patch, Why = "Events, and patches of the ones that repeat.")]
internal sealed partial class EventRecorder : IEventRecorder
{
    private const int Waiting = 10_000;
    private const int Tries = 6;
    private const int SeriesAtMost = 4096;
    private static readonly TimeSpan SeriesEndsAfter = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan SeriesToldEvery = TimeSpan.FromMinutes(5);

    private readonly IApiClient _client;
    private readonly EventSource _source;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SpamFilter _spam;
    private string _clusterNamespace = "default";
    private DateTimeOffset _lastStamp;
    private readonly Dictionary<EventIdentity, EventSeries> _series = [];
    private readonly Channel<(EventIdentity Event, ulong Version, EventSubject? Related, DateTimeOffset At)> _recorded =
        Channel.CreateBounded<(EventIdentity, ulong, EventSubject?, DateTimeOffset)>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    public EventRecorder(IApiClient client, EventSource source, RuntimeMetrics metrics, TimeProvider time, ILogger logger)
    {
        _client = client;
        _source = source;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _spam = new SpamFilter(time);
    }

    public void Record(EventSubject about, EventType type, string reason, string action, string note, EventSubject? related = null)
    {
        ArgumentNullException.ThrowIfNull(about);
        var recorded = new EventIdentity(about.Type, about.Key, about.Uid, type, reason, action, note);
        if (!_recorded.Writer.TryWrite((recorded, about.ResourceVersion, related, _time.GetUtcNow())))
        {
            _metrics.EventDropped("queue_full");
        }
    }

    /// <summary>Sends until <see cref="Complete"/> or until cancelled.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMinutes(1), _time);
        var next = tick.WaitForNextTickAsync(ct).AsTask();
        var more = _recorded.Reader.WaitToReadAsync(ct).AsTask();
        while (true)
        {
            if (await Task.WhenAny(next, more) == next)
            {
                await next;
                await TellSeriesAsync(onlyDue: true, ct);
                next = tick.WaitForNextTickAsync(ct).AsTask();
                continue;
            }

            if (!await more)
            {
                break;
            }

            while (_recorded.Reader.TryRead(out var recorded))
            {
                await TakeAsync(recorded.Event, recorded.Version, recorded.Related, recorded.At, ct);
            }

            more = _recorded.Reader.WaitToReadAsync(ct).AsTask();
        }

        await TellSeriesAsync(onlyDue: false, ct);
    }

    /// <summary>Takes no more events; <see cref="RunAsync"/> ends when those that wait are sent.</summary>
    public void Complete() => _recorded.Writer.TryComplete();

    private async Task TakeAsync(EventIdentity recorded, ulong version, EventSubject? related, DateTimeOffset at, CancellationToken ct)
    {
        if (_series.TryGetValue(recorded, out var series) && at - series.Last < SeriesEndsAfter)
        {
            series.Count++;
            series.Last = at;
            if (series.ToldAt is null)
            {
                await TellAsync(series, ct);
            }

            return;
        }

        if (!_spam.Allows(recorded.Uid))
        {
            _metrics.EventDropped("spam");
            return;
        }

        series = new EventSeries(recorded, EventJson.NameFor(recorded.Key.Name, NextStamp(at)), version, related, at, _clusterNamespace);
        if (_series.Count < SeriesAtMost)
        {
            _series[recorded] = series;
        }

        await SendAsync(series, ct);
    }

    /// <summary>Tells the counts that have grown since they were told, and forgets series that are over.</summary>
    private async Task TellSeriesAsync(bool onlyDue, CancellationToken ct)
    {
        var now = _time.GetUtcNow();
        foreach (var (key, series) in _series.ToArray())
        {
            var isOver = now - series.Last >= SeriesEndsAfter;
            if (series.Count > series.ToldCount && (isOver || !onlyDue || now - series.ToldAt >= SeriesToldEvery))
            {
                await TellAsync(series, ct);
            }

            if (isOver)
            {
                _series.Remove(key);
            }
        }

        _spam.Prune();
    }

    private async Task SendAsync(EventSeries series, CancellationToken ct)
    {
        await TryAsync(series, token => CreateAsync(series, token), ct);
    }

    private async Task<object> CreateAsync(EventSeries series, CancellationToken ct)
    {
        try
        {
            return await _client.CreateAsync(ResourceTypes.Event, series.Namespace, EventJson.Create(series, _source), Anything, ct);
        }
        catch (ApiException e) when (e.Failure == ApiFailure.Invalid && series.Event.Key.Namespace.Length == 0 && series.Namespace != "kube-system")
        {
            // Servers before 1.22 or so take events with an eventTime about cluster-scoped objects in kube-system only (seen on 1.20.2).
            (_clusterNamespace, series.Namespace) = ("kube-system", "kube-system");
            return await _client.CreateAsync(ResourceTypes.Event, series.Namespace, EventJson.Create(series, _source), Anything, ct);
        }
    }

    private async Task TellAsync(EventSeries series, CancellationToken ct)
    {
        series.ToldAt = _time.GetUtcNow();
        series.ToldCount = series.Count;
        var key = new ObjectKey(series.Namespace, series.Name);
        await TryAsync(
            series,
            async token =>
            {
                try
                {
                    return await _client.PatchAsync(ResourceTypes.Event, key, null, EventJson.Series(series), Anything, token);
                }
                catch (ApiException e) when (e.Failure == ApiFailure.NotFound)
                {
                    // The server forgets events after an hour or so: the series goes on under a new one.
                    return await CreateAsync(series, token);
                }
            },
            ct);
    }

    private async Task TryAsync(EventSeries series, Func<CancellationToken, Task<object>> send, CancellationToken ct)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(10));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await send(ct);
                return;
            }
            catch (ApiException e) when (e.Failure == ApiFailure.AlreadyExists && attempt > 1)
            {
                // Our own earlier try landed after all.
                return;
            }
            catch (ApiException e) when (!e.IsTransient || attempt == Tries)
            {
                _metrics.EventDropped("refused");
                LogRefused(_logger, series.Event.Reason, series.Event.Key, e.Message);
                return;
            }
            catch (ApiException e)
            {
                var pause = backoff.Next();
                await Task.Delay(e.RetryAfter is { } asked && asked > pause ? asked : pause, _time, ct);
            }
        }
    }

    /// <summary>A time for a name that no earlier one has: a claim and a volume of one name may have events at the same instant.</summary>
    private DateTimeOffset NextStamp(DateTimeOffset at)
    {
        _lastStamp = at > _lastStamp ? at : _lastStamp.AddTicks(1);
        return _lastStamp;
    }

    private static object? Anything(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return reader.TokenType;
    }

    [LoggerMessage(EventId = 600, Level = LogLevel.Warning, Message = "Failed to record an event {Reason} about {Key}: {Error}")]
    private static partial void LogRefused(ILogger logger, string reason, ObjectKey key, string error);
}
