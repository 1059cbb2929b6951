using System.Text.Json.Nodes;

namespace StorageOperator.Testing;

/// <summary>
/// The cluster that <c>TEST_KUBECONFIG</c> names. There is only one, so whoever wants it waits for its turn. Its default classes are no
/// default while tests have it; otherwise it is left as it was found, as far as the tests clean up.
/// </summary>
public sealed class ExistingCluster : ICluster
{
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    private static readonly SemaphoreSlim Turn = new(1);

    private readonly KubernetesApi _api;
    private readonly IReadOnlyList<string> _defaultClasses;

    private ExistingCluster(string kubeconfig, KubernetesConnection connection, KubernetesApi api, ServerVersion version, IReadOnlyList<string> defaultClasses)
    {
        _api = api;
        _defaultClasses = defaultClasses;
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

        await Turn.WaitAsync(cancellationToken);
        var connection = KubernetesConnection.Read(kubeconfig);
        var api = new KubernetesApi(connection);
        try
        {
            var defaultClasses = await DefaultClasses(api, cancellationToken);
            await SetDefault(api, defaultClasses, false);
            return new ExistingCluster(kubeconfig, connection, api, await api.Version(cancellationToken), defaultClasses);
        }
        catch
        {
            api.Dispose();
            Turn.Release();
            throw;
        }
    }

    public Task<IReadOnlyList<RequestCount>?> Requests(CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<RequestCount>?>(null);

    public async ValueTask DisposeAsync()
    {
        await SetDefault(_api, _defaultClasses, true);
        _api.Dispose();
        Turn.Release();
    }

    private static async Task<IReadOnlyList<string>> DefaultClasses(KubernetesApi api, CancellationToken cancellationToken) =>
    [
        .. from o in (await api.Get(ResourcePath.Collection("StorageClass"), cancellationToken)).Succeeded()["items"]!.AsArray()
           where (string?)o!["metadata"]!["annotations"]?[DefaultClass] == "true"
           select (string)o["metadata"]!["name"]!,
    ];

    private static async Task SetDefault(KubernetesApi api, IReadOnlyList<string> classes, bool isDefault)
    {
        foreach (var name in classes)
        {
            var annotations = new JsonObject { [DefaultClass] = isDefault ? "true" : "false" };
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = annotations } };
            (await api.Patch(ResourcePath.Object("StorageClass", null, name), patch)).Succeeded();
        }
    }
}
