using System.Runtime.CompilerServices;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>
/// Finds before a rule runs what would never work: variables and functions that do not exist, and fields that the schema does not have.
/// Types of operands are not checked; a wrong one shows when the rule runs.
/// </summary>
internal sealed class CelChecker
{
    private static readonly SchemaNode Metadata = new()
    {
        Type = SchemaType.Object,
        Properties = new Dictionary<string, SchemaNode>
        {
            ["name"] = new() { Type = SchemaType.String },
            ["generateName"] = new() { Type = SchemaType.String },
        },
    };

    private readonly Dictionary<string, SchemaNode?> _variables = new(StringComparer.Ordinal);

    private CelChecker(SchemaNode self) => _variables["self"] = _variables["oldSelf"] = self;

    /// <summary>Checks an expression over <c>self</c> and <c>oldSelf</c>.</summary>
    /// <exception cref="CelSyntaxException">Something does not exist.</exception>
    internal static void Check(CelProgram program, SchemaNode self)
    {
        try
        {
            new CelChecker(self).SchemaOf(program.Root);
        }
        catch (InsufficientExecutionStackException)
        {
            throw Fault("the expression is nested too deeply");
        }
    }

    /// <summary>Checks the expression and returns the schema of its value, or null where that is not known.</summary>
    private SchemaNode? SchemaOf(CelExpression expression)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (expression)
        {
            case CelName name:
                return _variables.TryGetValue(name.Name, out var schema) ? schema
                    : CelFunctions.TypeNames.Contains(name.Name) ? null
                    : throw Fault($"undeclared reference to '{name.Name}' (in container '')");
            case CelField field:
                return Below(SchemaOf(field.Of), field.Name);
            case CelHas has:
                Below(SchemaOf(has.Of), has.Name);
                return null;
            case CelIndex index:
                SchemaOf(index.Index);
                var of = SchemaOf(index.Of);
                return of?.Item ?? (index.Index is CelLiteral { Value: string key } ? of?.Field(key) : of?.Target.AdditionalProperties);
            case CelList list:
                CheckAll(list.Items);
                return null;
            case CelMap map:
                CheckAll(map.Entries.SelectMany(entry => new[] { entry.Key, entry.Value }));
                return null;
            case CelComprehension comprehension:
                return OfComprehension(comprehension);
            case CelCall call:
                return OfCall(call);
            default:
                return null;
        }
    }

    private void CheckAll(IEnumerable<CelExpression> expressions)
    {
        foreach (var expression in expressions)
        {
            SchemaOf(expression);
        }
    }

    private SchemaNode? OfCall(CelCall call)
    {
        var isMethod = call.Target is not null && !CelFunctions.IsNamespace(call.Target);
        var name = call.Target is CelName space && !isMethod ? $"{space.Name}.{call.Function}" : call.Function;
        if (!CelFunctions.Exists(name, isMethod))
        {
            throw Fault($"undeclared reference to '{call.Function}' (in container '')");
        }

        var target = isMethod ? SchemaOf(call.Target!) : null;
        CheckAll(call.Arguments);
        return call.Function is "orValue" or "value" or "or" ? target : null;
    }

    private SchemaNode? OfComprehension(CelComprehension comprehension)
    {
        var range = SchemaOf(comprehension.Range);
        var hidden = _variables.TryGetValue(comprehension.Variable, out var outer);
        _variables[comprehension.Variable] = range?.Item;
        if (comprehension.Filter is not null)
        {
            SchemaOf(comprehension.Filter);
        }

        SchemaOf(comprehension.Body);
        _variables.Remove(comprehension.Variable);
        if (hidden)
        {
            _variables[comprehension.Variable] = outer;
        }

        return comprehension.Kind == "filter" ? range : null;
    }

    private static SchemaNode? Below(SchemaNode? of, string name)
    {
        if (of is null || of.IsOpaque || of.Target.PreserveUnknownFields || of.IntOrString)
        {
            return null;
        }

        if (of.Field(name) is { } field)
        {
            return field;
        }

        return name switch
        {
            "metadata" => Metadata,
            "apiVersion" or "kind" => null,
            _ => throw Fault($"undefined field '{name}'"),
        };
    }

    private static CelSyntaxException Fault(string message) => new(message, 0);
}
