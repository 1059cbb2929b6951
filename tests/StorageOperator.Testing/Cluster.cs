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

    /// <summary>How many requests of each sort the server has got so far; null where the server does not tell.</summary>
    Task<IReadOnlyList<RequestCount>?> Requests(CancellationToken cancellationToken = default);
}

/// <summary>How many requests of one sort an API server has got.</summary>
/// <param name="Verb">Kubernetes' verb: get, list, watch, create, update, patch, delete, ...</param>
/// <param name="Resource">The plural name, with <c>/status</c> or the like for a subresource.</param>
/// <param name="Client">What the client calls itself, up to the first slash.</param>
public sealed record RequestCount(string Verb, string Resource, string Client, long Count)
{
    /// <summary>Whether it changed something, or tried to, and came from others than the tests themselves.</summary>
    public bool IsWriteOfOthers => Verb is "create" or "update" or "patch" or "delete" or "deletecollection"
        && Client != KubernetesApi.UserAgent && Client != "kubectl";
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
    /// <param name="withNode">Whether pods are to be scheduled: on a real kube-scheduler, or on what stands in for it.</param>
    public static async Task<ICluster> Start(bool withNode = false, CancellationToken cancellationToken = default) => Chosen switch
    {
        "embedded" => await EmbeddedCluster.Start(withNode ? ["--simulate-nodes", "1"] : [], cancellationToken),
        "real" => await RealApiServer.Start(withNode, cancellationToken: cancellationToken),
        "existing" => await ExistingCluster.Connect(cancellationToken),
        var other => throw new InvalidOperationException($"CONFORMANCE_CLUSTER is '{other}'; it must be embedded, real or existing."),
    };
}
