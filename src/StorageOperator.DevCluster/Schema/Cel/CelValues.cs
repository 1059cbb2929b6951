using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>A type as a value: what <c>type(x)</c> gives and <c>int</c>, <c>string</c>, ... name.</summary>
internal sealed record CelType(string Name);

/// <summary>An optional value: what <c>a.?b</c> gives.</summary>
internal sealed record CelOptional(bool HasValue, object? Value)
{
    internal static CelOptional None { get; } = new(false, null);
}

/// <summary>A Kubernetes quantity.</summary>
internal sealed record CelQuantity(decimal Value)
{
    /// <summary>The quantity that the text writes, or null if it writes none.</summary>
    internal static CelQuantity? Parse(string text)
    {
        try
        {
            return new CelQuantity(new ResourceQuantity(text).ToDecimal());
        }
        catch (Exception error) when (error is FormatException or ArgumentException or OverflowException)
        {
            return null;
        }
    }
}

/// <summary>An object or map: of JSON with its schema, or of a literal.</summary>
internal abstract class CelFields
{
    internal abstract int Count { get; }

    internal abstract IEnumerable<object?> Keys { get; }

    internal abstract bool TryGet(object? key, out object? value);
}

/// <summary>A JSON object.</summary>
internal sealed class CelJson(JsonObject json, SchemaNode? schema) : CelFields
{
    internal override int Count => json.Count;

    internal override IEnumerable<object?> Keys => json.Select(entry => entry.Key);

    internal override bool TryGet(object? key, out object? value)
    {
        if (key is string name && json.TryGetPropertyValue(name, out var node))
        {
            value = CelValues.Of(node, schema?.Field(name));
            return true;
        }

        value = null;
        return false;
    }
}

/// <summary>A map literal.</summary>
internal sealed class CelEntries(Dictionary<object, object?> entries) : CelFields
{
    internal override int Count => entries.Count;

    internal override IEnumerable<object?> Keys => entries.Keys;

    internal override bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is not null && entries.TryGetValue(key, out value);
    }
}

/// <summary>
/// CEL's values: null, bool, long (int), ulong (uint), double, string, byte[], DateTimeOffset (timestamp), TimeSpan (duration),
/// lists of them, <see cref="CelFields"/>, <see cref="CelType"/>, <see cref="CelOptional"/> and <see cref="CelQuantity"/>.
/// </summary>
internal static class CelValues
{
    private static readonly SearchValues<char> NumberParts = SearchValues.Create("0123456789.");

    /// <summary>The value of JSON; its schema tells integers from doubles and times from texts.</summary>
    internal static object? Of(JsonNode? node, SchemaNode? schema) => node switch
    {
        null => null,
        JsonObject fields => new CelJson(fields, schema),
        JsonArray items => items.Select(item => Of(item, schema?.Item)).ToList(),
        _ => OfScalar(node, schema?.Target),
    };

    internal static bool Same(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string one, string other) => one == other,
        (bool one, bool other) => one == other,
        (byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other),
        (List<object?> one, List<object?> other) => one.Count == other.Count && one.Zip(other).All(pair => Same(pair.First, pair.Second)),
        (CelFields one, CelFields other) => SameFields(one, other),
        _ when IsNumber(left) && IsNumber(right) => Compare(left, right) == 0,
        _ => left.Equals(right),
    };

    /// <summary>The order of two values: negative, zero, positive; null if they have none.</summary>
    internal static int? Compare(object? left, object? right) => (left, right) switch
    {
        (long one, long other) => one.CompareTo(other),
        (ulong one, ulong other) => one.CompareTo(other),
        (double one, double other) => double.IsNaN(one) || double.IsNaN(other) ? null : one.CompareTo(other),
        (string one, string other) => string.CompareOrdinal(one, other),
        (bool one, bool other) => one.CompareTo(other),
        (DateTimeOffset one, DateTimeOffset other) => one.CompareTo(other),
        (TimeSpan one, TimeSpan other) => one.CompareTo(other),
        (byte[] one, byte[] other) => one.AsSpan().SequenceCompareTo(other),
        _ when IsNumber(left) && IsNumber(right) => Wide(left).CompareTo(Wide(right)),
        _ => null,
    };

    internal static bool IsNumber(object? value) => value is long or ulong or double;

    /// <summary>The name of a value's type.</summary>
    internal static string TypeName(object? value) => value switch
    {
        null => "null_type",
        bool => "bool",
        long => "int",
        ulong => "uint",
        double => "double",
        string => "string",
        byte[] => "bytes",
        DateTimeOffset => "google.protobuf.Timestamp",
        TimeSpan => "google.protobuf.Duration",
        List<object?> => "list",
        CelFields => "map",
        CelType => "type",
        CelOptional => "optional_type",
        _ => "kubernetes.Quantity",
    };

    /// <summary>The text of a value, as <c>string(x)</c> gives it; null if it has none.</summary>
    internal static string? Text(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        ulong number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        TimeSpan span => span.TotalSeconds.ToString("R", CultureInfo.InvariantCulture) + "s",
        byte[] bytes => System.Text.Encoding.UTF8.GetString(bytes),
        CelQuantity quantity => quantity.Value.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>The span that a Go duration writes (<c>1h30m</c>), or null if the text is none.</summary>
    internal static TimeSpan? Duration(string text)
    {
        var rest = text.AsSpan().TrimStart("+-");
        if (rest is "0")
        {
            return TimeSpan.Zero;
        }

        var total = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberParts);
            if (digits <= 0
                || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return null;
            }

            rest = rest[digits..];
            var unit = rest.IndexOfAny(NumberParts) is var next and >= 0 ? rest[..next] : rest;
            rest = rest[unit.Length..];
            double? seconds = unit switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (seconds is null)
            {
                return null;
            }

            total += number * seconds.Value;
        }

        return text.Length == 0 || total > TimeSpan.MaxValue.TotalSeconds / 2 ? null
            : TimeSpan.FromSeconds(text[0] == '-' ? -total : total);
    }

    private static object? OfScalar(JsonNode node, SchemaNode? schema)
    {
        switch (node.GetValueKind())
        {
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            case JsonValueKind.Number:
                var isWhole = schema?.Type == SchemaType.Integer || (schema?.Type != SchemaType.Number && JsonNumbers.IsInteger(node));
                if (isWhole && JsonNumbers.Decimal(node) is { } exact and >= long.MinValue and <= long.MaxValue)
                {
                    return (long)exact;
                }

                return JsonNumbers.Double(node)!.Value;
            default:
                var text = (string)node!;
                return schema?.Format switch
                {
                    "date-time" when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) => time,
                    "date" when DateOnly.TryParse(text, CultureInfo.InvariantCulture, out var day)
                        => new DateTimeOffset(day, default, TimeSpan.Zero),
                    "duration" when Duration(text) is { } span => span,
                    "byte" when Formats.IsBase64(text) => Convert.FromBase64String(text),
                    _ => text,
                };
        }
    }

    private static bool SameFields(CelFields one, CelFields other)
        => one.Count == other.Count
            && one.Keys.All(key => one.TryGet(key, out var left) && other.TryGet(key, out var right) && Same(left, right));

    private static double Wide(object? number) => number switch { long whole => whole, ulong whole => whole, _ => (double)number! };
}
