using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>
/// The functions and operators: cel-spec's standard ones, and of Kubernetes' libraries those that definitions use (strings, lists,
/// regular expressions, optionals, quantities).
/// </summary>
internal static class CelFunctions
{
    internal static readonly FrozenSet<string> TypeNames = new[]
    {
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type", "type",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Operators = new[]
    {
        "&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in", "+", "-", "*", "/", "%", "?:",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Global = new[]
    {
        "size", "int", "uint", "double", "string", "bool", "bytes", "type", "dyn", "timestamp", "duration", "matches", "quantity",
        "isQuantity", "optional.of", "optional.none", "optional.ofNonZeroValue",
    }.ToFrozenSet();

    private static readonly FrozenSet<string> Methods = new[]
    {
        "size", "matches", "startsWith", "endsWith", "contains", "lowerAscii", "upperAscii", "trim", "split", "join", "replace",
            "substring",
        "indexOf", "lastIndexOf", "charAt", "find", "findAll", "sum", "min", "max", "isSorted", "orValue", "hasValue", "value", "or",
        "isGreaterThan", "isLessThan", "compareTo", "add", "sub", "sign", "isInteger", "asInteger", "asApproximateFloat",
        "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds",
        "getMilliseconds",
    }.ToFrozenSet();

    /// <summary>True for the names before a dot that are no variables: <c>optional.of(x)</c>.</summary>
    internal static bool IsNamespace(CelExpression expression) => expression is CelName { Name: "optional" };

    /// <summary>True if there is such a function; as a method if <paramref name="isMethod"/>.</summary>
    internal static bool Exists(string name, bool isMethod)
        => isMethod ? Methods.Contains(name) : Global.Contains(name) || Operators.Contains(name);

    /// <summary>Calls a function.</summary>
    /// <param name="name">Its name or symbol.</param>
    /// <param name="isMethod">True if the first argument stood before the dot.</param>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="CelEvaluationException">It has no value for these arguments.</exception>
    internal static object? Call(string name, bool isMethod, List<object?> arguments)
    {
        switch (name, arguments)
        {
            case ("dyn", [var value]) when !isMethod:
                return value;
            case ("orValue", [CelOptional optional, var otherwise]):
                return optional.HasValue ? optional.Value : otherwise;
            case ("value", [CelOptional { HasValue: true } optional]):
                return optional.Value;
        }

        try
        {
            return (isMethod ? null : Operator(name, arguments)) ?? Standard(name, arguments, isMethod)
                ?? (isMethod ? Method(name, arguments) : null)
                ?? throw new CelEvaluationException("no such overload");
        }
        catch (OverflowException)
        {
            throw new CelEvaluationException("integer overflow");
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CelEvaluationException("value out of range");
        }
    }

    private static object? Operator(string name, List<object?> arguments) => (name, arguments) switch
    {
        ("!", [bool flag]) => !flag,
        ("==", [var left, var right]) => CelValues.Same(left, right),
        ("!=", [var left, var right]) => !CelValues.Same(left, right),
        ("<", [var left, var right]) => Order(left, right) < 0,
        ("<=", [var left, var right]) => Order(left, right) <= 0,
        (">", [var left, var right]) => Order(left, right) > 0,
        (">=", [var left, var right]) => Order(left, right) >= 0,
        ("in", [var item, List<object?> list]) => list.Exists(other => CelValues.Same(item, other)),
        ("in", [var key, CelFields fields]) => fields.TryGet(key, out _),
        ("-", [long number]) => checked(-number),
        ("-", [double number]) => -number,
        ("+", [string left, string right]) => left + right,
        ("+", [List<object?> left, List<object?> right]) => (List<object?>)[.. left, .. right],
        ("+", [DateTimeOffset time, TimeSpan span]) => time + span,
        ("+", [TimeSpan span, DateTimeOffset time]) => time + span,
        ("+", [TimeSpan left, TimeSpan right]) => left + right,
        ("-", [DateTimeOffset time, TimeSpan span]) => time - span,
        ("-", [DateTimeOffset left, DateTimeOffset right]) => left - right,
        ("-", [TimeSpan left, TimeSpan right]) => left - right,
        (_, [long left, long right]) => Whole(name, left, right),
        (_, [ulong left, ulong right]) => Unsigned(name, left, right),
        ("+", [double left, double right]) => left + right,
        ("-", [double left, double right]) => left - right,
        ("*", [double left, double right]) => left * right,
        ("/", [double left, double right]) => left / right,
        _ => null,
    };

    private static int Order(object? left, object? right)
        => CelValues.Compare(left, right) ?? throw new CelEvaluationException("no such overload");

    private static object? Whole(string name, long left, long right) => name switch
    {
        "+" => checked(left + right),
        "-" => checked(left - right),
        "*" => checked(left * right),
        "/" => right == 0 ? throw new CelEvaluationException("division by zero") : checked(left / right),
        "%" => right == 0 ? throw new CelEvaluationException("modulus by zero") : right == -1 ? 0L : left % right,
        _ => null,
    };

    private static object? Unsigned(string name, ulong left, ulong right) => name switch
    {
        "+" => checked(left + right),
        "-" => checked(left - right),
        "*" => checked(left * right),
        "/" => right == 0 ? throw new CelEvaluationException("division by zero") : left / right,
        "%" => right == 0 ? throw new CelEvaluationException("modulus by zero") : left % right,
        _ => null,
    };

    /// <summary>Functions, some of which may also be written as methods.</summary>
    private static object? Standard(string name, List<object?> arguments, bool isMethod) => (name, arguments) switch
    {
        ("size", [string text]) => (long)text.EnumerateRunes().Count(),
        ("size", [byte[] bytes]) => (long)bytes.Length,
        ("size", [List<object?> list]) => (long)list.Count,
        ("size", [CelFields fields]) => (long)fields.Count,
        ("matches", [string text, string pattern]) => Matches(text, pattern),
        _ when isMethod => null,
        ("type", [var value]) => new CelType(CelValues.TypeName(value)),
        ("int", [var value]) => ToInt(value),
        ("uint", [var value]) => ToUint(value),
        ("double", [var value]) => ToDouble(value),
        ("string", [var value]) => CelValues.Text(value),
        ("bool", [bool flag]) => flag,
        ("bool", [string text]) => text switch
        {
            "true" or "True" or "TRUE" or "t" or "1" => true,
            "false" or "False" or "FALSE" or "f" or "0" => false,
            _ => throw new CelEvaluationException("type conversion error from 'string' to 'bool'"),
        },
        ("bytes", [string text]) => Encoding.UTF8.GetBytes(text),
        ("timestamp", [string text]) => Formats.IsTime(text) ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)
            : throw new CelEvaluationException("type conversion error from 'string' to 'google.protobuf.Timestamp'"),
        ("timestamp", [DateTimeOffset time]) => time,
        ("duration", [string text]) => CelValues.Duration(text) ?? throw new CelEvaluationException($"time: invalid duration \"{text}\""),
        ("duration", [TimeSpan span]) => span,
        ("quantity", [string text]) => CelQuantity.Parse(text)
            ?? throw new CelEvaluationException("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
        ("isQuantity", [string text]) => CelQuantity.Parse(text) is not null,
        ("optional.of", [var value]) => new CelOptional(true, value),
        ("optional.none", []) => CelOptional.None,
        ("optional.ofNonZeroValue", [var value])
            => value is null or "" or 0L or false or List<object?> { Count: 0 } or CelFields { Count: 0 }
            ? CelOptional.None : new CelOptional(true, value),
        _ => null,
    };

    private static object? Method(string name, List<object?> arguments) => arguments[0] switch
    {
        string text => OfText(name, text, arguments),
        List<object?> list => OfList(name, list, arguments),
        CelQuantity quantity => OfQuantity(name, quantity, arguments),
        CelOptional optional => OfOptional(name, optional, arguments),
        DateTimeOffset time => OfTime(name, time.ToUniversalTime()),
        TimeSpan span => OfSpan(name, span),
        _ => null,
    };

    private static object? OfText(string name, string text, List<object?> arguments) => (name, arguments) switch
    {
        ("startsWith", [_, string start]) => text.StartsWith(start, StringComparison.Ordinal),
        ("endsWith", [_, string end]) => text.EndsWith(end, StringComparison.Ordinal),
        ("contains", [_, string part]) => text.Contains(part, StringComparison.Ordinal),
        ("lowerAscii", [_])
            => string.Concat(text.Select(letter => char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter) : letter)),
        ("upperAscii", [_])
            => string.Concat(text.Select(letter => char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter) : letter)),
        ("trim", [_]) => text.Trim(),
        ("split", [_, string separator]) => Split(text, separator, -1),
        ("split", [_, string separator, long most]) => Split(text, separator, most),
        ("replace", [_, string old, string new_]) => text.Replace(old, new_, StringComparison.Ordinal),
        ("substring", [_, long from]) => Part(text, from, text.Length),
        ("substring", [_, long from, long to]) => Part(text, from, to),
        ("indexOf", [_, string part]) => (long)text.IndexOf(part, StringComparison.Ordinal),
        ("lastIndexOf", [_, string part]) => (long)text.LastIndexOf(part, StringComparison.Ordinal),
        ("charAt", [_, long at]) => at == text.Length ? "" : Part(text, at, at + 1),
        ("find", [_, string pattern]) => Find(text, pattern).FirstOrDefault() ?? "",
        ("findAll", [_, string pattern]) => Find(text, pattern).Cast<object?>().ToList(),
        _ => null,
    };

    private static object? OfList(string name, List<object?> list, List<object?> arguments) => (name, arguments) switch
    {
        ("join", [_]) => string.Concat(list.Select(CelValues.Text)),
        ("join", [_, string separator]) => string.Join(separator, list.Select(CelValues.Text)),
        ("indexOf", [_, var item]) => (long)list.FindIndex(other => CelValues.Same(other, item)),
        ("lastIndexOf", [_, var item]) => (long)list.FindLastIndex(other => CelValues.Same(other, item)),
        ("isSorted", [_]) => list.Zip(list.Skip(1)).All(pair => Order(pair.First, pair.Second) <= 0),
        ("sum", [_]) => list.Count == 0 ? 0L : list.Skip(1).Aggregate(list[0], (sum, item) => Call("+", false, [sum, item])),
        ("min", [_])
            => list.Count == 0 ? throw new CelEvaluationException("min called on empty list")
            : list.Aggregate((least, item) => Order(item, least) < 0 ? item : least),
        ("max", [_])
            => list.Count == 0 ? throw new CelEvaluationException("max called on empty list")
            : list.Aggregate((most, item) => Order(item, most) > 0 ? item : most),
        _ => null,
    };

    private static object? OfQuantity(string name, CelQuantity quantity, List<object?> arguments) => (name, arguments) switch
    {
        ("isGreaterThan", [_, CelQuantity other]) => quantity.Value > other.Value,
        ("isLessThan", [_, CelQuantity other]) => quantity.Value < other.Value,
        ("compareTo", [_, CelQuantity other]) => (long)quantity.Value.CompareTo(other.Value),
        ("add", [_, CelQuantity other]) => new CelQuantity(quantity.Value + other.Value),
        ("add", [_, long other]) => new CelQuantity(quantity.Value + other),
        ("sub", [_, CelQuantity other]) => new CelQuantity(quantity.Value - other.Value),
        ("sub", [_, long other]) => new CelQuantity(quantity.Value - other),
        ("sign", [_]) => (long)Math.Sign(quantity.Value),
        ("isInteger", [_]) => decimal.IsInteger(quantity.Value) && quantity.Value is >= long.MinValue and <= long.MaxValue,
        ("asInteger", [_])
            => decimal.IsInteger(quantity.Value) ? (long)quantity.Value
            : throw new CelEvaluationException("cannot convert value to integer"),
        ("asApproximateFloat", [_]) => (double)quantity.Value,
        _ => null,
    };

    private static object? OfOptional(string name, CelOptional optional, List<object?> arguments) => (name, arguments) switch
    {
        ("hasValue", [_]) => optional.HasValue,
        ("or", [_, CelOptional otherwise]) => optional.HasValue ? optional : otherwise,
        ("value", [_]) => throw new CelEvaluationException("optional.none() dereference"),
        _ => null,
    };

    private static object? OfTime(string name, DateTimeOffset time) => name switch
    {
        "getFullYear" => (long)time.Year,
        "getMonth" => time.Month - 1L,
        "getDate" => (long)time.Day,
        "getDayOfMonth" => time.Day - 1L,
        "getDayOfWeek" => (long)time.DayOfWeek,
        "getDayOfYear" => time.DayOfYear - 1L,
        "getHours" => (long)time.Hour,
        "getMinutes" => (long)time.Minute,
        "getSeconds" => (long)time.Second,
        "getMilliseconds" => (long)time.Millisecond,
        _ => null,
    };

    private static object? OfSpan(string name, TimeSpan span) => name switch
    {
        "getHours" => (long)span.TotalHours,
        "getMinutes" => (long)span.TotalMinutes,
        "getSeconds" => (long)span.TotalSeconds,
        "getMilliseconds" => (long)span.Milliseconds,
        _ => null,
    };

    private static object? ToInt(object? value) => value switch
    {
        long number => number,
        ulong number => checked((long)number),
        double number => number is > -9.2233720368547758E+18 and < 9.2233720368547758E+18 ? (long)number : throw new OverflowException(),
        string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new CelEvaluationException("type conversion error from 'string' to 'int'"),
        DateTimeOffset time => time.ToUnixTimeSeconds(),
        _ => null,
    };

    private static object? ToUint(object? value) => value switch
    {
        ulong number => number,
        long number => checked((ulong)number),
        double number => number is >= 0 and < 1.8446744073709552E+19 ? (ulong)number : throw new OverflowException(),
        string text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new CelEvaluationException("type conversion error from 'string' to 'uint'"),
        _ => null,
    };

    private static object? ToDouble(object? value) => value switch
    {
        double number => number,
        long number => (double)number,
        ulong number => (double)number,
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new CelEvaluationException("type conversion error from 'string' to 'double'"),
        _ => null,
    };

    private static bool Matches(string text, string pattern)
        => Re2.Fault(pattern) is { } fault ? throw new CelEvaluationException("error parsing regexp: " + fault)
            : Re2.IsMatch(pattern, text);

    private static IEnumerable<string> Find(string text, string pattern)
        => Re2.Fault(pattern) is { } fault ? throw new CelEvaluationException("error parsing regexp: " + fault)
            : Re2.Matches(pattern, text);

    private static List<object?> Split(string text, string separator, long most)
    {
        if (most == 0)
        {
            return [];
        }

        var count = most < 0 ? int.MaxValue : (int)most;
        return separator.Length == 0
            ? [.. text.EnumerateRunes().Take(count).Select(rune => rune.ToString())]
            : [.. text.Split(separator, count)];
    }

    private static string Part(string text, long from, long to)
        => from >= 0 && from <= to && to <= text.Length ? text[(int)from..(int)to]
            : throw new CelEvaluationException($"index out of range: {from}");
}
