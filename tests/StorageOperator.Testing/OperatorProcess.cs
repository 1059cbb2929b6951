using System.Net;

namespace StorageOperator.Testing;

/// <summary>The built operator, running against a cluster.</summary>
public sealed class OperatorProcess : IAsyncDisposable
{
    private static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(2) };

    private readonly int _healthPort;
    private readonly int _metricsPort;

    private OperatorProcess(ChildProcess process, int healthPort, int metricsPort)
    {
        Process = process;
        _healthPort = healthPort;
        _metricsPort = metricsPort;
    }

    public ChildProcess Process { get; }

    public string Log => Process.Output;

    /// <summary>Starts the operator as the one that binds, and waits until it says that it is ready.</summary>
    /// <param name="arguments">Further options of <c>run</c>.</param>
    public static async Task<OperatorProcess> Start(
        string kubeconfig, IEnumerable<string>? arguments = null, CancellationToken cancellationToken = default)
    {
        var started = await Launch(kubeconfig, arguments);
        try
        {
            await started.UntilReady(cancellationToken: cancellationToken);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the operator and does not wait.</summary>
    /// <param name="program">Another program that takes the same options, such as the crash host.</param>
    /// <param name="environment">Variables set for it.</param>
    public static async Task<OperatorProcess> Launch(
        string kubeconfig,
        IEnumerable<string>? arguments = null,
        string? program = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        var ports = FreePort.Take(2);
        var process = await ChildProcess.Start(
            program ?? Programs.Operator,
            [
                "run", "--kubeconfig", kubeconfig, "--binding", "own",
                "--health-probe-bind-address", $"127.0.0.1:{ports[0]}", "--metrics-bind-address", $"127.0.0.1:{ports[1]}", "--metrics-secure=false",
                .. arguments ?? [],
            ],
            environment);
        return new OperatorProcess(process, ports[0], ports[1]);
    }

    /// <summary>Waits until <c>/readyz</c> says yes.</summary>
    /// <exception cref="InvalidOperationException">The operator ended instead.</exception>
    public async Task UntilReady(TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        await Eventually.Holds(
            "the operator to be ready",
            async token => Process.HasExited || await Answer("/readyz", token) == HttpStatusCode.OK,
            within: within,
            between: TimeSpan.FromMilliseconds(20),
            lastSeen: () => Process.LastLines(10),
            cancellationToken: cancellationToken);
        if (Process.HasExited)
        {
            throw new InvalidOperationException($"The operator ended with {Process.ExitCode} at its start:\n{Process.LastLines()}");
        }
    }

    /// <summary>What a probe answers now.</summary>
    public async Task<HttpStatusCode> Answer(string probe, CancellationToken cancellationToken = default)
    {
        using var response = await Probe.GetAsync(new Uri($"http://127.0.0.1:{_healthPort}{probe}"), cancellationToken);
        return response.StatusCode;
    }

    /// <summary>The metrics as they are scraped.</summary>
    public Task<string> Metrics(CancellationToken cancellationToken = default) =>
        Probe.GetStringAsync(new Uri($"http://127.0.0.1:{_metricsPort}/metrics"), cancellationToken);

    /// <summary>Stops it in order, so that the next one need not wait for its lease to run out.</summary>
    public async ValueTask DisposeAsync()
    {
        await Process.Stop();
        await Process.DisposeAsync();
    }
}
