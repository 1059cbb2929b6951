using StorageOperator.Conformance.Scenarios;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>A cluster with a node, and the operator at work on it; shared by the tests that leave others' objects alone.</summary>
public sealed class RunningOperator : IAsyncLifetime
{
    private ICluster? _cluster;
    private KubernetesApi? _api;
    private Kubectl? _kubectl;
    private RunningImplementation? _implementation;

    public ICluster Cluster => _cluster!;

    public KubernetesApi Api => _api!;

    public Kubectl Kubectl => _kubectl!;

    public string Log => _implementation!.Output;

    public async ValueTask InitializeAsync()
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
    }
}

/// <summary>Tests that share the running operator; they run one after another.</summary>
[Collection(nameof(RunningOperator))]
public abstract class RunningOperatorTests(RunningOperator running)
{
    protected KubernetesApi Api => running.Api;

    protected Kubectl Kubectl => running.Kubectl;

    protected string Log => running.Log;
}

[CollectionDefinition(nameof(RunningOperator))]
public sealed class RunningOperatorCollection : ICollectionFixture<RunningOperator>;
