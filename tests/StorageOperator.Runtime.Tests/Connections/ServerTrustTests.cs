using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StorageOperator.Runtime.Connections;

namespace StorageOperator.Runtime.Tests.Connections;

public sealed class ServerTrustTests : IDisposable
{
    private readonly X509Certificate2 _ours = Authority("ours");
    private readonly X509Certificate2 _others = Authority("others");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("runtime-tests-");

    public void Dispose()
    {
        _ours.Dispose();
        _others.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_certificate_of_our_authority_is_accepted()
    {
        using var server = Issued(_ours);
        Assert.True(Trust(_ours).Accepts(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Theory]
    [InlineData(SslPolicyErrors.None)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors)]
    public void A_certificate_of_another_authority_is_refused_even_if_the_system_trusts_it(SslPolicyErrors errors)
    {
        using var server = Issued(_others);
        Assert.False(Trust(_ours).Accepts(this, server, null, errors));
    }

    [Fact]
    public void A_wrong_name_is_refused_whoever_vouches_for_it()
    {
        using var server = Issued(_ours);
        Assert.False(Trust(_ours).Accepts(this, server, null, SslPolicyErrors.RemoteCertificateNameMismatch));
        Assert.False(Trust(_ours).Accepts(this, server, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors));
    }

    [Fact]
    public void An_authority_that_was_rotated_in_its_file_is_trusted_without_a_restart()
    {
        var file = Path.Combine(_folder.FullName, "ca.crt");
        File.WriteAllText(file, _ours.ExportCertificatePem());
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(50));
        var trust = new ServerTrust([_ours], file);
        using var server = Issued(_others);
        Assert.False(trust.Accepts(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors));

        File.WriteAllText(file, "half a file");
        Assert.False(trust.Accepts(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors));
        File.WriteAllText(file, _others.ExportCertificatePem());
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(52));
        Assert.True(trust.Accepts(this, server, null, SslPolicyErrors.RemoteCertificateChainErrors));
    }

    private static ServerTrust Trust(X509Certificate2 authority) => new([authority], null);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
    }

    private static X509Certificate2 Issued(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256).Create(authority, Now.AddDays(-1), Now.AddDays(10), [1, 2, 3]);
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();
}
