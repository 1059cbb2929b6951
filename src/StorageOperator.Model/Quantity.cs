using System.Globalization;

namespace StorageOperator.Model;

/// <summary>
/// A storage size in whole bytes, rounded up, as Kubernetes' volume binding compares them (resource.Quantity.Value()).
/// Sizes beyond <see cref="long.MaxValue"/> are held at that value.
/// </summary>
/// <param name="Bytes">Whole bytes; negative only if the text was.</param>
public readonly record struct Quantity(long Bytes) : IComparable<Quantity>
{
    /// <summary>
    /// Reads Kubernetes' notation: a signed decimal number with an optional suffix (n u m k M G T P E, Ki Mi Gi Ti Pi Ei) or a decimal exponent.
    /// </summary>
    /// <returns>False when the text is no quantity.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity)
    {
        quantity = default;
        var length = NumberLength(text);
        if (length == 0 || !TryScale(text[length..], out var scale))
        {
            return false;
        }

        if (!decimal.TryParse(text[..length], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            // Only a number too large for a decimal gets here: it saturates like every other overflow.
            quantity = new Quantity(text[0] == '-' ? long.MinValue : long.MaxValue);
            return true;
        }

        quantity = new Quantity(CeilingOf(number, scale));
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Quantity)"/>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity)
        ? quantity
        : throw new FormatException($"\"{text}\" is not a quantity such as 500Mi or 10Gi");

    /// <summary>Order by size.</summary>
    public int CompareTo(Quantity other) => Bytes.CompareTo(other.Bytes);

    /// <summary>Whether <paramref name="left"/> is smaller.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.Bytes < right.Bytes;

    /// <summary>Whether <paramref name="left"/> is larger.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.Bytes > right.Bytes;

    /// <summary>Whether <paramref name="left"/> is not larger.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.Bytes <= right.Bytes;

    /// <summary>Whether <paramref name="left"/> is not smaller.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.Bytes >= right.Bytes;

    /// <summary>The size in the largest binary unit that divides it, such as <c>512Mi</c>; plain bytes when none does.</summary>
    public override string ToString()
    {
        var (value, unit) = (Bytes, 0);
        while (unit < BinaryUnits.Length - 1 && value != 0 && value % 1024 == 0)
        {
            (value, unit) = (value / 1024, unit + 1);
        }

        return value.ToString(CultureInfo.InvariantCulture) + BinaryUnits[unit];
    }

    private static readonly string[] BinaryUnits = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private static int NumberLength(ReadOnlySpan<char> text)
    {
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var (digits, dots) = (0, 0);
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'); at++)
        {
            if (text[at] == '.')
            {
                dots++;
            }
            else
            {
                digits++;
            }
        }

        return digits > 0 && dots <= 1 ? at : 0;
    }

    private readonly record struct Scale(long Multiplier, long Divisor);

    private static bool TryScale(ReadOnlySpan<char> suffix, out Scale scale)
    {
        scale = suffix switch
        {
            "" => new(1, 1),
            "n" => new(1, 1_000_000_000),
            "u" => new(1, 1_000_000),
            "m" => new(1, 1_000),
            "k" => new(1_000, 1),
            "M" => new(1_000_000, 1),
            "G" => new(1_000_000_000, 1),
            "T" => new(1_000_000_000_000, 1),
            "P" => new(1_000_000_000_000_000, 1),
            "E" => new(1_000_000_000_000_000_000, 1),
            "Ki" => new(1L << 10, 1),
            "Mi" => new(1L << 20, 1),
            "Gi" => new(1L << 30, 1),
            "Ti" => new(1L << 40, 1),
            "Pi" => new(1L << 50, 1),
            "Ei" => new(1L << 60, 1),
            _ => default,
        };
        return scale.Divisor != 0 || (suffix.Length > 1 && suffix[0] is 'e' or 'E' && TryExponent(suffix[1..], out scale));
    }

    private static bool TryExponent(ReadOnlySpan<char> digits, out Scale scale)
    {
        scale = default;
        if (!int.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) || exponent is < -18 or > 18)
        {
            return false;
        }

        var power = 1L;
        for (var i = Math.Abs(exponent); i > 0; i--)
        {
            power *= 10;
        }

        scale = exponent >= 0 ? new Scale(power, 1) : new Scale(1, power);
        return true;
    }

    private static long CeilingOf(decimal number, Scale scale)
    {
        // number * multiplier can pass a decimal's range, so anything that would is saturated before it is computed.
        if (Math.Abs(number) > (decimal)long.MaxValue / scale.Multiplier)
        {
            return number < 0 ? long.MinValue : long.MaxValue;
        }

        return (long)Math.Ceiling(number * scale.Multiplier / scale.Divisor);
    }
}
