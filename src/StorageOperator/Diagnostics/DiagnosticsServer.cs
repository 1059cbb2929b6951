using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using StorageOperator.CommandLine;
using StorageOperator.Hosting;
using StorageOperator.Telemetry;

namespace StorageOperator.Diagnostics;

/// <summary>
/// Serves the probes and the metrics, each on its own address. It is a web application of its own, beside the operator's host: it
/// answers before the operator has reached the API server and until the operator has stopped.
/// </summary>
internal sealed class DiagnosticsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private DiagnosticsServer(WebApplication application, IPEndPoint? healthProbe, IPEndPoint? metrics)
    {
        _application = application;
        HealthProbeAddress = healthProbe;
        MetricsAddress = metrics;
    }

    /// <summary>Where the probes are served; null when switched off.</summary>
    public IPEndPoint? HealthProbeAddress { get; }

    /// <summary>Where the metrics are served; null when switched off.</summary>
    public IPEndPoint? MetricsAddress { get; }

    /// <exception cref="UsageException">An address cannot be listened on, or the certificate cannot be read.</exception>
    public static async Task<DiagnosticsServer> StartAsync(
        OperatorOptions options, OperatorState state, MetricsAuthorization? authorization, ILoggerFactory logs, TimeProvider time, CancellationToken cancellation)
    {
        var certificate = ServingCertificate.For(options, time);
        var probes = BoundListener.Bind(options.HealthProbeBindAddress, OptionDefinitions.HealthProbeBindAddress);
        var metrics = BoundListener.Bind(options.MetricsBindAddress, OptionDefinitions.MetricsBindAddress);
        var application = Build(options, state, certificate, probes, metrics, logs);
        application.Services.GetRequiredService<OperatorMetrics>();
        UseEndpoints(application, state, authorization, probes, metrics);
        await application.StartAsync(cancellation);
        return new(application, probes?.EndPoint, metrics?.EndPoint);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private static WebApplication Build(
        OperatorOptions options, OperatorState state, ServingCertificate? certificate, BoundListener? probes, BoundListener? metrics, ILoggerFactory logs)
    {
        // The empty builder reads no appsettings.json: the options are the only configuration, besides OpenTelemetry's variables.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = endPoint => BoundSocket(endPoint, probes, metrics));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            if (probes is not null)
            {
                kestrel.Listen(probes.EndPoint);
            }

            if (metrics is not null)
            {
                kestrel.Listen(metrics.EndPoint, listen => certificate?.ServeOn(listen));
            }
        });
        if (probes is null && metrics is null)
        {
            builder.Services.AddSingleton<IServer, SilentServer>();
        }

        TelemetryExport.AddTo(builder.Services, builder.Configuration, options, state);
        return builder.Build();
    }

    private static System.Net.Sockets.Socket BoundSocket(EndPoint endPoint, BoundListener? probes, BoundListener? metrics) =>
        endPoint.Equals(probes?.EndPoint) ? probes!.Socket : metrics!.Socket;

    private static void UseEndpoints(
        WebApplication application, OperatorState state, MetricsAuthorization? authorization, BoundListener? probes, BoundListener? metrics)
    {
        var endpoints = new ProbeEndpoints(state);
        application.Use(async (context, next) =>
        {
            if (context.Connection.LocalPort != probes?.EndPoint.Port)
            {
                await next(context);
            }
            else if (!await endpoints.TryAnswerAsync(context))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
        });
        if (metrics is null)
        {
            return;
        }

        if (authorization is not null)
        {
            application.Use(authorization.InvokeAsync);
        }

        application.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Request.Path == "/metrics");
    }
}
