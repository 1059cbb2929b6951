using StorageOperator.Testing;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>
/// The volume controllers under test: the operator, or, to test this suite itself, kube-controller-manager
/// (<c>CONFORMANCE_IMPLEMENTATION=kube-controller-manager</c>, from the envtest assets).
/// </summary>
/// <param name="Quiet">How long nothing may move before a state counts as settled: longer than its shortest period of doing things again.</param>
internal sealed record Implementation(string Name, TimeSpan Quiet, Func<ICluster, CancellationToken, Task<RunningImplementation>> Start)
{
    public static Implementation Chosen => Environment.GetEnvironmentVariable("CONFORMANCE_IMPLEMENTATION") switch
    {
        null or "" or "operator" => Operator,
        "kube-controller-manager" => KubeControllerManager,
        var other => throw new InvalidOperationException($"CONFORMANCE_IMPLEMENTATION is '{other}'; it must be operator or kube-controller-manager."),
    };

    private static Implementation Operator => new("operator", TimeSpan.FromSeconds(1), async (cluster, cancellationToken) =>
    {
        var process = await OperatorProcess.Start(cluster.KubeconfigPath, cancellationToken: cancellationToken);
        return new RunningImplementation(process.Process);
    });

    // The flags that the scenarios were recorded with; Recorded/README.md.
    private static Implementation KubeControllerManager => new("kube-controller-manager", TimeSpan.FromSeconds(2.5), async (cluster, _) =>
        new RunningImplementation(await ControlPlane.StartKubeControllerManager(cluster.KubeconfigPath,
        [
            "--controllers=persistentvolume-binder,persistentvolume-expander,pvc-protection,pv-protection",
            "--kube-api-qps=10000", "--kube-api-burst=10000", "--pvclaimbinder-sync-period=1s",
        ])));
}

/// <summary>The volume controllers at work.</summary>
internal sealed class RunningImplementation(ChildProcess process) : IAsyncDisposable
{
    public bool HasEnded => process.HasExited;

    public string Output => process.Output;

    public string LastLines => process.LastLines();

    /// <summary>The last lines of its log that are about a scenario.</summary>
    public string LogAbout(Scenario scenario) => string.Join(
        '\n', process.Output.Split('\n').Where(line => line.Contains(scenario.Id, StringComparison.Ordinal)).TakeLast(15));

    public async ValueTask DisposeAsync()
    {
        await process.Stop();
        await process.DisposeAsync();
    }
}
