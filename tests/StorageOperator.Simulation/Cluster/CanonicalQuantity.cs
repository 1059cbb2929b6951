using System.Globalization;

namespace StorageOperator.Simulation.Cluster;

/// <summary>A quantity as the API server prints it: the largest unit of the family it was written in that leaves a whole number.</summary>
internal static class CanonicalQuantity
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    /// <summary>The canonical form; a text that is no plain quantity (an exponent, say) is returned as it is.</summary>
    public static string Of(string text)
    {
        var length = text.Length;
        while (length > 0 && char.IsAsciiLetter(text[length - 1]))
        {
            length--;
        }

        var suffix = text[length..];
        if (!decimal.TryParse(text[..length], NumberStyles.Number, CultureInfo.InvariantCulture, out var number))
        {
            return text;
        }

        return Array.IndexOf(Binary, suffix) is > 0 and var binary
            ? Print(number, binary, 1024, Binary)
            : Array.IndexOf(Decimal, suffix) is >= 0 and var scale ? Print(number, scale, 1000, Decimal) : text;
    }

    private static string Print(decimal number, int unit, int step, string[] units)
    {
        while (number != decimal.Truncate(number) && unit > 0)
        {
            (number, unit) = (number * step, unit - 1);
        }

        number = decimal.Ceiling(number);
        while (number != 0 && number % step == 0 && unit < units.Length - 1)
        {
            (number, unit) = (number / step, unit + 1);
        }

        return number.ToString("0", CultureInfo.InvariantCulture) + units[unit];
    }
}
