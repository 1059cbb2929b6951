using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StorageOperator.CommandLine;
using StorageOperator.Diagnostics;

namespace StorageOperator.Telemetry;

/// <summary>Collects the metrics and traces of all rooms and exports them: Prometheus by scraping, OTLP by pushing.</summary>
internal static class TelemetryExport
{
    private const string StandardEndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTo(IServiceCollection services, IConfigurationBuilder configuration, OperatorOptions options, OperatorState state)
    {
        // OpenTelemetry reads its standard OTEL_* variables from here.
        configuration.AddEnvironmentVariables();
        services.AddSingleton(_ => new OperatorMetrics(state));
        var pushes = options.OtlpEndpoint is not null || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(StandardEndpointVariable));
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("storage-operator", serviceVersion: ProgramVersion.Number))
            .WithMetrics(metrics => AddMetrics(metrics, options, pushes));
        if (pushes)
        {
            telemetry.WithTracing(traces => traces.AddSource($"{OperatorMetrics.MeterName}*").AddOtlpExporter(otlp => SetEndpoint(otlp, options)));
        }
    }

    private static void AddMetrics(MeterProviderBuilder metrics, OperatorOptions options, bool pushes)
    {
        metrics.AddMeter($"{OperatorMetrics.MeterName}*", "System.Runtime");
        if (!options.MetricsBindAddress.IsOff)
        {
            // Names and units are chosen so that they need no translation, and dashboards for Go operators find what they know.
            metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
        }

        if (pushes)
        {
            metrics.AddOtlpExporter(otlp => SetEndpoint(otlp, options));
        }
    }

    private static void SetEndpoint(OpenTelemetry.Exporter.OtlpExporterOptions otlp, OperatorOptions options)
    {
        if (options.OtlpEndpoint is { } endpoint)
        {
            otlp.Endpoint = endpoint;
        }
    }
}
