using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StorageOperator.DevCluster.Serving;

/// <summary>A certificate authority made for this server, and the certificate it serves with on loopback.</summary>
internal sealed class ServingCertificate : IDisposable
{
    private ServingCertificate(X509Certificate2 authority, X509Certificate2 server)
    {
        Authority = authority;
        Server = server;
    }

    /// <summary>The authority, for clients to trust.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>The server's certificate with its private key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>Makes both; they are valid for ten years from an hour ago, for clocks that differ.</summary>
    public static ServingCertificate Create(TimeProvider time)
    {
        DateTimeOffset from = time.GetUtcNow().AddHours(-1), to = from.AddYears(10);
        using ECDsa authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 authority = AuthorityRequest(authorityKey).CreateSelfSigned(from, to);
        using X509Certificate2 bare = ServerRequest(serverKey, authority).Create(authority, from, to, RandomNumberGenerator.GetBytes(16));
        return new ServingCertificate(authority, bare.CopyWithPrivateKey(serverKey));
    }

    /// <summary>Takes up the certificates that <see cref="ToPem"/> gave.</summary>
    /// <exception cref="CryptographicException">The text does not hold them.</exception>
    public static ServingCertificate FromPem(string pem)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPem(pem);
        if (certificates.Count != 2)
        {
            throw new CryptographicException("two certificates are expected");
        }
        using ECDsa key = ECDsa.Create();
        key.ImportFromPem(pem);
        return new ServingCertificate(certificates[0], certificates[1].CopyWithPrivateKey(key));
    }

    /// <summary>Both certificates and the server's key; the authority signs nothing else, so its key is forgotten.</summary>
    public string ToPem()
    {
        using ECDsa key = Server.GetECDsaPrivateKey()!;
        return $"{Authority.ExportCertificatePem()}\n{Server.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Authority.Dispose();
        Server.Dispose();
    }

    private static CertificateRequest AuthorityRequest(ECDsa key)
    {
        var request = new CertificateRequest("CN=storage-devcluster-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static CertificateRequest ServerRequest(ECDsa key, X509Certificate2 authority)
    {
        var request = new CertificateRequest("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
                authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
