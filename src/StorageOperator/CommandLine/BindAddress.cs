using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StorageOperator.CommandLine;

/// <summary>
/// An address to listen on, in the form Go programs take it: <c>:8081</c> (all interfaces), <c>127.0.0.1:8081</c>, <c>[::1]:8081</c>,
/// <c>localhost:8081</c>; port 0 lets the system choose one; <c>0</c> alone switches the listener off.
/// </summary>
/// <param name="EndPoint">Where to listen; null when switched off.</param>
internal sealed record BindAddress(IPEndPoint? EndPoint)
{
    public static readonly BindAddress Off = new((IPEndPoint?)null);

    public bool IsOff => EndPoint is null;

    /// <exception cref="FormatException">The text is not such an address; the message says what is expected.</exception>
    public static BindAddress Parse(string text)
    {
        if (text == "0")
        {
            return Off;
        }

        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw NotAnAddress(text);
        }

        return new(new IPEndPoint(ParseHost(text[..colon], text), port));
    }

    public override string ToString() => EndPoint is null ? "0"
        : IsAnyAddress(EndPoint.Address) ? $":{EndPoint.Port}"
        : EndPoint.ToString();

    private static IPAddress ParseHost(string host, string text) => host switch
    {
        "" => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        ['[', .. var inner, ']'] when IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 => address,
        // A bare "1" is an IP address to the parser, and an IPv6 address without brackets is ambiguous.
        _ when host.Count(c => c == '.') == 3 && IPAddress.TryParse(host, out var address) => address,
        _ => throw NotAnAddress(text),
    };

    private static bool IsAnyAddress(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static FormatException NotAnAddress(string text) =>
        new($"\"{text}\" is not an address to listen on; write it as :8081, 127.0.0.1:8081 or [::1]:8081, or 0 to switch it off");
}
