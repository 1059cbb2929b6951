namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>An expression of the Common Expression Language.</summary>
internal abstract record CelExpression;

/// <summary>A whole expression.</summary>
/// <param name="Root">Its outermost operation.</param>
/// <param name="NamesOldSelf">True if it compares with the old value, which makes a transition rule of it.</param>
internal sealed record CelProgram(CelExpression Root, bool NamesOldSelf);

/// <summary>A constant.</summary>
internal sealed record CelLiteral(object? Value) : CelExpression;

/// <summary>A variable, or the name of a type.</summary>
internal sealed record CelName(string Name) : CelExpression;

/// <summary>A field: <c>a.b</c>, or <c>a.?b</c> if <paramref name="Optional"/>.</summary>
internal sealed record CelField(CelExpression Of, string Name, bool Optional) : CelExpression;

/// <summary>An item: <c>a[b]</c>, or <c>a[?b]</c> if <paramref name="Optional"/>.</summary>
internal sealed record CelIndex(CelExpression Of, CelExpression Index, bool Optional) : CelExpression;

/// <summary>A function or operator: <c>f(x)</c>, or <c>target.f(x)</c>.</summary>
internal sealed record CelCall(string Function, CelExpression? Target, IReadOnlyList<CelExpression> Arguments) : CelExpression;

/// <summary><c>has(a.b)</c>.</summary>
internal sealed record CelHas(CelExpression Of, string Name) : CelExpression;

/// <summary><c>[a, b]</c>.</summary>
internal sealed record CelList(IReadOnlyList<CelExpression> Items) : CelExpression;

/// <summary><c>{a: b}</c>.</summary>
internal sealed record CelMap(IReadOnlyList<(CelExpression Key, CelExpression Value)> Entries) : CelExpression;

/// <summary>
/// A macro over a list or the keys of a map: <c>range.all(x, body)</c>; kinds are all, exists, exists_one, filter and map, the
/// last with a filter if <paramref name="Filter"/> is there.
/// </summary>
internal sealed record CelComprehension(string Kind, CelExpression Range, string Variable, CelExpression? Filter, CelExpression Body)
    : CelExpression;

/// <summary>An expression that cannot be read, or that names what does not exist.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="position">Where, counted from zero.</param>
public sealed class CelSyntaxException(string message, int position) : Exception(message)
{
    /// <summary>Where in the expression, in characters from its beginning.</summary>
    public int Position { get; } = position;
}

/// <summary>
/// An expression that has no value for this object: <c>no such key</c>, <c>division by zero</c>, <c>no such overload</c> ...
/// </summary>
public sealed class CelEvaluationException(string message) : Exception(message);
