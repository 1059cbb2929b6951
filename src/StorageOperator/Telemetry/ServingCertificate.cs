using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StorageOperator.CommandLine;

namespace StorageOperator.Telemetry;

/// <summary>
/// The certificate that <c>/metrics</c> is served with: given as <c>tls.crt</c> and <c>tls.key</c> in a folder, as a mounted
/// <c>kubernetes.io/tls</c> secret has them, and read again when they change; or made by ourselves, for ourselves, at start.
/// </summary>
internal sealed class ServingCertificate
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);

    private readonly string? _folder;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private X509Certificate2 _certificate;
    private DateTime _written;
    private long _checked;

    private ServingCertificate(X509Certificate2 certificate, string? folder, TimeProvider time)
    {
        _certificate = certificate;
        _folder = folder;
        _time = time;
        _written = LastWrite();
        _checked = time.GetTimestamp();
    }

    /// <returns>Null when metrics are not served, or not securely.</returns>
    /// <exception cref="UsageException">The certificate cannot be read.</exception>
    public static ServingCertificate? For(OperatorOptions options, TimeProvider time)
    {
        if (options.MetricsBindAddress.IsOff || !options.MetricsSecure)
        {
            return null;
        }

        if (options.MetricsCertPath is not { } folder)
        {
            return new(MakeSelfSigned(time.GetUtcNow()), null, time);
        }

        try
        {
            return new(Load(folder), folder, time);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException(
                $"{OptionDefinitions.MetricsCertPath.Flag}: cannot read tls.crt and tls.key in {folder}: {failure.Message} Both must be PEM and belong together.", failure);
        }
    }

    public void ServeOn(ListenOptions listen) => listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => Current());

    /// <summary>The certificate to show now. A changed one that cannot be read, such as one half written, is tried again later.</summary>
    public X509Certificate2 Current()
    {
        lock (_gate)
        {
            if (_folder is not null && _time.GetElapsedTime(_checked) >= CheckInterval)
            {
                _checked = _time.GetTimestamp();
                Refresh(_folder);
            }

            return _certificate;
        }
    }

    private void Refresh(string folder)
    {
        var written = LastWrite();
        if (written == _written)
        {
            return;
        }

        try
        {
            _certificate = Load(folder);
            _written = written;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            // The old one stays in use; handshakes of the old one may still be under way, so it is not disposed either.
        }
    }

    private DateTime LastWrite() => _folder is null ? default : File.GetLastWriteTimeUtc(Path.Combine(_folder, "tls.crt"));

    private static X509Certificate2 Load(string folder) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));

    private static X509Certificate2 MakeSelfSigned(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=storage-operator-metrics", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Environment.MachineName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(1));
    }
}
