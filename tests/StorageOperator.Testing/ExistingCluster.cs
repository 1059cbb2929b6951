namespace StorageOperator.Testing;

/// <summary>The cluster that <c>TEST_KUBECONFIG</c> names. It is left as it was found, as far as the tests that use it clean up.</summary>
public sealed class ExistingCluster : ICluster
{
    private ExistingCluster(string kubeconfig, KubernetesConnection connection, ServerVersion version)
    {
        KubeconfigPath = kubeconfig;
        Connection = connection;
        Version = version;
    }

    public string Name => $"existing cluster {Version}";

    public string KubeconfigPath { get; }

    public KubernetesConnection Connection { get; }

    public ServerVersion Version { get; }

    public static async Task<ExistingCluster> Connect(CancellationToken cancellationToken = default)
    {
        var kubeconfig = Environment.GetEnvironmentVariable("TEST_KUBECONFIG");
        if (string.IsNullOrEmpty(kubeconfig))
        {
            throw new InvalidOperationException("CONFORMANCE_CLUSTER is existing, but TEST_KUBECONFIG names no kubeconfig file.");
        }

        var connection = KubernetesConnection.Read(kubeconfig);
        using var api = new KubernetesApi(connection);
        return new ExistingCluster(kubeconfig, connection, await api.Version(cancellationToken));
    }

    public Task<IReadOnlyList<RequestCount>?> Requests(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<RequestCount>?>(null);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
