using System.Buffers;
using System.Globalization;

namespace StorageOperator.CommandLine;

/// <summary>Durations as Go programs and Kubernetes' own flags write them: <c>15s</c>, <c>1m30s</c>, <c>500ms</c>, <c>1.5h</c>.</summary>
internal static class GoDuration
{
    private static readonly (string Unit, double Ticks)[] Units =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond), ("µs", TimeSpan.TicksPerMicrosecond), ("ns", 0.01),
        ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
    ];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <exception cref="FormatException">The text is not such a duration, or is not greater than zero.</exception>
    public static TimeSpan ParsePositive(string text)
    {
        var rest = text.AsSpan();
        var ticks = 0.0;
        do
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                throw NotADuration(text);
            }

            rest = rest[digits..];
            ticks += amount * TakeUnit(ref rest, text);
        }
        while (rest.Length > 0);

        return ticks is >= 1 and < long.MaxValue ? TimeSpan.FromTicks((long)ticks) : throw NotADuration(text);
    }

    private static double TakeUnit(ref ReadOnlySpan<char> rest, string text)
    {
        foreach (var (unit, ticks) in Units)
        {
            if (rest.StartsWith(unit, StringComparison.Ordinal))
            {
                rest = rest[unit.Length..];
                return ticks;
            }
        }

        throw NotADuration(text);
    }

    private static FormatException NotADuration(string text) =>
        new($"\"{text}\" is not a duration greater than zero; write it as 15s, 1m30s or 500ms");
}
