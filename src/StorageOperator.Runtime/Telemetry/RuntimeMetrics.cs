using System.Diagnostics;
using System.Diagnostics.Metrics;
using StorageOperator.Runtime.Queues;

namespace StorageOperator.Runtime.Telemetry;

/// <summary>
/// All of Runtime's metrics. Instruments are named so that the OpenTelemetry Prometheus exporter, which appends unit and
/// <c>_total</c>, exports exactly the names of controller-runtime and client-go, for which dashboards exist.
/// </summary>
/// <remarks>
/// Histograms are in seconds; buckets that fit: 1 ms to 10 s for requests and reconciles, wider for queue durations. The advice is given to
/// the SDK below.
/// </remarks>
public sealed class RuntimeMetrics : IDisposable
{
    /// <summary>The name to subscribe to.</summary>
    public const string MeterName = "StorageOperator.Runtime";

    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1000],
    };

    private readonly Meter _meter = new(MeterName);
    private readonly Lock _gate = new();
    private readonly List<ControllerMetrics> _controllers = [];
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _requestDuration;
    private readonly Counter<long> _eventsDropped;
    private readonly Counter<long> _relists;
    private readonly Counter<long> _watchEvents;
    private readonly Counter<long> _undecodable;
    private KeyValuePair<string, object?>? _electionName;
    private int _isLeader;
    private Func<int>? _inFlightLimit;

    /// <summary>Makes the instruments.</summary>
    public RuntimeMetrics()
    {
        _requests = _meter.CreateCounter<long>("rest_client_requests", null, "Requests to the API server, by status code, method and host");
        _requestDuration = _meter.CreateHistogram("rest_client_request_duration", "s", "Time until the answer's headers, by verb and host", advice: Seconds);
        _eventsDropped = _meter.CreateCounter<long>("operator_events_dropped", null, "Events not sent because too many waited or the server refused them");
        _relists = _meter.CreateCounter<long>("operator_informer_lists", null, "Full lists read by informers, by kind");
        _watchEvents = _meter.CreateCounter<long>("operator_informer_events", null, "Watch events read by informers, by kind and type");
        _undecodable = _meter.CreateCounter<long>("operator_informer_undecodable_objects", null, "Objects skipped because they could not be decoded, by kind");
        Adds = _meter.CreateCounter<long>("workqueue_adds", null, "Keys that became ready");
        Retries = _meter.CreateCounter<long>("workqueue_retries", null, "Keys added again after a failure");
        QueueDuration = _meter.CreateHistogram("workqueue_queue_duration", "s", "How long keys waited", advice: Seconds);
        WorkDuration = _meter.CreateHistogram("workqueue_work_duration", "s", "How long keys were worked on", advice: Seconds);
        Reconciles = _meter.CreateCounter<long>("controller_runtime_reconcile", null, "Reconciles, by result");
        ReconcileErrors = _meter.CreateCounter<long>("controller_runtime_reconcile_errors", null, "Reconciles that failed");
        ReconcilePanics = _meter.CreateCounter<long>("controller_runtime_reconcile_panics", null, "Reconciles that threw what they should not");
        ReconcileTime = _meter.CreateHistogram("controller_runtime_reconcile_time", "s", "How long reconciles took", advice: Seconds);
        _meter.CreateObservableGauge("workqueue_depth", () => Each(c => (long)c.Depth()), null, "Keys that are ready and wait");
        _meter.CreateObservableGauge(
            "workqueue_unfinished_work", () => Each(c => c.Unfinished().Sum.TotalSeconds), "s", "Sum of how long the keys in work have been so");
        _meter.CreateObservableGauge(
            "workqueue_longest_running_processor", () => Each(c => c.Unfinished().Longest.TotalSeconds), "s", "How long the key longest in work has been so");
        _meter.CreateObservableGauge(
            "controller_runtime_max_concurrent_reconciles", () => Each(c => (long)c.MaxParallel), null, "Reconciles allowed at once");
        _meter.CreateObservableGauge(
            "controller_runtime_active_workers", () => Each(c => (long)c.Processing()), null, "Reconciles running");
        _meter.CreateObservableGauge("leader_election_master_status", Leadership, null, "1 on the leader, 0 on others, by lease");
        _meter.CreateObservableGauge("operator_requests_in_flight_limit", InFlightLimit, null, "Requests allowed in flight at present");
    }

    internal Meter Meter => _meter;

    internal Counter<long> Adds { get; }

    internal Counter<long> Retries { get; }

    internal Histogram<double> QueueDuration { get; }

    internal Histogram<double> WorkDuration { get; }

    internal Counter<long> Reconciles { get; }

    internal Counter<long> ReconcileErrors { get; }

    internal Counter<long> ReconcilePanics { get; }

    internal Histogram<double> ReconcileTime { get; }

    /// <summary>The metrics of one controller and its queue, labelled with its name.</summary>
    internal ControllerMetrics ForController(string name, int maxParallel)
    {
        var controller = new ControllerMetrics(this, name, maxParallel);
        lock (_gate)
        {
            _controllers.Add(controller);
        }

        return controller;
    }

    internal void Request(HttpMethod method, string host, string code, TimeSpan duration)
    {
        _requests.Add(1, new("code", code), new("method", method.Method), new("host", host));
        _requestDuration.Record(duration.TotalSeconds, new("verb", method.Method), new KeyValuePair<string, object?>("host", host));
    }

    internal void EventDropped(string why) => _eventsDropped.Add(1, new KeyValuePair<string, object?>("why", why));

    internal void Listed(string kind) => _relists.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void WatchEvent(string kind, string type) =>
        _watchEvents.Add(1, new("kind", kind), new KeyValuePair<string, object?>("type", type));

    internal void Undecodable(string kind) => _undecodable.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal void Leader(string lease, bool isLeader)
    {
        _electionName = new("name", lease);
        Volatile.Write(ref _isLeader, isLeader ? 1 : 0);
    }

    internal void ShowInFlightLimit(Func<int> limit) => _inFlightLimit = limit;

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<long>> Leadership() =>
        _electionName is { } name ? [new Measurement<long>(Volatile.Read(ref _isLeader), name)] : [];

    private IEnumerable<Measurement<long>> InFlightLimit() => _inFlightLimit is { } limit ? [new Measurement<long>(limit())] : [];

    private List<Measurement<T>> Each<T>(Func<ControllerMetrics, T> value)
        where T : struct
    {
        lock (_gate)
        {
            return [.. _controllers.Select(c => new Measurement<T>(value(c), c.Labels))];
        }
    }

    /// <summary>How a reconcile ended, as controller-runtime's label <c>result</c> tells it.</summary>
    internal enum Result
    {
        Success,
        Error,
        Requeue,
        RequeueAfter,
    }

    internal sealed class ControllerMetrics : IWorkQueueObserver
    {
        private static readonly string[] ResultNames = ["success", "error", "requeue", "requeue_after"];

        private readonly RuntimeMetrics _metrics;
        private readonly TagList _queue;
        private readonly TagList[] _results;

        public ControllerMetrics(RuntimeMetrics metrics, string name, int maxParallel)
        {
            _metrics = metrics;
            MaxParallel = maxParallel;
            Controller = new("controller", name);
            _queue = new TagList { Controller, new("name", name) };
            Labels = [Controller, new("name", name)];
            _results = [.. ResultNames.Select(r => new TagList { Controller, new("result", r) })];
        }

        public int MaxParallel { get; }

        public KeyValuePair<string, object?> Controller { get; }

        public KeyValuePair<string, object?>[] Labels { get; }

        public Func<int> Depth { get; set; } = static () => 0;

        public Func<int> Processing { get; set; } = static () => 0;

        public Func<(TimeSpan Sum, TimeSpan Longest)> Unfinished { get; set; } = static () => default;

        public void Added() => _metrics.Adds.Add(1, _queue);

        public void Taken(TimeSpan waited) => _metrics.QueueDuration.Record(waited.TotalSeconds, _queue);

        public void Done(TimeSpan worked) => _metrics.WorkDuration.Record(worked.TotalSeconds, _queue);

        public void Retried() => _metrics.Retries.Add(1, _queue);

        public void Reconciled(Result result, TimeSpan time)
        {
            _metrics.Reconciles.Add(1, _results[(int)result]);
            _metrics.ReconcileTime.Record(time.TotalSeconds, Controller);
            if (result == Result.Error)
            {
                _metrics.ReconcileErrors.Add(1, Controller);
            }
        }

        public void Panicked() => _metrics.ReconcilePanics.Add(1, Controller);
    }
}
