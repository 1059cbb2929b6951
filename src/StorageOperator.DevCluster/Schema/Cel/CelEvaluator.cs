using System.Runtime.CompilerServices;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>
/// Evaluates expressions. As in cel-spec, <c>&amp;&amp;</c> and <c>||</c> pass over an error if the other side decides, and so do
/// <c>all</c> and <c>exists</c>.
/// </summary>
internal sealed class CelEvaluator
{
    /// <summary>How many steps one evaluation may take: the stand-in for the server's cost limit.</summary>
    private const int MostSteps = 1_000_000;

    private readonly Dictionary<string, object?> _variables;
    private int _steps;

    private CelEvaluator(Dictionary<string, object?> variables) => _variables = variables;

    /// <summary>The value of <paramref name="program"/>.</summary>
    /// <exception cref="CelEvaluationException">It has none for these variables.</exception>
    internal static object? Evaluate(CelProgram program, Dictionary<string, object?> variables)
    {
        try
        {
            return new CelEvaluator(variables).Value(program.Root);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new CelEvaluationException("the expression is nested too deeply");
        }
    }

    private object? Value(CelExpression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++_steps > MostSteps)
        {
            throw new CelEvaluationException("operation cancelled: actual cost limit exceeded");
        }

        return expression switch
        {
            CelLiteral literal => literal.Value,
            CelName name => Variable(name.Name),
            CelField field => Field(Value(field.Of), field.Name, field.Optional),
            CelIndex index => Item(Value(index.Of), Value(index.Index), index.Optional),
            CelHas has => Has(Value(has.Of), has.Name),
            CelList list => list.Items.Select(Value).ToList(),
            CelMap map => Map(map),
            CelComprehension comprehension => Comprehend(comprehension),
            CelCall call => Call(call),
            _ => throw new CelEvaluationException("no such expression"),
        };
    }

    private object? Variable(string name)
        => _variables.TryGetValue(name, out var value) ? value
            : CelFunctions.TypeNames.Contains(name) ? new CelType(name)
            : throw new CelEvaluationException($"no such attribute(s): {name}");

    private static object? Field(object? of, string name, bool optional)
    {
        if (of is CelOptional wrapped)
        {
            return wrapped.HasValue && wrapped.Value is CelFields inner && inner.TryGet(name, out var below) ? new CelOptional(true, below)
                : CelOptional.None;
        }

        if (of is CelFields fields)
        {
            return fields.TryGet(name, out var value) ? (optional ? new CelOptional(true, value) : value)
                : optional ? CelOptional.None
                : throw new CelEvaluationException($"no such key: {name}");
        }

        throw new CelEvaluationException("no such overload");
    }

    private static object? Item(object? of, object? index, bool optional)
    {
        if (of is CelOptional wrapped)
        {
            return wrapped.HasValue ? Item(wrapped.Value, index, optional: true) : CelOptional.None;
        }

        var (found, value) = of switch
        {
            CelFields fields => (fields.TryGet(index, out var field), field),
            List<object?> items when index is long at => (at >= 0 && at < items.Count, at >= 0 && at < items.Count ? items[(int)at] : null),
            _ => throw new CelEvaluationException("no such overload"),
        };
        return found ? (optional ? new CelOptional(true, value) : value)
            : optional ? CelOptional.None
            : throw new CelEvaluationException(of is CelFields ? $"no such key: {CelValues.Text(index)}"
                : $"index out of bounds: {CelValues.Text(index)}");
    }

    private static bool Has(object? of, string name) => of switch
    {
        CelFields fields => fields.TryGet(name, out _),
        CelOptional wrapped => wrapped.HasValue && Has(wrapped.Value, name),
        _ => throw new CelEvaluationException("no such overload"),
    };

    private CelEntries Map(CelMap map)
    {
        var entries = new Dictionary<object, object?>();
        foreach (var (key, value) in map.Entries)
        {
            entries[Value(key) ?? throw new CelEvaluationException("unsupported key type: null_type")] = Value(value);
        }

        return new CelEntries(entries);
    }

    private object? Call(CelCall call)
    {
        switch (call.Function)
        {
            case "&&" when call.Target is null:
                return Decide(call.Arguments, decisive: false);
            case "||" when call.Target is null:
                return Decide(call.Arguments, decisive: true);
            case "?:":
                return Value(call.Arguments[Truth(Value(call.Arguments[0])) ? 1 : 2]);
        }

        var arguments = new List<object?>(call.Arguments.Count + 1);
        if (call.Target is not null && !CelFunctions.IsNamespace(call.Target))
        {
            arguments.Add(Value(call.Target));
        }

        arguments.AddRange(call.Arguments.Select(Value));
        var name = call.Target is CelName space && CelFunctions.IsNamespace(space) ? $"{space.Name}.{call.Function}" : call.Function;
        return CelFunctions.Call(name, call.Target is not null && !CelFunctions.IsNamespace(call.Target), arguments);
    }

    private bool Decide(IEnumerable<CelExpression> sides, bool decisive)
        => Decide(sides, side => Truth(Value(side)), decisive);

    /// <summary>The outcome if one part is decisive, whatever errors the others have; else the first error, else the opposite.</summary>
    private static bool Decide<T>(IEnumerable<T> parts, Func<T, bool> truth, bool decisive)
    {
        CelEvaluationException? error = null;
        foreach (var part in parts)
        {
            try
            {
                if (truth(part) == decisive)
                {
                    return decisive;
                }
            }
            catch (CelEvaluationException failure)
            {
                error ??= failure;
            }
        }

        return error is null ? !decisive : throw error;
    }

    private object? Comprehend(CelComprehension comprehension)
    {
        var items = Value(comprehension.Range) switch
        {
            List<object?> list => list,
            CelFields fields => fields.Keys.ToList(),
            _ => throw new CelEvaluationException("no such overload"),
        };
        var outer = _variables.TryGetValue(comprehension.Variable, out var hidden);
        try
        {
            return comprehension.Kind switch
            {
                "all" => Decide(items, item => Truth(With(item, comprehension.Body)), decisive: false),
                "exists" => Decide(items, item => Truth(With(item, comprehension.Body)), decisive: true),
                "exists_one" => items.Count(item => Truth(With(item, comprehension.Body))) == 1,
                "filter" => items.Where(item => Truth(With(item, comprehension.Body))).ToList(),
                _ => items.Where(item => comprehension.Filter is null || Truth(With(item, comprehension.Filter)))
                    .Select(item => With(item, comprehension.Body)).ToList(),
            };
        }
        finally
        {
            if (outer)
            {
                _variables[comprehension.Variable] = hidden;
            }
            else
            {
                _variables.Remove(comprehension.Variable);
            }
        }

        object? With(object? item, CelExpression body)
        {
            _variables[comprehension.Variable] = item;
            return Value(body);
        }
    }

    private static bool Truth(object? value) => value as bool? ?? throw new CelEvaluationException("no such overload");
}
