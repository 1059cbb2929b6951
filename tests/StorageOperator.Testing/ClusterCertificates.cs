using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StorageOperator.Testing;

/// <summary>A certificate authority of a test cluster's own, the API server's certificate and the key for service accounts.</summary>
internal sealed class ClusterCertificates
{
    private ClusterCertificates(string folder)
    {
        AuthorityFile = Path.Combine(folder, "ca.crt");
        ServerFile = Path.Combine(folder, "apiserver.crt");
        ServerKeyFile = Path.Combine(folder, "apiserver.key");
        ServiceAccountKeyFile = Path.Combine(folder, "service-accounts.key");
    }

    public string AuthorityFile { get; }

    public string ServerFile { get; }

    public string ServerKeyFile { get; }

    public string ServiceAccountKeyFile { get; }

    /// <summary>Makes them, valid for a day, and writes them to files in <paramref name="folder"/>.</summary>
    public static ClusterCertificates Create(string folder)
    {
        var files = new ClusterCertificates(folder);
        var from = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        var until = from.AddDays(1);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var authority = Authority(authorityKey).CreateSelfSigned(from, until.AddHours(1));
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = Server(serverKey).Create(authority, from, until, RandomNumberGenerator.GetBytes(16));
        using var serviceAccounts = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        File.WriteAllText(files.AuthorityFile, authority.ExportCertificatePem());
        File.WriteAllText(files.ServerFile, server.ExportCertificatePem());
        File.WriteAllText(files.ServerKeyFile, serverKey.ExportECPrivateKeyPem());
        File.WriteAllText(files.ServiceAccountKeyFile, serviceAccounts.ExportECPrivateKeyPem());
        return files;
    }

    private static CertificateRequest Authority(ECDsa key)
    {
        var request = new CertificateRequest("CN=storage-operator-tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request;
    }

    private static CertificateRequest Server(ECDsa key)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        return request;
    }
}
