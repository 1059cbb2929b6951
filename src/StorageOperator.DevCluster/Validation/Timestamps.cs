using System.Globalization;

namespace StorageOperator.DevCluster.Validation;

/// <summary>Times as the API writes them, in UTC.</summary>
public static class Timestamps
{
    /// <summary><c>metav1.Time</c>: whole seconds.</summary>
    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary><c>metav1.MicroTime</c>: six decimals.</summary>
    public static string Micros(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ",
        CultureInfo.InvariantCulture);

    /// <summary>Whether a time has exactly six decimals, as <c>metav1.MicroTime</c> must have.</summary>
    public static bool HasMicros(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dot = text.IndexOf('.');
        return dot == 19 && text.Skip(dot + 1).TakeWhile(char.IsAsciiDigit).Count() == 6;
    }

    /// <summary>Reads RFC 3339 with any number of decimals.</summary>
    public static bool TryParse(string? text, out DateTimeOffset time)
    {
        time = default;
        return text is { Length: >= 20 } && text[10] == 'T' && DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
