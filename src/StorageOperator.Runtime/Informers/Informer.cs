using Microsoft.Extensions.Logging;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Informers;

/// <summary>What an informer watches.</summary>
/// <param name="Type">The kind.</param>
/// <param name="Namespace">One namespace, or null for all.</param>
/// <param name="FieldSelector">A field selector, or null.</param>
/// <param name="LabelSelector">A label selector, or null.</param>
internal sealed record InformerScope(ResourceType Type, string? Namespace = null, string? FieldSelector = null, string? LabelSelector = null)
{
    /// <summary>The path of the collection with the selectors, ready for more parameters.</summary>
    public string Path
    {
        get
        {
            var path = (Namespace is null ? Type.CollectionPath : Type.PathIn(Namespace)) + "?";
            path += FieldSelector is null ? "" : $"fieldSelector={Uri.EscapeDataString(FieldSelector)}&";
            return path + (LabelSelector is null ? "" : $"labelSelector={Uri.EscapeDataString(LabelSelector)}&");
        }
    }
}

/// <summary>An informer, whatever its entries are.</summary>
internal interface IInformer
{
    /// <summary>The kind it watches.</summary>
    ResourceType Type { get; }

    /// <summary>Whether the first list is in.</summary>
    bool HasSynced { get; }

    /// <summary>Why it is not well at present, or null.</summary>
    string? Trouble { get; }

    /// <summary>Completes when the first list is in.</summary>
    Task WaitForSyncAsync(CancellationToken ct);

    /// <summary>Lists and watches until cancelled; whatever goes wrong is tried again.</summary>
    Task RunAsync(CancellationToken ct);
}

/// <summary>Keeps a store equal to the server's objects of one kind: a list, then a watch from its version, for ever.</summary>
internal sealed partial class Informer<TEntry> : IInformer
    where TEntry : class, IEntry
{
    private static readonly TimeSpan HealthyAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly InformerScope _scope;
    private readonly EntryDecoder<TEntry> _decode;
    private readonly EntityStore<TEntry> _store;
    private readonly ApiTransport _transport;
    private readonly RuntimeMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(0.4), LongestPause);
    private readonly UndecodableObjects _undecodable;
    private bool _mustList = true;
    private TimeSpan _askedPause;

    public Informer(
        InformerScope scope, EntryDecoder<TEntry> decode, EntityStore<TEntry> store, ApiTransport transport, RuntimeMetrics metrics, TimeProvider time,
        ILogger logger)
    {
        _scope = scope;
        _decode = decode;
        _store = store;
        _transport = transport;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _undecodable = new UndecodableObjects(scope.Type.Kind, metrics, logger);
    }

    public ResourceType Type => _scope.Type;

    public bool HasSynced => _store.HasSynced;

    public string? Trouble { get; private set; }

    public Task WaitForSyncAsync(CancellationToken ct) => _store.WaitForSyncAsync(ct);

    public async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            _askedPause = TimeSpan.Zero;
            var pause = await TryOnceAsync(ct);
            if (_time.GetElapsedTime(started) >= HealthyAfter)
            {
                _backoff.Reset();
                pause = pause && Trouble is not null;
            }

            if (pause && !ct.IsCancellationRequested)
            {
                await Task.Delay(Longer(_backoff.Next(), _askedPause), _time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Lists if need be and watches until the stream ends; true when a pause should come before the next try.</summary>
    private async Task<bool> TryOnceAsync(CancellationToken ct)
    {
        try
        {
            if (_mustList && _transport.LacksStreamingLists)
            {
                await ListAsync(ct);
            }

            await WatchAsync(ct);
            Trouble = null;
            return true;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            return false;
        }
        catch (StreamingListRefusedException e)
        {
            _transport.LacksStreamingLists = true;
            LogListsInstead(_logger, Type.Kind, e.Message);
            return false;
        }
        catch (ApiException e) when (e.Failure == ApiFailure.Gone || IsVersionTooLarge(e))
        {
            _mustList = true;
            LogGone(_logger, Type.Kind, _store.ResourceVersion);
            return true;
        }
        catch (Exception e) when (e is ApiException or IOException or HttpRequestException or OperationCanceledException)
        {
            Failed(e);
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // What cannot be read may have been an event that is lost now: only a list tells. And whatever else this is, an informer never
            // ends.
            _mustList = true;
            Failed(e);
            return true;
        }
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private void Failed(Exception e)
    {
        // Watches have no limit on those in flight that would hold them back after a 429, so each does as it was told itself.
        _askedPause = (e as ApiException)?.RetryAfter is { } asked ? TimeSpan.FromTicks(Math.Min(asked.Ticks, LongestPause.Ticks)) : TimeSpan.Zero;
        Trouble = e switch
        {
            OperationCanceledException => "the watch fell silent",
            // It says which server and which request; what lies within does not.
            ApiException => e.Message,
            _ => ApiTransport.Innermost(e).Message,
        };
        LogFailed(_logger, Type.Kind, Trouble);
    }

    private async Task ListAsync(CancellationToken ct)
    {
        var listed = new List<TEntry>();
        var skipped = new HashSet<ObjectKey>();
        var path = $"{_scope.Path}limit={ApiClient.PageSize}";
        ListPage page = default;
        do
        {
            var pagePath = page.Continue is { } token ? $"{path}&continue={Uri.EscapeDataString(token)}" : path;
            using var body = await _transport.CallAsync(HttpMethod.Get, pagePath, default, null, ct);
            page = ListPage.Read(body.Span, _decode, listed, (item, error) => skipped.Add(_undecodable.Report(item, error).Key));
        }
        while (page.Continue is not null);

        Listed(listed, skipped, page.ResourceVersion);
    }

    private void Listed(List<TEntry> listed, HashSet<ObjectKey> skipped, ulong version)
    {
        _store.Replace(listed, skipped, version);
        _mustList = false;
        Trouble = null;
        _metrics.Listed(Type.Kind);
        LogListed(_logger, Type.Kind, listed.Count, version);
    }

    private async Task WatchAsync(CancellationToken ct)
    {
        await using var stream = new WatchStream(this, _mustList, ct);
        await stream.RunAsync();
    }

    /// <summary>The server lags behind what we saw, or its history was reset. It says so with 504 and this text.</summary>
    private static bool IsVersionTooLarge(ApiException e) =>
        e.Failure == ApiFailure.Timeout && e.Message.Contains("Too large resource version", StringComparison.Ordinal);
}

/// <summary>The server does not know streaming lists.</summary>
internal sealed class StreamingListRefusedException(string message) : Exception(message);
