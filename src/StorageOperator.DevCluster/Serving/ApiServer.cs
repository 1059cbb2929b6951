using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StorageOperator.DevCluster.Faults;
using StorageOperator.DevCluster.Lifecycle;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// An embedded Kubernetes API server: HTTPS on loopback, a bearer token, everything in this process. For trying things out and for
/// tests, never for production.
/// </summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly ServingCertificate _certificate;
    private readonly ObjectStore _store;
    private readonly ClusterControllers _controllers;
    private readonly CancellationTokenSource _stopping = new();

    private ApiServer(WebApplication host, ServingCertificate certificate, ObjectStore store, ClusterControllers controllers, string token)
    {
        _host = host;
        _certificate = certificate;
        _store = store;
        _controllers = controllers;
        Token = token;
    }

    /// <summary>Where the server listens.</summary>
    public Uri Url { get; private set; } = new("https://127.0.0.1");

    /// <summary>The bearer token that may do everything.</summary>
    public string Token { get; }

    /// <summary>The certificate to trust.</summary>
    public X509Certificate2 Authority => _certificate.Authority;

    /// <summary>The kubeconfig file.</summary>
    public string KubeconfigPath { get; private set; } = "";

    /// <summary>Starts a server; when the task completes it listens, and the kubeconfig is written.</summary>
    /// <exception cref="IOException">The port is taken or a directory cannot be written.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        Directory.CreateDirectory(options.Directory);
        (ServingCertificate certificate, string token) = ServerIdentity.LoadOrCreate(options.DataDirectory, options.Time);
        var authenticator = new Authenticator(token, options.TokenFile is null ? [] : File.ReadLines(options.TokenFile));
        var store = new ObjectStore(options.HistoryLength, options.DataDirectory is null ? null : new StoreLog(options.DataDirectory));
        var registry = new ResourceRegistry();
        var rules = new ObjectRules(store, registry);
        var writer = new ObjectWriter(store, rules, options.Time);
        WebApplication host = Build(options.Port, certificate.Server);
        var controllers = new ClusterControllers(
            store, registry, writer, options.Time, host.Services.GetRequiredService<ILogger<ClusterControllers>>());
        controllers.Prepare();
        var server = new ApiServer(host, certificate, store, controllers, token);
        var endpoint = new ResourceEndpoint(store, writer, new ReviewEndpoint(authenticator), options.Time, options.BookmarkInterval);
        var faults = new FaultInjection(store, options.Time);
        if (options.FaultFile is not null)
        {
            faults.AddFrom(options.FaultFile);
        }
        var counters = new RequestCounters();
        var control = new ControlEndpoint(store, faults, counters);
        var pipeline = new RequestPipeline(
            registry, authenticator, endpoint, control, faults, counters,
            host.Services.GetRequiredService<ILogger<RequestPipeline>>(), server._stopping.Token);
        host.Run(pipeline.HandleAsync);
        try
        {
            await host.StartAsync(cancellation);
        }
        catch
        {
            // The port is taken, most likely; the data directory must be free for another attempt.
            await server.DisposeAsync();
            throw;
        }
        controllers.Start(options.SimulatedNodes);
        string address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Url = new Uri(address);
        server.KubeconfigPath = Path.Combine(Path.GetFullPath(options.Directory), "kubeconfig");
        Kubeconfig.Write(server.KubeconfigPath, server.Url, certificate.Authority, token);
        return server;
    }

    /// <summary>Ends the watches, then stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }
        await _stopping.CancelAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await _host.StopAsync(patience.Token);
        await _host.DisposeAsync();
        await _controllers.DisposeAsync();
        _store.Dispose();
        _certificate.Dispose();
        _stopping.Dispose();
    }

    private static WebApplication Build(int port, X509Certificate2 certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddSimpleConsole(console => console.SingleLine = false).SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(certificate);
            });
        });
        return builder.Build();
    }
}
