using CsCheck;
using StorageOperator.CommandLine;

namespace StorageOperator.Tests.CommandLine;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("15s", 15_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("500ms", 500)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("2h45m10s5ms", 9_910_005)]
    public void Units_add_up(string text, double milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), GoDuration.ParsePositive(text));

    [Fact]
    public void Any_whole_number_of_hours_minutes_and_seconds_is_read_back() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 100], Gen.Int[1, 100]).Sample((hours, minutes, seconds) =>
            GoDuration.ParsePositive($"{hours}h{minutes}m{seconds}s") == new TimeSpan(hours, minutes, seconds));

    [Theory]
    [InlineData("")]
    [InlineData("15")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("0s")]
    [InlineData("1d")]
    [InlineData("1s ")]
    [InlineData("1.2.3s")]
    [InlineData("99999999999999h")]
    public void Anything_else_is_refused(string text) =>
        Assert.Contains("15s", Assert.Throws<FormatException>(() => GoDuration.ParsePositive(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_text_makes_it_fail_in_another_way() => Gen.String.Sample(text =>
    {
        try
        {
            return GoDuration.ParsePositive(text) > TimeSpan.Zero;
        }
        catch (FormatException)
        {
            return true;
        }
    });
}
