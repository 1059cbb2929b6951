using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using YamlDotNet.Core;

namespace StorageOperator.Runtime.Connections;

/// <summary>
/// Where the API server is, whom to trust and who we are: read by the official client from a kubeconfig or from a pod's service account.
/// </summary>
public sealed class ApiConnection
{
    private readonly KubernetesClientConfiguration _configuration;

    private ApiConnection(KubernetesClientConfiguration configuration, string source, Uri baseAddress, string? trustFile)
    {
        _configuration = configuration;
        Source = source;
        BaseAddress = baseAddress;
        TrustFile = trustFile;
    }

    /// <summary>The API server, with the path it is served under, ending in a slash-less path.</summary>
    public Uri BaseAddress { get; }

    /// <summary>Where this connection was read from, for messages.</summary>
    public string Source { get; }

    /// <summary>The namespace of the context or of the pod, or null.</summary>
    public string? Namespace => _configuration.Namespace;

    /// <summary>The file of certificate authorities that may be rotated while we run; null when there is none.</summary>
    internal string? TrustFile { get; }

    /// <summary>
    /// Reads a connection: from <paramref name="kubeConfigPath"/>; else from the files of <c>KUBECONFIG</c>; else from the pod's service
    /// account; else from <c>~/.kube/config</c>.
    /// </summary>
    /// <exception cref="ConnectionException">There is none, or it is not usable.</exception>
    public static ApiConnection Load(string? kubeConfigPath = null, string? context = null)
    {
        if (kubeConfigPath is not null)
        {
            return FromFiles([kubeConfigPath], kubeConfigPath, context);
        }

        var fromEnvironment = Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        if (fromEnvironment is { Length: > 0 })
        {
            return FromFiles(fromEnvironment, $"{string.Join(Path.PathSeparator, fromEnvironment)} (from KUBECONFIG)", context);
        }

        if (KubernetesClientConfiguration.IsInCluster())
        {
            return InCluster();
        }

        var home = KubernetesClientConfiguration.KubeConfigDefaultLocation;
        return File.Exists(home)
            ? FromFiles([home], home, context)
            : throw new ConnectionException(
                $"no API server to connect to: not in a pod, KUBECONFIG is not set and {home} does not exist; give --kubeconfig FILE");
    }

    /// <summary>What adds the identity to a request, or null when the identity is in the client certificate or there is none.</summary>
    internal ServiceClientCredentials? CreateCredentials() =>
        Guard(() => Kubernetes.CreateCredentials(_configuration), Source);

    /// <summary>TLS for this connection; null for plain HTTP.</summary>
    internal SslClientAuthenticationOptions? CreateTls()
    {
        if (BaseAddress.Scheme != Uri.UriSchemeHttps)
        {
            return null;
        }

        var options = new SslClientAuthenticationOptions { TargetHost = _configuration.TlsServerName ?? BaseAddress.Host };
        if (Guard(ClientCertificate, Source) is { } certificate)
        {
            options.ClientCertificates = [certificate];
        }

        if (_configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // the kubeconfig says insecure-skip-tls-verify
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_configuration.SslCaCerts is { Count: > 0 } roots)
        {
            options.RemoteCertificateValidationCallback = new ServerTrust(roots, TrustFile).Accepts;
        }

        return options;
    }

    private static ApiConnection InCluster()
    {
        const string ServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";
        var source = $"the pod's service account ({ServiceAccount})";
        var configuration = Guard(KubernetesClientConfiguration.InClusterConfig, source);
        return Make(configuration, source, Path.Combine(ServiceAccount, "ca.crt"));
    }

    private static ApiConnection FromFiles(string[] paths, string source, string? context)
    {
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                throw new ConnectionException($"kubeconfig {path} is a folder; give the file inside it");
            }
        }

        var existing = paths.Where(File.Exists).Select(p => new FileInfo(p)).ToArray();
        if (existing.Length == 0)
        {
            throw new ConnectionException($"kubeconfig {source} does not exist; check the path given with --kubeconfig or KUBECONFIG");
        }

        var configuration = Guard(
            () =>
            {
                var config = existing.Select(Read).Aggregate(Merge);
                KubeConfigCheck.ThrowIfUnusable(config, context);
                return KubernetesClientConfiguration.BuildConfigFromConfigObject(config, context);
            },
            $"kubeconfig {source}");
        return Make(configuration, $"kubeconfig {source}", null);
    }

    private static K8SConfiguration Read(FileInfo file) =>
        file.Length > 0 && KubernetesClientConfiguration.LoadKubeConfig(file) is { } read ? read : throw new KubeConfigException("the file is empty");

    /// <summary>kubectl's rule for several files: what comes first wins.</summary>
    private static K8SConfiguration Merge(K8SConfiguration first, K8SConfiguration second)
    {
        first.CurrentContext ??= second.CurrentContext;
        first.Clusters = [.. first.Clusters ?? [], .. second.Clusters ?? []];
        first.Contexts = [.. first.Contexts ?? [], .. second.Contexts ?? []];
        first.Users = [.. first.Users ?? [], .. second.Users ?? []];
        return first;
    }

    private X509Certificate2? ClientCertificate()
    {
        var certificate = Pem(_configuration.ClientCertificateData, _configuration.ClientCertificateFilePath);
        var key = Pem(_configuration.ClientCertificateKeyData, _configuration.ClientKeyFilePath);
        return certificate is null ? null : X509Certificate2.CreateFromPem(certificate, key);
    }

    private static string? Pem(string? base64, string? path) =>
        !string.IsNullOrEmpty(base64) ? Encoding.UTF8.GetString(Convert.FromBase64String(base64))
        : !string.IsNullOrEmpty(path) ? File.ReadAllText(path)
        : null;

    private static ApiConnection Make(KubernetesClientConfiguration configuration, string source, string? trustFile) =>
        Uri.TryCreate(configuration.Host?.TrimEnd('/'), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new ApiConnection(configuration, source, address, trustFile)
            : throw new ConnectionException($"{source}: cluster.server \"{configuration.Host}\" is not an http(s) address; write it as https://HOST:PORT");

    private static T Guard<T>(Func<T> read, string source)
    {
        try
        {
            return read();
        }
        catch (YamlException e)
        {
            var why = OneLine(e.InnerException?.Message ?? e.Message);
            throw new ConnectionException($"{source}: line {e.Start.Line} is not valid YAML or not a kubeconfig: {why}; correct the file", e);
        }
        catch (FormatException e)
        {
            throw new ConnectionException(
                $"{source}: a ...-data field is not valid base64 ({OneLine(e.Message)}); write the file again or name the files instead", e);
        }
        catch (CryptographicException e)
        {
            throw new ConnectionException(
                $"{source}: a certificate or key cannot be read ({OneLine(e.Message)}); "
                + "check certificate-authority, client-certificate and client-key",
                e);
        }
        catch (Exception e) when (e is KubeConfigException or KubernetesException or IOException or UnauthorizedAccessException or ArgumentException
                                      or InvalidOperationException or InvalidCastException or NullReferenceException or NotSupportedException)
        {
            var isOther = e is NullReferenceException or InvalidCastException;
            var why = isOther ? "it is not a kubeconfig (clusters, contexts and users are missing)" : OneLine(e.Message);
            throw new ConnectionException($"{source}: {why}; correct the file", e);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
}
