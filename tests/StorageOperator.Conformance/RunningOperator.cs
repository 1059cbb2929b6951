using StorageOperator.Conformance.Scenarios;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>A cluster with a node, and the operator at work on it; shared by the tests that leave others' objects alone.</summary>
/// <remarks>It is started by the first test that asks for it, so that a run of other tests does without.</remarks>
public sealed class RunningOperator : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private ICluster? _cluster;
    private KubernetesApi? _api;
    private Kubectl? _kubectl;
    private RunningImplementation? _implementation;

    public ICluster Cluster => _cluster!;

    public KubernetesApi Api => _api!;

    public Kubectl Kubectl => _kubectl!;

    public string Log => _implementation!.Output;

    /// <summary>Starts cluster and operator, once.</summary>
    public async Task Start()
    {
        await _starting.WaitAsync();
        try
        {
            if (_implementation is null)
            {
                await StartOnce();
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StartOnce()
    {
        _cluster = await Testing.Cluster.Start(withNode: true);
        _api = new KubernetesApi(_cluster.Connection);
        _kubectl = new Kubectl(_cluster);
        _implementation = await Implementation.Chosen.Start(_cluster, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await (_implementation?.DisposeAsync() ?? ValueTask.CompletedTask);
        _kubectl?.Dispose();
        _api?.Dispose();
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
        _starting.Dispose();
    }
}

/// <summary>Tests that share the running operator.</summary>
public abstract class RunningOperatorTests(RunningOperator running) : IAsyncLifetime
{
    protected KubernetesApi Api => running.Api;

    protected Kubectl Kubectl => running.Kubectl;

    protected string Log => running.Log;

    public async ValueTask InitializeAsync() => await running.Start();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
