using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace StorageOperator.Runtime.Connections;

/// <summary>
/// Trusts servers whose certificate chains to the cluster's own authorities. When the authorities come from a file that has changed since
/// it was
/// read (rotation in a running pod), a refused certificate is judged once more by the new contents.
/// </summary>
internal sealed class ServerTrust(X509Certificate2Collection roots, string? file)
{
    private readonly Lock _gate = new();
    private X509Certificate2Collection _roots = roots;
    private DateTime _readAt = file is not null && File.Exists(file) ? File.GetLastWriteTimeUtc(file) : default;

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        // A wrong name or a missing certificate stays wrong. An intact chain does not help either: it may end at an authority of the
        // system's,
        // while only those the connection names may vouch for the cluster.
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None || certificate is null)
        {
            return false;
        }

        using var copy = new X509Certificate2(certificate);
        return ChainsTo(Current(), copy, presented) || (Reload() && ChainsTo(Current(), copy, presented));
    }

    private X509Certificate2Collection Current()
    {
        lock (_gate)
        {
            return _roots;
        }
    }

    private static bool ChainsTo(X509Certificate2Collection roots, X509Certificate2 certificate, X509Chain? presented)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        foreach (var element in presented?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(certificate);
    }

    private bool Reload()
    {
        if (file is null || !File.Exists(file) || File.GetLastWriteTimeUtc(file) == _readAt)
        {
            return false;
        }

        try
        {
            var at = File.GetLastWriteTimeUtc(file);
            var read = new X509Certificate2Collection();
            read.ImportFromPemFile(file);
            lock (_gate)
            {
                (_roots, _readAt) = (read, at);
            }

            return true;
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            return false;
        }
    }
}
