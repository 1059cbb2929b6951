using System.Runtime.CompilerServices;

namespace StorageOperator.DevCluster.Schema.Cel;

/// <summary>Reads expressions by the grammar of cel-spec, with the macros that Kubernetes has.</summary>
internal sealed class CelParser
{
    /// <summary>More names in one expression than any rule has; with it the depth of the tree is bounded.</summary>
    private const int MostTokens = 5_000;

    private static readonly string[][] Levels = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]];

    private readonly CelScanner _scanner;
    private CelToken _token;
    private int _tokens;
    private bool _namesOldSelf;

    private CelParser(string text)
    {
        _scanner = new CelScanner(text);
        _token = _scanner.Next();
    }

    /// <summary>Reads a whole expression.</summary>
    /// <exception cref="CelSyntaxException">The text is no expression.</exception>
    internal static CelProgram Parse(string text)
    {
        var parser = new CelParser(text);
        try
        {
            var expression = parser.Expression();
            return parser._token.Kind == CelTokenKind.End ? new CelProgram(expression, parser._namesOldSelf) : throw parser.Unexpected();
        }
        catch (InsufficientExecutionStackException)
        {
            throw new CelSyntaxException("the expression is nested too deeply", parser._token.Position);
        }
    }

    private CelExpression Expression()
    {
        var condition = Binary(0);
        if (Takes("?"))
        {
            var then = Binary(0);
            Expect(":");
            condition = new CelCall("?:", null, [condition, then, Expression()]);
        }

        return condition;
    }

    private CelExpression Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (_token.Kind == CelTokenKind.Symbol && Levels[level].Contains(_token.Text))
        {
            var symbol = Advance().Text;
            left = new CelCall(symbol, null, [left, Binary(level + 1)]);
        }

        return left;
    }

    private CelExpression Unary()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Takes("!"))
        {
            return new CelCall("!", null, [Unary()]);
        }

        if (!Takes("-"))
        {
            return Member();
        }

        var operand = Unary();
        return operand switch
        {
            CelLiteral { Value: long number } => new CelLiteral(unchecked(-number)),
            CelLiteral { Value: double number } => new CelLiteral(-number),
            _ => new CelCall("-", null, [operand]),
        };
    }

    private CelExpression Member()
    {
        var expression = Primary();
        while (true)
        {
            if (Takes("."))
            {
                var optional = Takes("?");
                var name = ExpectName();
                expression = !optional && Takes("(") ? Call(name, expression) : new CelField(expression, Unescaped(name.Text), optional);
            }
            else if (Takes("["))
            {
                var optional = Takes("?");
                expression = new CelIndex(expression, Expression(), optional);
                Expect("]");
            }
            else
            {
                return expression;
            }
        }
    }

    private CelExpression Primary()
    {
        if (_token.Kind == CelTokenKind.Literal)
        {
            return new CelLiteral(Advance().Value);
        }

        if (_token.Kind == CelTokenKind.Name)
        {
            var name = Advance();
            _namesOldSelf |= name.Text == "oldSelf";
            return Takes("(") ? Call(name, null) : new CelName(name.Text);
        }

        if (Takes("("))
        {
            var inner = Expression();
            Expect(")");
            return inner;
        }

        return Takes("[") ? new CelList(Until("]")) : Takes("{") ? MapLiteral() : throw Unexpected();
    }

    private CelExpression Call(CelToken name, CelExpression? target)
    {
        var arguments = Until(")");
        if (target is null && name.Text == "has")
        {
            return arguments is [CelField { Optional: false } field]
                ? new CelHas(field.Of, field.Name)
                : throw new CelSyntaxException("invalid argument to has() macro", name.Position);
        }

        return target is not null && name.Text is "all" or "exists" or "exists_one" or "existsOne" or "filter" or "map"
            ? Macro(name, target!, arguments)
            : new CelCall(name.Text, target, arguments);
    }

    private static CelComprehension Macro(CelToken name, CelExpression range, List<CelExpression> arguments)
    {
        var kind = name.Text == "existsOne" ? "exists_one" : name.Text;
        return arguments switch
        {
            [CelName variable, var body] => new CelComprehension(kind, range, variable.Name, null, body),
            [CelName variable, var filter, var body] when kind == "map" => new CelComprehension(kind, range, variable.Name, filter, body),
            _ => throw new CelSyntaxException($"invalid argument to {name.Text}() macro", name.Position),
        };
    }

    private CelMap MapLiteral()
    {
        var entries = new List<(CelExpression, CelExpression)>();
        while (!Takes("}"))
        {
            var key = Expression();
            Expect(":");
            entries.Add((key, Expression()));
            if (!Takes(","))
            {
                Expect("}");
                break;
            }
        }

        return new CelMap(entries);
    }

    private List<CelExpression> Until(string end)
    {
        var expressions = new List<CelExpression>();
        while (!Takes(end))
        {
            expressions.Add(Expression());
            if (!Takes(","))
            {
                Expect(end);
                break;
            }
        }

        return expressions;
    }

    /// <summary>Kubernetes writes field names that are no CEL names with these escapes.</summary>
    private static string Unescaped(string name)
    {
        if (!name.Contains("__", StringComparison.Ordinal))
        {
            return name;
        }

        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal)
            && name.Trim('_') is "true" or "false" or "null" or "in" or "as" or "break" or "const" or "continue" or "else" or "for" or "function"
                or "if" or "import" or "let" or "loop" or "package" or "namespace" or "return" or "var" or "void" or "while")
        {
            return name.Trim('_');
        }

        return name.Replace("__dot__", ".", StringComparison.Ordinal).Replace("__dash__", "-", StringComparison.Ordinal)
            .Replace("__slash__", "/", StringComparison.Ordinal).Replace("__underscores__", "__", StringComparison.Ordinal);
    }

    private CelToken Advance()
    {
        if (++_tokens > MostTokens)
        {
            throw new CelSyntaxException("the expression is too long", _token.Position);
        }

        var token = _token;
        _token = _scanner.Next();
        return token;
    }

    private bool Takes(string symbol)
    {
        if (_token.Kind != CelTokenKind.Symbol || _token.Text != symbol)
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Takes(symbol))
        {
            throw Unexpected();
        }
    }

    private CelToken ExpectName()
        => _token.Kind == CelTokenKind.Name || _token.Text == "in" ? Advance() : throw Unexpected();

    private CelSyntaxException Unexpected()
        => new(_token.Kind == CelTokenKind.End ? "Syntax error: mismatched input '<EOF>'"
            : $"Syntax error: mismatched input '{_token.Text}'", _token.Position);
}
