using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using StorageOperator.Runtime.Reconciliation;
using StorageOperator.Runtime.Telemetry;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Telemetry;

public sealed class RuntimeMetricsTests
{
    /// <summary>The names dashboards for controller-runtime and client-go know.</summary>
    private static readonly string[] Known =
    [
        "workqueue_depth", "workqueue_adds_total", "workqueue_queue_duration_seconds", "workqueue_work_duration_seconds",
        "workqueue_unfinished_work_seconds", "workqueue_longest_running_processor_seconds", "workqueue_retries_total",
        "controller_runtime_reconcile_total", "controller_runtime_reconcile_errors_total", "controller_runtime_reconcile_panics_total",
        "controller_runtime_reconcile_time_seconds", "controller_runtime_max_concurrent_reconciles", "controller_runtime_active_workers",
        "rest_client_requests_total", "rest_client_request_duration_seconds", "leader_election_master_status",
    ];

    [Fact]
    public async Task A_working_controller_shows_under_the_known_names_and_labels()
    {
        using var metrics = new RuntimeMetrics();
        var seen = new Dictionary<string, List<string>>();
        using var listener = Listen(metrics, seen);

        var outcomes = new Queue<ReconcileOutcome>([new("bad"), new(RequeueAfter: TimeSpan.FromMilliseconds(1)), default]);
        var calls = 0;
        using var loop = new ReconcileLoop<string>(
            "claims",
            (_, _) => ++calls == 4 ? throw new InvalidOperationException("bug") : Task.FromResult(outcomes.TryDequeue(out var o) ? o : default),
            2, metrics, TimeProvider.System, NullLogger.Instance);
        loop.Queue.Add("a");
        var running = loop.RunAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => calls == 3, "three calls");
        loop.Queue.Add("a");
        await Eventually.TrueAsync(() => calls == 5 && loop.Queue is { Depth: 0, Processing: 0 }, "five calls");
        listener.RecordObservableInstruments();
        await loop.Queue.StopAsync(CancellationToken.None).InTime();
        await running.InTime();

        metrics.Request(HttpMethod.Get, "host:1", "200", TimeSpan.FromSeconds(1));
        metrics.Leader("lease-1", true);
        listener.RecordObservableInstruments();

        lock (seen)
        {
            Assert.Empty(Known.Except(seen.Keys));
            Assert.Equal(2, seen["workqueue_retries_total"].Count);
            Assert.Contains("1 controller=claims name=claims", seen["workqueue_adds_total"]);
            Assert.Equal(
                ["1 controller=claims result=error", "1 controller=claims result=error", "1 controller=claims result=requeue_after", "1 controller=claims result=success", "1 controller=claims result=success"],
                seen["controller_runtime_reconcile_total"].Order(StringComparer.Ordinal));
            Assert.Equal(["1 controller=claims"], seen["controller_runtime_reconcile_panics_total"]);
            Assert.Contains("2 controller=claims name=claims", seen["controller_runtime_max_concurrent_reconciles"]);
            Assert.Equal(["1 code=200 method=GET host=host:1"], seen["rest_client_requests_total"]);
            Assert.Equal(["1 verb=GET host=host:1"], seen["rest_client_request_duration_seconds"]);
            Assert.Equal("1 name=lease-1", seen["leader_election_master_status"].Last());
        }
    }

    /// <summary>Names an instrument as the OpenTelemetry Prometheus exporter does: unit appended, counters end in _total.</summary>
    private static string ExportedName(Instrument instrument)
    {
        var name = instrument.Name + (instrument.Unit == "s" ? "_seconds" : "");
        return instrument is Counter<long> ? name + "_total" : name;
    }

    private static MeterListener Listen(RuntimeMetrics metrics, Dictionary<string, List<string>> seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (ReferenceEquals(instrument.Meter, metrics.Meter))
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((i, value, tags, _) => Note(i, value.ToString(System.Globalization.CultureInfo.InvariantCulture), tags));
        listener.SetMeasurementEventCallback<double>((i, value, tags, _) => Note(i, value.ToString(System.Globalization.CultureInfo.InvariantCulture), tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, string value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (seen)
            {
                var name = ExportedName(instrument);
                seen.TryAdd(name, []);
                seen[name].Add(string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}").Prepend(value)));
            }
        }
    }
}
