using System.Globalization;
using System.Numerics;

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

        quantity = new Quantity(CeilingOf(text[..length], scale));
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

    /// <summary>What a number is multiplied by: <paramref name="Factor"/> times ten to the power <paramref name="Exponent"/>.</summary>
    private readonly record struct Scale(long Factor, int Exponent);

    private static bool TryScale(ReadOnlySpan<char> suffix, out Scale scale)
    {
        scale = suffix switch
        {
            "" => new(1, 0),
            "n" => new(1, -9),
            "u" => new(1, -6),
            "m" => new(1, -3),
            "k" => new(1, 3),
            "M" => new(1, 6),
            "G" => new(1, 9),
            "T" => new(1, 12),
            "P" => new(1, 15),
            "E" => new(1, 18),
            "Ki" => new(1L << 10, 0),
            "Mi" => new(1L << 20, 0),
            "Gi" => new(1L << 30, 0),
            "Ti" => new(1L << 40, 0),
            "Pi" => new(1L << 50, 0),
            "Ei" => new(1L << 60, 0),
            _ => default,
        };
        return scale.Factor != 0 || (suffix.Length > 1 && suffix[0] is 'e' or 'E' && TryExponent(suffix[1..], out scale));
    }

    private static bool TryExponent(ReadOnlySpan<char> text, out Scale scale)
    {
        var digits = text[0] is '+' or '-' ? text[1..] : text;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            scale = default;
            return false;
        }

        // Far beyond any size either way, and far from overflowing a sum with the length of a text.
        const int Limit = 1_000_000_000;
        var exponent = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var read) ? Math.Min(read, Limit) : Limit;
        scale = new(1, text[0] == '-' ? -exponent : exponent);
        return true;
    }

    private static long CeilingOf(ReadOnlySpan<char> number, Scale scale)
    {
        var isNegative = number[0] == '-';
        var dot = number.IndexOf('.');
        var shift = (long)scale.Exponent - (dot < 0 ? 0 : number.Length - dot - 1);
        var digits = (dot < 0 ? number : string.Concat(number[..dot], number[(dot + 1)..])).TrimStart("+-").TrimStart('0');
        var order = digits.Length + shift;
        return digits.Length switch
        {
            0 => 0,

            // Every intermediate value fits: 18 digits times 2^60 or 10^18 is less than 2^127.
            <= 18 when shift is >= -18 and <= 18 => Ceiling(Int128.Parse(digits, CultureInfo.InvariantCulture), PowerOfTen((int)Math.Abs(shift)), scale.Factor, shift < 0, isNegative),
            _ when order > 20 => isNegative ? long.MinValue : long.MaxValue,
            _ when order < -20 => isNegative ? 0 : 1,
            _ => Ceiling(BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture), BigInteger.Pow(10, (int)Math.Abs(shift)), scale.Factor, shift < 0, isNegative),
        };
    }

    private static long Ceiling<T>(T digits, T power, long factor, bool divides, bool isNegative)
        where T : IBinaryInteger<T>
    {
        var numerator = digits * T.CreateChecked(factor) * (divides ? T.One : power) * (isNegative ? -T.One : T.One);
        var (quotient, rest) = T.DivRem(numerator, divides ? power : T.One);
        return long.CreateSaturating(rest > T.Zero ? quotient + T.One : quotient);
    }

    private static long PowerOfTen(int exponent)
    {
        var power = 1L;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }
}
