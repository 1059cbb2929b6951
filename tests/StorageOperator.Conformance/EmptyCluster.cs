using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>A cluster on which nobody works but the tests of one class, one after another; each starts the operator as it needs it.</summary>
public sealed class EmptyCluster : IAsyncLifetime
{
    private ICluster? _cluster;
    private KubernetesApi? _api;

    public ICluster Cluster => _cluster!;

    public KubernetesApi Api => _api!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Testing.Cluster.Start();
        _api = new KubernetesApi(_cluster.Connection);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await (_cluster?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}

/// <summary>Tests on such a cluster.</summary>
public abstract class EmptyClusterTests(EmptyCluster empty) : IClassFixture<EmptyCluster>
{
    protected ICluster Cluster => empty.Cluster;

    protected KubernetesApi Api => empty.Api;
}
