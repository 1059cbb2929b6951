using System.Net;
using StorageOperator.CommandLine;

namespace StorageOperator.Tests.CommandLine;

public sealed class BindAddressTests
{
    [Fact]
    public void A_port_alone_listens_on_all_interfaces()
    {
        var address = BindAddress.Parse(":8081");

        Assert.Equal(8081, address.EndPoint!.Port);
        Assert.Contains(address.EndPoint.Address, new[] { IPAddress.Any, IPAddress.IPv6Any });
        Assert.Equal(":8081", address.ToString());
    }

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("localhost:9", "127.0.0.1:9")]
    [InlineData("[::1]:8443", "[::1]:8443")]
    public void A_host_and_a_port_listen_there(string text, string expected) =>
        Assert.Equal(IPEndPoint.Parse(expected), BindAddress.Parse(text).EndPoint);

    [Fact]
    public void Zero_alone_switches_off() => Assert.True(BindAddress.Parse("0").IsOff);

    [Theory]
    [InlineData("")]
    [InlineData("8081")]
    [InlineData(":65536")]
    [InlineData(":-1")]
    [InlineData("::1:80")]
    [InlineData("1:80")]
    [InlineData("example.org:80")]
    [InlineData("http://localhost:80")]
    public void Anything_else_is_refused_with_the_form_expected(string text)
    {
        var refused = Assert.Throws<FormatException>(() => BindAddress.Parse(text));

        Assert.Contains($"\"{text}\"", refused.Message, StringComparison.Ordinal);
        Assert.Contains(":8081", refused.Message, StringComparison.Ordinal);
    }
}
