using System.Globalization;
using Microsoft.Extensions.Logging;
using StorageOperator.Binding;
using StorageOperator.CommandLine;
using StorageOperator.Hosting;
using StorageOperator.Logging;

namespace StorageOperator.Tests.CommandLine;

public sealed class OperatorCommandLineTests : IDisposable
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly StringWriter _output = new(CultureInfo.InvariantCulture);
    private readonly StringWriter _error = new(CultureInfo.InvariantCulture);
    private OperatorOptions? _options;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Without_options_the_defaults_hold()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("run"));

        Assert.NotNull(_options);
        Assert.Null(_options.Kubeconfig);
        Assert.Equal(BindingMode.Auto, _options.Binding);
        Assert.False(_options.LeaderElect);
        Assert.True(_options.EnableDynamicProvisioning);
        Assert.Equal(64, _options.MaxParallelReconciles);
        Assert.Equal(":8081", _options.HealthProbeBindAddress.ToString());
        Assert.Equal(":8443", _options.MetricsBindAddress.ToString());
        Assert.Equal((15, 10, 2), (_options.LeaseDuration.TotalSeconds, _options.RenewDeadline.TotalSeconds, _options.RetryPeriod.TotalSeconds));
        Assert.Equal((LogFormat.Json, LogLevel.Information), (_options.LogFormat, _options.LogLevel));
    }

    [Fact]
    public async Task Metrics_without_tls_have_another_default_port()
    {
        await RunAsync("run", "--metrics-secure=false");

        Assert.Equal(":8080", _options!.MetricsBindAddress.ToString());
    }

    [Fact]
    public async Task Every_option_is_read_from_the_environment_too()
    {
        string[] values = ["/k", "c", "own", "false", "7", "true", "ns", "30s", "20s", "3s", "127.0.0.1:1", "0", "false", "/certs", "console", "debug", "http://c:4317", "/r"];
        foreach (var (definition, value) in OptionDefinitions.All.Zip(values))
        {
            _environment[definition.EnvironmentVariable] = value;
        }

        Assert.Equal(OptionDefinitions.All.Count, values.Length);
        Assert.Equal(ExitCode.Success, await RunAsync("run"));
        Assert.Equal(
            new OperatorOptions
            {
                Kubeconfig = "/k",
                Context = "c",
                Binding = BindingMode.Own,
                EnableDynamicProvisioning = false,
                MaxParallelReconciles = 7,
                LeaderElect = true,
                NamespaceOfLease = "ns",
                LeaseDuration = TimeSpan.FromSeconds(30),
                RenewDeadline = TimeSpan.FromSeconds(20),
                RetryPeriod = TimeSpan.FromSeconds(3),
                HealthProbeBindAddress = BindAddress.Parse("127.0.0.1:1"),
                MetricsBindAddress = BindAddress.Off,
                MetricsSecure = false,
                MetricsCertPath = "/certs",
                LogFormat = LogFormat.Console,
                LogLevel = LogLevel.Debug,
                OtlpEndpoint = new("http://c:4317"),
                ReadyFile = "/r",
            },
            _options);
    }

    [Fact]
    public async Task The_command_line_wins_over_the_environment()
    {
        _environment["STORAGE_OPERATOR_BINDING"] = "own";
        _environment["STORAGE_OPERATOR_LEADER_ELECT"] = "true";

        await RunAsync("run", "--binding", "defer", "--leader-elect=false");

        Assert.Equal(BindingMode.Defer, _options!.Binding);
        Assert.False(_options.LeaderElect);
    }

    [Fact]
    public async Task A_switch_alone_means_true()
    {
        await RunAsync("run", "--leader-elect", "--binding=own");

        Assert.True(_options!.LeaderElect);
    }

    [Fact]
    public async Task An_empty_variable_counts_as_absent()
    {
        _environment["STORAGE_OPERATOR_LOG_LEVEL"] = "";

        Assert.Equal(ExitCode.Success, await RunAsync("run"));
    }

    [Theory]
    [InlineData("--binding", "mine", "auto, own, defer")]
    [InlineData("--lease-duration", "15", "15s")]
    [InlineData("--max-parallel-reconciles", "0", "1 to 1024")]
    [InlineData("--health-probe-bind-address", "8081", ":8081")]
    [InlineData("--log-level", "loud", "trace, debug, info, warn, error")]
    [InlineData("--otlp-endpoint", "collector:4317", "http://")]
    [InlineData("--leader-elect", "yes", "true, false")]
    public async Task A_bad_value_is_one_line_that_names_the_option_and_what_is_expected(string flag, string value, string expected)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync("run", $"{flag}={value}"));

        var line = OnlyErrorLine();
        Assert.StartsWith($"storage-operator: {flag}: \"{value}\"", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.Null(_options);
    }

    [Fact]
    public async Task A_bad_value_from_the_environment_names_the_variable()
    {
        _environment["STORAGE_OPERATOR_RETRY_PERIOD"] = "soon";

        Assert.Equal(ExitCode.Usage, await RunAsync("run"));
        Assert.StartsWith("storage-operator: STORAGE_OPERATOR_RETRY_PERIOD: \"soon\"", OnlyErrorLine(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lease-duration=10s", "--renew-deadline=10s", "--lease-duration must be longer")]
    [InlineData("--renew-deadline=2400ms", "--retry-period=2s", "--renew-deadline must be more")]
    [InlineData("--health-probe-bind-address=:9", "--metrics-bind-address=:9", "different ports")]
    public async Task Options_that_do_not_go_together_are_refused(string first, string second, string expected)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync("run", first, second));
        Assert.Contains(expected, OnlyErrorLine(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run", "--nope")]
    [InlineData("run", "--log-level")]
    [InlineData("run", "stray")]
    [InlineData("walk")]
    [InlineData]
    [InlineData("run", "@file")]
    public async Task What_is_not_understood_is_one_line_and_points_to_the_help(params string[] arguments)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync(arguments));
        Assert.Contains("--help", OnlyErrorLine(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_every_option_with_its_variable()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("run", "--help"));

        var help = _output.ToString();
        Assert.All(OptionDefinitions.All, definition =>
        {
            Assert.Contains(definition.Flag, help, StringComparison.Ordinal);
            Assert.Contains($"[env: {definition.EnvironmentVariable}]", help, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Version_tells_number_commit_and_runtime()
    {
        Assert.Equal(ExitCode.Success, await RunAsync("version"));

        var text = _output.ToString();
        Assert.StartsWith($"storage-operator {ProgramVersion.Number}", text, StringComparison.Ordinal);
        Assert.Contains("commit:", text, StringComparison.Ordinal);
        Assert.Contains("JIT", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_the_person_can_mend_is_one_line_however_long_its_message()
    {
        Assert.Equal(ExitCode.Usage, await InvokeAsync(["run"], _ => throw new UsageException("first\n  second\r\n")));
        Assert.Equal("storage-operator: first second", OnlyErrorLine());
    }

    private Task<int> RunAsync(params string[] arguments) => InvokeAsync(arguments, options =>
    {
        _options = options;
        return ExitCode.Success;
    });

    private Task<int> InvokeAsync(string[] arguments, Func<OperatorOptions, int> run) => new OperatorCommandLine(
        (options, _) => Task.FromResult(run(options)),
        name => _environment.GetValueOrDefault(name),
        _output,
        _error).InvokeAsync(arguments, TestContext.Current.CancellationToken);

    private string OnlyErrorLine() => Assert.Single(_error.ToString().Split(_error.NewLine, StringSplitOptions.RemoveEmptyEntries));
}
