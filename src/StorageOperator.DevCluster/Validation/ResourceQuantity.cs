using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// A resource quantity as the API server reads and prints it, exact to the nano: <c>1024Mi</c> is printed as <c>1Gi</c>, <c>0.5Gi</c> as
/// <c>512Mi</c>, <c>1.5</c> as <c>1500m</c>. Source: the grammar and the canonical form described in
/// k8s.io/apimachinery/pkg/api/resource (Quantity).
/// </summary>
public readonly struct ResourceQuantity : IEquatable<ResourceQuantity>, IComparable<ResourceQuantity>
{
    /// <summary>What the API server answers when a quantity cannot be read.</summary>
    public const string FormatError =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private enum Notation
    {
        Decimal,
        Binary,
        Exponent,
    }

    private static readonly BigInteger Nanos = BigInteger.Pow(10, 9);
    private static readonly BigInteger Maximum = long.MaxValue * BigInteger.Pow(10, 9);
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    private readonly BigInteger _nanos;
    private readonly Notation _notation;
    private readonly string? _written;

    private ResourceQuantity(BigInteger nanos, Notation notation, string? written = null) =>
        (_nanos, _notation, _written) = (nanos, notation, written);

    /// <summary>Minus one, zero or one.</summary>
    public int Sign => _nanos.Sign;

    /// <summary>False if there is a fraction of a unit.</summary>
    public bool IsInteger => (_nanos % Nanos).IsZero;

    /// <summary>Reads a JSON string or number.</summary>
    public static bool TryParse(JsonNode? node, out ResourceQuantity quantity)
    {
        quantity = default;
        return node is JsonValue value && value.GetValueKind() switch
        {
            JsonValueKind.String => TryParse(value.GetValue<string>(), out quantity),
            JsonValueKind.Number => TryParse(value.ToJsonString(), out quantity),
            _ => false,
        };
    }

    /// <summary>Reads a quantity such as <c>1.5Gi</c>, <c>100m</c> or <c>1e3</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ResourceQuantity quantity)
    {
        quantity = default;
        if (!TrySplit(text, out var number, out var suffix) || !TryReadSuffix(suffix, out var powerOf, out var exponent, out var notation))
        {
            return false;
        }

        var (mantissa, decimals) = ReadNumber(number);
        quantity = Round(mantissa, decimals, powerOf, exponent, notation);
        if (IsKeptAsWritten(number, powerOf, exponent))
        {
            quantity = new ResourceQuantity(quantity._nanos, quantity._notation, text!.Trim());
        }

        return true;
    }

    /// <summary>The form in which the API server stores and returns the quantity.</summary>
    public override string ToString()
    {
        if (_written is not null)
        {
            return _written;
        }

        if (_nanos.IsZero)
        {
            return "0";
        }

        var small = BigInteger.Abs(_nanos) < 1024 * Nanos;
        return _notation == Notation.Binary && !small && IsInteger ? PrintBinary() : PrintDecimal();
    }

    /// <inheritdoc/>
    public int CompareTo(ResourceQuantity other) => _nanos.CompareTo(other._nanos);

    /// <inheritdoc/>
    public bool Equals(ResourceQuantity other) => _nanos == other._nanos;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResourceQuantity other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _nanos.GetHashCode();

    /// <summary>Equal values, whatever the notation.</summary>
    public static bool operator ==(ResourceQuantity left, ResourceQuantity right) => left.Equals(right);

    /// <summary>Different values.</summary>
    public static bool operator !=(ResourceQuantity left, ResourceQuantity right) => !left.Equals(right);

    /// <summary>Less than.</summary>
    public static bool operator <(ResourceQuantity left, ResourceQuantity right) => left.CompareTo(right) < 0;

    /// <summary>Less than or equal.</summary>
    public static bool operator <=(ResourceQuantity left, ResourceQuantity right) => left.CompareTo(right) <= 0;

    /// <summary>Greater than.</summary>
    public static bool operator >(ResourceQuantity left, ResourceQuantity right) => left.CompareTo(right) > 0;

    /// <summary>Greater than or equal.</summary>
    public static bool operator >=(ResourceQuantity left, ResourceQuantity right) => left.CompareTo(right) >= 0;

    private static bool TrySplit(string? text, out ReadOnlySpan<char> number, out ReadOnlySpan<char> suffix)
    {
        number = suffix = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var start = text[0] is '+' or '-' ? 1 : 0;
        var end = start;
        var digits = 0;
        var dots = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || (text[end] == '.' && dots == 0)))
        {
            _ = text[end] == '.' ? dots++ : digits++;
            end++;
        }

        number = text.AsSpan(0, end);
        suffix = text.AsSpan(end);
        return digits > 0;
    }

    private static bool TryReadSuffix(ReadOnlySpan<char> suffix, out int powerOf, out int exponent, out Notation notation)
    {
        (powerOf, exponent, notation) = (10, 0, Notation.Decimal);
        var text = suffix.ToString();
        if (System.Array.IndexOf(DecimalSuffixes, text) is >= 0 and var thousands)
        {
            exponent = (thousands - 3) * 3;
            return true;
        }

        if (System.Array.IndexOf(BinarySuffixes, text) is > 0 and var kibis)
        {
            (powerOf, exponent, notation) = (2, kibis * 10, Notation.Binary);
            return true;
        }

        notation = Notation.Exponent;
        return text.Length > 1 && text[0] is 'e' or 'E'
            && int.TryParse(text.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            && Math.Abs(exponent) < 1000;
    }

    private static (BigInteger Mantissa, int Decimals) ReadNumber(ReadOnlySpan<char> number)
    {
        var dot = number.IndexOf('.');
        if (dot < 0)
        {
            return (BigInteger.Parse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), 0);
        }

        var digits = string.Concat(number[..dot], number[(dot + 1)..]);
        return (BigInteger.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), number.Length - dot - 1);
    }

    // Fractions below a nano are rounded away from zero: who asks for something gets something. Only binary quantities have a cap.
    private static ResourceQuantity Round(BigInteger mantissa, int decimals, int powerOf, int exponent, Notation notation)
    {
        var numerator = mantissa * Nanos;
        var denominator = BigInteger.Pow(10, decimals);
        if (powerOf == 2 || exponent >= 0)
        {
            numerator *= BigInteger.Pow(powerOf, exponent);
        }
        else
        {
            denominator *= BigInteger.Pow(10, -exponent);
        }

        var nanos = BigInteger.DivRem(numerator, denominator, out var rest);
        nanos += rest.Sign;
        if (notation == Notation.Binary && BigInteger.Abs(nanos) > Maximum)
        {
            nanos = Maximum * nanos.Sign;
        }

        var belowOne = notation == Notation.Binary && BigInteger.Abs(nanos) < Nanos;
        return new ResourceQuantity(nanos, belowOne ? Notation.Decimal : notation);
    }

    // Short numbers whose exponent is a whole step and which have no factor to move into it are printed as they came, so that
    // "1.500" and "+5Gi" stay what they are. The limits are those under which the reference computes in 64 bits.
    private static bool IsKeptAsWritten(ReadOnlySpan<char> number, int powerOf, int exponent)
    {
        var unsigned = number[0] is '+' or '-' ? number[1..] : number;
        var dot = unsigned.IndexOf('.');
        var whole = (dot < 0 ? unsigned : unsigned[..dot]).TrimStart('0');
        var decimals = dot < 0 ? [] : unsigned[(dot + 1)..];
        var wholeLength = Math.Max(whole.Length, 1);
        if (powerOf == 2)
        {
            var room = 15 - wholeLength - (int)(exponent * 3f / 10) - 1;
            return decimals.IsEmpty && room >= 0 && !whole.IsEmpty && !(BigInteger.Parse(whole, CultureInfo.InvariantCulture) % 8).IsZero;
        }

        var scale = exponent - decimals.Length;
        var digits = string.Concat(whole, decimals);
        return wholeLength + decimals.Length <= 18 && scale >= -9 && scale % 3 == 0 && !whole.IsEmpty
            && !digits.EndsWith("000", StringComparison.Ordinal);
    }

    private string PrintBinary()
    {
        var value = _nanos / Nanos;
        var step = 0;
        while (step < BinarySuffixes.Length - 1 && (value % 1024).IsZero)
        {
            value /= 1024;
            step++;
        }

        return value.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[step];
    }

    private string PrintDecimal()
    {
        var value = _nanos;
        var step = 0;
        while ((_notation == Notation.Exponent || step < DecimalSuffixes.Length - 1) && (value % 1000).IsZero)
        {
            value /= 1000;
            step++;
        }

        var exponent = (step - 3) * 3;
        var suffix = _notation != Notation.Exponent ? DecimalSuffixes[step]
            : exponent == 0 ? ""
            : "e" + exponent.ToString(CultureInfo.InvariantCulture);
        return value.ToString(CultureInfo.InvariantCulture) + suffix;
    }
}
