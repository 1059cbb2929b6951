using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using StorageOperator.Binding;
using StorageOperator.CommandLine;
using StorageOperator.Diagnostics;
using StorageOperator.Logging;
using StorageOperator.Runtime.Hosting;
using StorageOperator.Telemetry;
using StorageOperator.Tests.Binding;

namespace StorageOperator.Tests.Diagnostics;

public sealed class DiagnosticsServerTests : IAsyncLifetime
{
    private readonly OperatorState _state = new();
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
    private DiagnosticsServer? _server;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Fact]
    public async Task It_is_alive_before_it_is_ready()
    {
        await StartAsync();

        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync("/healthz"));
        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync("/livez"));
        var (status, body) = await GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("[-]binding not ok: still looking whether somebody else binds", body, StringComparison.Ordinal);
        Assert.Contains("[-]caches not ok", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_ready_once_the_caches_are_synced_and_a_standby_is_too()
    {
        _state.Binding = new(BindingMode.Own, "a test says so");
        _state.Operator = new Status(Synced: true, IsLeader: false);
        await StartAsync();

        Assert.Equal((HttpStatusCode.OK, "ok"), await GetAsync("/readyz"));
        var (_, body) = await GetAsync("/readyz?verbose");
        Assert.Contains("[+]binding ok: own, because a test says so\n", body, StringComparison.Ordinal);
        Assert.Contains("details of the runtime\n", body, StringComparison.Ordinal);
        Assert.EndsWith("readyz check passed\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_and_metrics_do_not_answer_on_each_other_s_address()
    {
        await StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/metrics")).Status);
        using var probeOnMetrics = await _http.GetAsync(Url("http", _server!.MetricsAddress!, "/healthz"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, probeOnMetrics.StatusCode);
    }

    [Fact]
    public async Task Metrics_tell_the_build_and_the_binding_mode()
    {
        _state.Binding = new(BindingMode.Defer, "a test says so");
        await StartAsync();

        var metrics = await _http.GetStringAsync(Url("http", _server!.MetricsAddress!, "/metrics"), TestContext.Current.CancellationToken);

        Assert.Contains("storage_operator_binding_mode{mode=\"defer\",reason=\"a test says so\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("storage_operator_build_info{commit=\"", metrics, StringComparison.Ordinal);
        Assert.Contains("storage_operator_ready{} 0", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secure_metrics_need_tls_and_a_token()
    {
        var api = new FakeApi()
            .Answer("/apis/authentication.k8s.io/v1/tokenreviews", """{"status":{"authenticated":true,"user":{"username":"u"}}}""")
            .Answer("/apis/authorization.k8s.io/v1/subjectaccessreviews", """{"status":{"allowed":true}}""");
        await StartAsync(Options() with { MetricsSecure = true }, new(api, TimeProvider.System));
        var url = Url("https", _server!.MetricsAddress!, "/metrics");

        using var anonymous = await _http.GetAsync(url, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        _http.DefaultRequestHeaders.Authorization = new("Bearer", "t");
        Assert.Contains("storage_operator_build_info", await _http.GetStringAsync(url, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_both_addresses_off_it_starts_and_listens_nowhere()
    {
        await StartAsync(Options() with { HealthProbeBindAddress = BindAddress.Off, MetricsBindAddress = BindAddress.Off }, null);

        Assert.Null(_server!.HealthProbeAddress);
        Assert.Null(_server.MetricsAddress);
    }

    [Fact]
    public async Task An_address_in_use_names_the_option_that_asked_for_it()
    {
        await StartAsync();
        var taken = Options() with { MetricsBindAddress = new(_server!.HealthProbeAddress) };

        var refused = await Assert.ThrowsAsync<UsageException>(() => StartAnotherAsync(taken));

        Assert.StartsWith($"--metrics-bind-address: cannot listen on {_server.HealthProbeAddress}: another program uses it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_not_there_names_the_option()
    {
        var missing = Options() with { MetricsSecure = true, MetricsCertPath = "/nonexistent" };

        var refused = await Assert.ThrowsAsync<UsageException>(() => StartAnotherAsync(missing));

        Assert.StartsWith("--metrics-cert-path: cannot read tls.crt and tls.key in /nonexistent", refused.Message, StringComparison.Ordinal);
    }

    private static OperatorOptions Options() => new()
    {
        Kubeconfig = null,
        Context = null,
        Binding = BindingMode.Auto,
        EnableDynamicProvisioning = true,
        MaxParallelReconciles = 1,
        LeaderElect = false,
        NamespaceOfLease = null,
        LeaseDuration = TimeSpan.FromSeconds(15),
        RenewDeadline = TimeSpan.FromSeconds(10),
        RetryPeriod = TimeSpan.FromSeconds(2),
        HealthProbeBindAddress = BindAddress.Parse("127.0.0.1:0"),
        MetricsBindAddress = BindAddress.Parse("127.0.0.1:0"),
        MetricsSecure = false,
        MetricsCertPath = null,
        LogFormat = LogFormat.Json,
        LogLevel = Microsoft.Extensions.Logging.LogLevel.Information,
        OtlpEndpoint = null,
        ReadyFile = null,
    };

    private static Uri Url(string scheme, IPEndPoint address, string path) => new($"{scheme}://{address}{path}");

    private Task StartAsync() => StartAsync(Options(), null);

    private async Task StartAsync(OperatorOptions options, MetricsAuthorization? authorization) =>
        _server = await DiagnosticsServer.StartAsync(options, _state, authorization, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);

    private async Task StartAnotherAsync(OperatorOptions options)
    {
        await using var another = await DiagnosticsServer.StartAsync(
            options, _state, null, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(Url("http", _server!.HealthProbeAddress!, path), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private sealed record Status(bool Synced, bool IsLeader) : IOperatorStatus
    {
        public string? Fault => null;

        public string Describe() => "details of the runtime";
    }
}
