using System.Globalization;
using System.Numerics;
using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class QuantityTests
{
    private static readonly (string Suffix, BigInteger Multiplier, BigInteger Divisor)[] Suffixes =
    [
        ("", 1, 1),
        ("n", 1, 1_000_000_000),
        ("u", 1, 1_000_000),
        ("m", 1, 1_000),
        ("k", 1_000, 1),
        ("M", BigInteger.Pow(1000, 2), 1),
        ("G", BigInteger.Pow(1000, 3), 1),
        ("T", BigInteger.Pow(1000, 4), 1),
        ("P", BigInteger.Pow(1000, 5), 1),
        ("E", BigInteger.Pow(1000, 6), 1),
        ("Ki", 1024, 1),
        ("Mi", BigInteger.Pow(1024, 2), 1),
        ("Gi", BigInteger.Pow(1024, 3), 1),
        ("Ti", BigInteger.Pow(1024, 4), 1),
        ("Pi", BigInteger.Pow(1024, 5), 1),
        ("Ei", BigInteger.Pow(1024, 6), 1),
    ];

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("+1", 1)]
    [InlineData("-1", -1)]
    [InlineData("007", 7)]
    [InlineData("5.", 5)]
    [InlineData(".5k", 500)]
    [InlineData("1.5Gi", 1_610_612_736)]
    [InlineData("500Mi", 524_288_000)]
    [InlineData("10Gi", 10_737_418_240)]
    [InlineData("8Ti", 8_796_093_022_208)]
    [InlineData("1E", 1_000_000_000_000_000_000)]
    [InlineData("7Ei", 8_070_450_532_247_928_832)]
    [InlineData("1e3", 1_000)]
    [InlineData("1E3", 1_000)]
    [InlineData("1e+3", 1_000)]
    [InlineData("12e-1", 2)]
    [InlineData("1.25e2", 125)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Every_notation_of_Kubernetes_is_read(string text, long bytes) => Assert.Equal(bytes, Quantity.Parse(text).Bytes);

    [Theory]
    [InlineData("1m", 1)]
    [InlineData("1n", 1)]
    [InlineData("1500m", 2)]
    [InlineData("1.1", 2)]
    [InlineData("0.0000000001", 1)]
    [InlineData("1000000001n", 2)]
    [InlineData("0.1Ki", 103)]
    [InlineData("1.00000000000000000000000000000000001", 2)]
    [InlineData("0.00000000000000000000000000000000001Gi", 1)]
    [InlineData("0.0000000000000000000000000001n", 1)]
    [InlineData("7.0000000000000000000000000001Ei", 8_070_450_532_247_928_833)]
    [InlineData("1e-30", 1)]
    public void Any_part_of_a_byte_counts_as_a_whole_byte(string text, long bytes) => Assert.Equal(bytes, Quantity.Parse(text).Bytes);

    [Theory]
    [InlineData("8Ei")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999999999999999999")]
    [InlineData("99999999999999999999Ei")]
    [InlineData("10E")]
    [InlineData("1e19")]
    [InlineData("1e400")]
    [InlineData("1e2000000000")]
    [InlineData("1e99999999999999999999")]
    public void What_is_too_large_is_held_at_the_largest_size(string text)
    {
        Assert.Equal(long.MaxValue, Quantity.Parse(text).Bytes);
        Assert.Equal(long.MinValue, Quantity.Parse("-" + text).Bytes);
    }

    [Theory]
    [InlineData("0e2000000000", 0)]
    [InlineData("1e-2000000000", 1)]
    [InlineData("-1e-2000000000", 0)]
    [InlineData("1e-99999999999999999999", 1)]
    [InlineData("0.000000000000000000000000000001e30", 1)]
    [InlineData("1000000000000000000000000000000e-30", 1)]
    public void An_exponent_of_any_size_is_read(string text, long bytes) => Assert.Equal(bytes, Quantity.Parse(text).Bytes);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("Gi")]
    [InlineData("--1")]
    [InlineData("1.2.3")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1 Gi")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1GiB")]
    [InlineData("1GB")]
    [InlineData("1gi")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e1.5")]
    [InlineData("1e3Gi")]
    [InlineData("1e3\0")]
    [InlineData("1\0")]
    [InlineData("0x10")]
    [InlineData("1,000")]
    [InlineData("∞")]
    [InlineData("١")]
    [InlineData("ten")]
    public void What_is_no_quantity_is_refused(string text)
    {
        Assert.False(Quantity.TryParse(text, out var quantity));
        Assert.Equal(default, quantity);
        Assert.Throws<FormatException>(() => Quantity.Parse(text));
    }

    [Fact]
    public void Reading_agrees_with_exact_arithmetic() => (
        from sign in Gen.OneOf("", "+", "-")
        from whole in Gen.Char["0123456789"].Array[0, 40].Select(digits => new string(digits))
        from fraction in Gen.Char["0123456789"].Array[0, 40].Select(digits => new string(digits))
        from suffix in Gen.OneOf(Suffixes)
        where whole.Length + fraction.Length > 0
        select (sign, whole, fraction, suffix)).Sample(
        sample =>
        {
            var (sign, whole, fraction, (suffix, multiplier, divisor)) = sample;
            var text = sign + whole + (fraction.Length > 0 ? "." + fraction : "") + suffix;
            var numerator = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture) * multiplier * (sign == "-" ? -1 : 1);
            Assert.Equal(Held(Ceiling(numerator, divisor * BigInteger.Pow(10, fraction.Length))), Quantity.Parse(text).Bytes);
        },
        iter: 20_000);

    [Fact]
    public void Reading_an_exponent_agrees_with_exact_arithmetic() => (
        from negative in Gen.Bool
        from whole in Gen.Char["0123456789"].Array[1, 30].Select(digits => new string(digits))
        from fraction in Gen.Char["0123456789"].Array[0, 30].Select(digits => new string(digits))
        from exponent in Gen.Int[-70, 70]
        select (negative, whole, fraction, exponent)).Sample(
        sample =>
        {
            var (negative, whole, fraction, exponent) = sample;
            var text = $"{(negative ? "-" : "")}{whole}{(fraction.Length > 0 ? "." : "")}{fraction}e{exponent}";
            var number = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture) * (negative ? -1 : 1);
            var shift = exponent - fraction.Length;
            var expected = shift >= 0 ? number * BigInteger.Pow(10, shift) : Ceiling(number, BigInteger.Pow(10, -shift));
            Assert.Equal(Held(expected), Quantity.Parse(text).Bytes);
        },
        iter: 20_000);

    [Fact]
    public void No_text_makes_reading_throw() => Gen.OneOf(Gen.String, Gen.String["0123456789.+-eEinumkKMGTP"])
        .Sample(text => Quantity.TryParse(text, out _) || true, iter: 20_000);

    [Fact]
    public void A_printed_size_reads_back_as_the_same_size() =>
        Gen.OneOf(Gen.Long, Gen.Int.Select(Gen.Int[0, 32], (value, shift) => (long)value << shift))
            .Sample(bytes => Assert.Equal(bytes, Quantity.Parse(new Quantity(bytes).ToString()).Bytes), iter: 10_000);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1023, "1023")]
    [InlineData(1024, "1Ki")]
    [InlineData(524_288_000, "500Mi")]
    [InlineData(1_610_612_736, "1536Mi")]
    [InlineData(-2048, "-2Ki")]
    [InlineData(1L << 60, "1Ei")]
    public void A_size_is_printed_in_the_largest_unit_that_divides_it(long bytes, string text) => Assert.Equal(text, new Quantity(bytes).ToString());

    [Fact]
    public void Sizes_compare_by_bytes_however_they_are_written()
    {
        var (small, large) = (Quantity.Parse("1G"), Quantity.Parse("1Gi"));

        Assert.True(small < large && small <= large && large > small && large >= small && small != large);
        Assert.True(small.CompareTo(large) < 0);
        Assert.Equal(Quantity.Parse("1024Mi"), large);
    }

    private static BigInteger Ceiling(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        return remainder > 0 ? quotient + 1 : quotient;
    }

    private static long Held(BigInteger value) => (long)BigInteger.Clamp(value, long.MinValue, long.MaxValue);
}
