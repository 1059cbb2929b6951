using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace StorageOperator.DevCluster.Serving;

/// <summary>The file by which clients find and may use the server.</summary>
internal static class Kubeconfig
{
    /// <summary>Writes the file in one step, readable by its owner only, so that nobody reads half of one.</summary>
    public static void Write(string path, Uri server, X509Certificate2 authority, string token) =>
        PrivateFile.Write(path, Text(server, authority, token));

    private static string Text(Uri server, X509Certificate2 authority, string token) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: devcluster
          cluster:
            server: {server.GetLeftPart(UriPartial.Authority)}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.ExportCertificatePem()))}
        users:
        - name: kubernetes-admin
          user:
            token: {token}
        contexts:
        - name: devcluster
          context:
            cluster: devcluster
            user: kubernetes-admin
            namespace: default
        current-context: devcluster

        """;
}
