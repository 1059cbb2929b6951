using System.Security.Cryptography;
using System.Text;

namespace StorageOperator.DevCluster.Serving;

/// <summary>Who makes a request.</summary>
/// <param name="Name">User name.</param>
/// <param name="Uid">Stable id, may be empty.</param>
/// <param name="Groups">Groups, including system:authenticated.</param>
internal sealed record UserInfo(string Name, string Uid, IReadOnlyList<string> Groups);

/// <summary>Knows users by their bearer tokens.</summary>
internal sealed class Authenticator
{
    private readonly IReadOnlyList<(byte[] Token, UserInfo User)> _users;

    /// <param name="adminToken">The token in the kubeconfig, whose bearer may do everything.</param>
    /// <param name="others">Lines of a token file.</param>
    public Authenticator(string adminToken, IEnumerable<string> others) => _users =
    [
        (Encoding.UTF8.GetBytes(adminToken), new UserInfo("kubernetes-admin", "", ["system:masters", "system:authenticated"])),
        .. others.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine),
    ];

    /// <summary>The bearer of a token, or null.</summary>
    public UserInfo? Find(string token)
    {
        byte[] given = Encoding.UTF8.GetBytes(token);
        return _users.FirstOrDefault(user => CryptographicOperations.FixedTimeEquals(user.Token, given)).User;
    }

    /// <summary>The user of an Authorization header, or null.</summary>
    public UserInfo? Authenticate(string authorization) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? Find(authorization[7..].Trim()) : null;

    // kube-apiserver's format: token,user,uid,"group1,group2".
    private static (byte[] Token, UserInfo User) ParseLine(string line)
    {
        string[] fields = line.Split(',', 4);
        if (fields.Length < 3)
        {
            throw new FormatException("a line of the token file needs at least three fields: token,user,uid[,\"group1,group2\"]");
        }
        string[] groups = fields.Length < 4
            ? []
            : fields[3].Trim('"').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (Encoding.UTF8.GetBytes(fields[0]), new UserInfo(fields[1], fields[2], [.. groups, "system:authenticated"]));
    }
}
