using System.Security.Cryptography;

namespace StorageOperator.DevCluster.Serving;

/// <summary>
/// By what clients know the server and it knows them: certificate and token. Kept in the data directory where there is one, so that a
/// kubeconfig outlives a restart on the same port.
/// </summary>
internal sealed record ServerIdentity(ServingCertificate Certificate, string Token)
{
    /// <summary>Takes up what a data directory holds, or makes a new identity and keeps it there.</summary>
    public static ServerIdentity LoadOrCreate(string? dataDirectory, TimeProvider time)
    {
        if (dataDirectory is null)
        {
            return Create(time);
        }
        string file = Path.Combine(dataDirectory, "identity.pem");
        if (File.Exists(file))
        {
            return Read(file);
        }
        ServerIdentity identity = Create(time);
        Directory.CreateDirectory(dataDirectory);
        PrivateFile.Write(file, $"{identity.Token}\n{identity.Certificate.ToPem()}");
        return identity;
    }

    private static ServerIdentity Create(TimeProvider time) =>
        new(ServingCertificate.Create(time), RandomNumberGenerator.GetHexString(40, lowercase: true));

    private static ServerIdentity Read(string file)
    {
        string text = File.ReadAllText(file);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        try
        {
            return new ServerIdentity(ServingCertificate.FromPem(text[(end + 1)..]), text[..Math.Max(end, 0)]);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new FormatException(
                $"{file} does not hold a certificate and a token ({failure.Message}); delete it to have new ones made");
        }
    }
}
