using System.Numerics;
using CsCheck;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Tests.Validation;

public class ResourceQuantityTests
{
    private static readonly string[] Suffixes = ["", "m", "k", "M", "Ki", "Mi", "Gi", "e3"];

    [Theory]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("1000Mi", "1000Mi")]
    [InlineData("1024", "1024")]
    [InlineData("1000", "1k")]
    [InlineData("1073741824", "1073741824")]
    [InlineData("1e3", "1e3")]
    [InlineData("1e4", "10e3")]
    [InlineData("0.1", "100m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1500m", "1500m")]
    [InlineData("1000m", "1")]
    [InlineData("0Gi", "0")]
    [InlineData("0", "0")]
    [InlineData("-1024Ki", "-1Mi")]
    [InlineData("0.5Ki", "512")]
    [InlineData("0.1Mi", "104857600m")]
    [InlineData("0.0000000001", "1n")]
    [InlineData("100Ti", "100Ti")]
    [InlineData("9Ei", "9223372036854775807")]
    [InlineData("2048Pi", "2Ei")]
    public void Is_printed_in_canonical_form(string written, string canonical)
    {
        Assert.True(ResourceQuantity.TryParse(written, out var quantity));
        Assert.Equal(canonical, quantity.ToString());
    }

    [Theory]
    [InlineData("1.500")]
    [InlineData("+5Gi")]
    [InlineData("1E3")]
    public void Keeps_the_forms_that_the_reference_keeps_as_written(string written)
    {
        Assert.True(ResourceQuantity.TryParse(written, out var quantity));
        Assert.Equal(written, quantity.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1GiB")]
    [InlineData("1 Gi")]
    [InlineData("one")]
    [InlineData("1K")]
    [InlineData("1.2.3")]
    [InlineData("--1")]
    [InlineData("1e")]
    public void Is_not_read_from_anything_else(string written) => Assert.False(ResourceQuantity.TryParse(written, out _));

    [Fact]
    public void Printing_loses_nothing_and_is_stable() =>
        Gen.Select(Gen.Long[-1_000_000_000_000, 1_000_000_000_000], Gen.Int[0, 9], Gen.Int[0, 7].Select(i => Suffixes[i]))
            .Sample((mantissa, decimals, suffix) =>
            {
                var digits = BigInteger.Abs(mantissa).ToString().PadLeft(decimals + 1, '0');
                var written = (mantissa < 0 ? "-" : "") + digits[..^decimals] + (decimals > 0 ? "." + digits[^decimals..] : "") + suffix;
                Assert.True(ResourceQuantity.TryParse(written, out var quantity));
                Assert.True(ResourceQuantity.TryParse(quantity.ToString(), out var again));
                Assert.Equal(quantity, again);
                Assert.Equal(quantity.ToString(), again.ToString());
            });
}
