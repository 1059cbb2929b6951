namespace StorageOperator.Testing;

/// <summary>A Kubernetes API server that tests run against.</summary>
public interface ICluster : IAsyncDisposable
{
    /// <summary>What kind of cluster it is, for messages.</summary>
    string Name { get; }

    /// <summary>A kubeconfig file of a user who may do everything.</summary>
    string KubeconfigPath { get; }

    KubernetesConnection Connection { get; }

    ServerVersion Version { get; }

    /// <summary>The requests that the server has answered so far, oldest first; null where the server does not tell.</summary>
    Task<IReadOnlyList<ApiRequest>?> Requests(CancellationToken cancellationToken = default);
}

/// <summary>A request that an API server answered.</summary>
/// <param name="Verb">Kubernetes' verb: get, list, watch, create, update, patch, delete, ...</param>
/// <param name="Path">The path, without the query.</param>
/// <param name="UserAgent">What the client calls itself.</param>
/// <param name="Received">When the server began to work on it.</param>
/// <param name="Answered">When it had answered.</param>
public sealed record ApiRequest(string Verb, string Path, string UserAgent, int Status, DateTimeOffset Received, DateTimeOffset Answered)
{
    public bool IsWrite => Verb is "create" or "update" or "patch" or "delete" or "deletecollection";

    public bool IsOfTests => UserAgent.StartsWith(KubernetesApi.UserAgent, StringComparison.Ordinal);
}

/// <summary>The clusters to choose from.</summary>
public static class Cluster
{
    /// <summary>
    /// The cluster that <c>CONFORMANCE_CLUSTER</c> names: <c>embedded</c> (default), <c>real</c> or <c>existing</c>.
    /// <c>TEST_KUBECONFIG</c> alone means <c>existing</c>.
    /// </summary>
    public static string Chosen
    {
        get
        {
            var chosen = Environment.GetEnvironmentVariable("CONFORMANCE_CLUSTER");
            var existing = Environment.GetEnvironmentVariable("TEST_KUBECONFIG");
            return !string.IsNullOrEmpty(chosen) ? chosen : !string.IsNullOrEmpty(existing) ? "existing" : "embedded";
        }
    }

    /// <summary>Starts the chosen cluster, or connects to it.</summary>
    public static async Task<ICluster> Start(CancellationToken cancellationToken = default) => Chosen switch
    {
        "embedded" => await EmbeddedCluster.Start(cancellationToken: cancellationToken),
        "real" => await RealApiServer.Start(cancellationToken),
        "existing" => await ExistingCluster.Connect(cancellationToken),
        var other => throw new InvalidOperationException($"CONFORMANCE_CLUSTER is '{other}'; it must be embedded, real or existing."),
    };
}
