using System.Globalization;

namespace StorageOperator.Testing;

/// <summary>The version of an API server, as far as its behaviour depends on it.</summary>
public readonly record struct ServerVersion(int Major, int Minor) : IComparable<ServerVersion>
{
    /// <summary>Reads what the server says of itself, such as <c>v1.20.2</c>.</summary>
    public static ServerVersion Parse(string gitVersion)
    {
        var parts = gitVersion.TrimStart('v').Split('.', '-', '+');
        return new ServerVersion(int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public int CompareTo(ServerVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public static bool operator <(ServerVersion left, ServerVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ServerVersion left, ServerVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ServerVersion left, ServerVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ServerVersion left, ServerVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}";
}
