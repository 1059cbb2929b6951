using k8s.Exceptions;
using k8s.KubeConfigModels;

namespace StorageOperator.Runtime.Connections;

/// <summary>Finds what is missing in a kubeconfig and says it by the names in the file, which the client's own messages do not.</summary>
internal static class KubeConfigCheck
{
    /// <exception cref="KubeConfigException">Something that the chosen context needs is missing.</exception>
    public static void ThrowIfUnusable(K8SConfiguration config, string? context)
    {
        var name = context ?? config.CurrentContext;
        Require(!string.IsNullOrEmpty(name), $"current-context is not set; set it to one of: {Names(config.Contexts?.Select(c => c.Name))}");
        var chosen = config.Contexts?.FirstOrDefault(c => c.Name == name);
        Require(chosen is not null, $"context \"{name}\" is not among its contexts: {Names(config.Contexts?.Select(c => c.Name))}");

        var clusterName = chosen!.ContextDetails?.Cluster;
        var cluster = config.Clusters?.FirstOrDefault(c => c.Name == clusterName);
        Require(
            cluster is not null,
            $"context \"{name}\" names the cluster \"{clusterName}\", which is not among its clusters: {Names(config.Clusters?.Select(c => c.Name))}");
        Require(!string.IsNullOrEmpty(cluster!.ClusterEndpoint?.Server), $"cluster \"{clusterName}\" has no server; write it as https://HOST:PORT");

        var userName = chosen.ContextDetails!.User;
        if (!string.IsNullOrEmpty(userName))
        {
            var user = config.Users?.FirstOrDefault(u => u.Name == userName);
            Require(
                user is not null,
                $"context \"{name}\" names the user \"{userName}\", who is not among its users: {Names(config.Users?.Select(u => u.Name))}");
            CheckCertificate(userName, user!.UserCredentials);
        }
    }

    private static void CheckCertificate(string name, UserCredentials? credentials)
    {
        var hasCertificate = !string.IsNullOrEmpty(credentials?.ClientCertificateData ?? credentials?.ClientCertificate);
        var hasKey = !string.IsNullOrEmpty(credentials?.ClientKeyData ?? credentials?.ClientKey);
        Require(hasCertificate || !hasKey, $"user \"{name}\" has a client-key but no client-certificate; add it");
        Require(hasKey || !hasCertificate, $"user \"{name}\" has a client-certificate but no client-key; add it");
    }

    private static void Require(bool met, string message)
    {
        if (!met)
        {
            throw new KubeConfigException(message);
        }
    }

    private static string Names(IEnumerable<string>? names) => string.Join(", ", names ?? []) is { Length: > 0 } some ? some : "(it has none)";
}
