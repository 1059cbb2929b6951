using System.Security.Cryptography.X509Certificates;
using System.Text;
using YamlDotNet.RepresentationModel;

namespace StorageOperator.Testing;

/// <summary>What it takes to talk to an API server: the part of a kubeconfig file that tests need.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Authority">The certificate authority that signed its certificate, as PEM; null means the machine's own.</param>
/// <param name="Token">A bearer token, if that is how the user is known.</param>
/// <param name="ClientCertificate">The user's certificate as PEM, if that is how the user is known.</param>
/// <param name="ClientKey">The key of <paramref name="ClientCertificate"/> as PEM.</param>
public sealed record KubernetesConnection(Uri Server, string? Authority, string? Token, string? ClientCertificate = null, string? ClientKey = null)
{
    /// <summary>Reads the current context of a kubeconfig file. Credential plugins are not supported.</summary>
    public static KubernetesConnection Read(string kubeconfig)
    {
        var yaml = new YamlStream();
        using (var reader = new StreamReader(kubeconfig))
        {
            yaml.Load(reader);
        }

        var root = (YamlMappingNode)yaml.Documents[0].RootNode;
        var context = Named(root, "contexts", "context", Text(root, "current-context")!);
        var cluster = Named(root, "clusters", "cluster", Text(context, "cluster")!);
        var user = Named(root, "users", "user", Text(context, "user")!);
        var folder = Path.GetDirectoryName(Path.GetFullPath(kubeconfig))!;
        return new KubernetesConnection(
            new Uri(Text(cluster, "server")!),
            Pem(cluster, "certificate-authority", folder),
            Text(user, "token") ?? TokenFile(user, folder),
            Pem(user, "client-certificate", folder),
            Pem(user, "client-key", folder));
    }

    /// <summary>Writes it as a kubeconfig file. It has a token in it: its folder must be closed to others.</summary>
    public void Write(string kubeconfig)
    {
        File.WriteAllText(kubeconfig, $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: test
              cluster:
                server: {Server.ToString().TrimEnd('/')}
                certificate-authority-data: {Base64(Authority ?? throw new InvalidOperationException("A kubeconfig without an authority is not written here."))}
            users:
            - name: test
              user:
                token: {Token ?? throw new InvalidOperationException("A kubeconfig without a token is not written here.")}
            contexts:
            - name: test
              context: {"{"} cluster: test, user: test {"}"}
            current-context: test

            """);
    }

    /// <summary>An HTTP handler that trusts this server only and shows it who the user is.</summary>
    public SocketsHttpHandler Handler()
    {
        // A hundred scenarios may wait for answers at once: one connection carries them as HTTP/2 streams, more join when it is full.
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        if (Authority is not null)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(Authority);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        if (ClientCertificate is not null)
        {
            handler.SslOptions.ClientCertificates = [X509Certificate2.CreateFromPem(ClientCertificate, ClientKey)];
        }

        return handler;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static YamlMappingNode Named(YamlMappingNode root, string list, string part, string name) =>
        (YamlMappingNode)((YamlSequenceNode)root[list]).Cast<YamlMappingNode>().Single(entry => Text(entry, "name") == name)[part];

    private static string? Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) ? ((YamlScalarNode)value).Value : null;

    private static string? Pem(YamlMappingNode node, string key, string folder)
    {
        if (Text(node, key + "-data") is { Length: > 0 } data)
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(data));
        }

        return Text(node, key) is { Length: > 0 } file ? File.ReadAllText(Path.Combine(folder, file)) : null;
    }

    private static string? TokenFile(YamlMappingNode user, string folder) =>
        Text(user, "tokenFile") is { Length: > 0 } file ? File.ReadAllText(Path.Combine(folder, file)).Trim() : null;
}
