using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Printing;

/// <summary>
/// The simple JSONPath of a CustomResourceDefinition's printer columns: fields (<c>.spec.size</c>, <c>['a key']</c>, <c>.a\.b</c>), indexes
/// and slices (<c>[0]</c>, <c>[-1]</c>, <c>[0:2]</c>), wildcards (<c>[*]</c>, <c>.*</c>) and filters (<c>[?(@.type=="Ready")]</c> with
/// == != &lt; &lt;= &gt; &gt;=, or without for existence). Missing fields give no result. Source: k8s.io/client-go/util/jsonpath.
/// </summary>
public sealed class JsonPath
{
    private readonly IReadOnlyList<Step> _steps;

    private JsonPath(IReadOnlyList<Step> steps) => _steps = steps;

    private delegate IEnumerable<JsonNode?> Step(JsonNode? node);

    /// <summary>Reads a path such as <c>.status.conditions[?(@.type=="Ready")].status</c>, with or without braces or a leading <c>$</c>.</summary>
    /// <exception cref="FormatException">The path is malformed; the message says where.</exception>
    public static JsonPath Parse(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var text = path.Trim();
        if (text.StartsWith('{') && text.EndsWith('}'))
        {
            text = text[1..^1];
        }

        return new JsonPath(new Reader(text).ReadAll());
    }

    /// <summary>Everything the path leads to, in the order of the object.</summary>
    public IReadOnlyList<JsonNode?> Find(JsonNode? root)
    {
        IEnumerable<JsonNode?> found = [root];
        foreach (var step in _steps)
        {
            found = found.SelectMany(node => step(node)).ToList();
        }

        return found.ToList();
    }

    private static Step Field(string name) => node => node is JsonObject parent && parent.TryGetPropertyValue(name, out var value) ? [value]
        : [];

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonObject parent => parent.Select(field => field.Value),
        JsonArray list => list,
        _ => [],
    };

    // What follows ".." is looked for in the node itself and everywhere below it.
    private static IEnumerable<JsonNode?> SelfAndDescendants(JsonNode? node) => Children(node).SelectMany(SelfAndDescendants).Prepend(node);

    private static Step Slice(int? from, int? to) => node =>
    {
        if (node is not JsonArray list)
        {
            return [];
        }

        var start = Math.Clamp(Absolute(from ?? 0, list.Count), 0, list.Count);
        var end = Math.Clamp(Absolute(to ?? list.Count, list.Count), start, list.Count);
        return list.Skip(start).Take(end - start).ToList();
    };

    private static Step Index(int index) => node =>
        node is JsonArray list && Absolute(index, list.Count) is var at && at >= 0 && at < list.Count ? [list[at]] : [];

    private static int Absolute(int index, int count) => index < 0 ? index + count : index;

    private static Step Filter(JsonPath left, string comparison, JsonNode? right) => node => node is JsonArray list
        ? list.Where(item => left.Find(item) is { Count: > 0 } found && (comparison.Length == 0 || Holds(found[0], comparison, right)))
            .ToList()
        : [];

    private static bool Holds(JsonNode? left, string comparison, JsonNode? right)
    {
        var order = Compare(left, right);
        return comparison switch
        {
            "==" => order == 0,
            "!=" => order != 0,
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            ">=" => order >= 0,
            _ => false,
        };
    }

    private static int? Compare(JsonNode? left, JsonNode? right)
    {
        if (Number(left) is { } a && Number(right) is { } b)
        {
            return a.CompareTo(b);
        }

        return left is JsonValue && right is JsonValue && left.GetValueKind() == right.GetValueKind()
            ? string.CompareOrdinal(left.ToString(), right.ToString())
            : null;
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        ? double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)
        : null;

    private sealed class Reader(string text)
    {
        private int _at;

        public List<Step> ReadAll()
        {
            var steps = new List<Step>();
            if (Peek() is '$' or '@')
            {
                _at++;
            }

            while (_at < text.Length)
            {
                steps.Add(Next(steps));
            }

            return steps;
        }

        private Step Next(List<Step> steps)
        {
            switch (Peek())
            {
                case '.' when _at + 1 < text.Length && text[_at + 1] == '.':
                    _at += 2;
                    steps.Add(SelfAndDescendants);
                    return Peek() == '[' ? Bracket() : Name();
                case '.':
                    return Name();
                case '[':
                    return Bracket();
                default:
                    return steps.Count == 0 && _at == 0 ? Name() : throw Malformed();
            }
        }

        private Step Name()
        {
            if (Peek() == '.')
            {
                _at++;
            }

            if (Peek() == '*')
            {
                _at++;
                return Children;
            }

            var name = new StringBuilder();
            while (_at < text.Length && text[_at] is not ('.' or '[' or ']'))
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                }

                name.Append(text[_at++]);
            }

            return name.Length == 0 ? node => [node] : Field(name.ToString());
        }

        private Step Bracket()
        {
            Expect('[');
            switch (Peek())
            {
                case '*':
                    _at++;
                    Expect(']');
                    return Children;
                case '?':
                    return FilterStep();
                case '\'' or '"':
                    var name = Quoted();
                    Expect(']');
                    return Field(name);
                default:
                    return Numbers();
            }
        }

        private Step Numbers()
        {
            var end = text.IndexOf(']', _at);
            if (end < 0)
            {
                throw Malformed();
            }

            var inside = text[_at..end];
            _at = end + 1;
            var parts = inside.Split(':');
            return parts.Length switch
            {
                1 when int.TryParse(inside, CultureInfo.InvariantCulture, out var index) => Index(index),
                2 => Slice(Bound(parts[0]), Bound(parts[1])),
                _ => throw Malformed(),
            };
        }

        private int? Bound(string bound) => bound.Length == 0 ? null
            : int.TryParse(bound, CultureInfo.InvariantCulture, out var number) ? number
            : throw Malformed();

        private Step FilterStep()
        {
            Expect('?');
            Expect('(');
            var end = EndOfFilter();
            var inside = text[_at..end];
            _at = end;
            Expect(')');
            Expect(']');
            foreach (var comparison in new[] { "==", "!=", "<=", ">=", "<", ">" })
            {
                var at = inside.IndexOf(comparison, StringComparison.Ordinal);
                if (at >= 0)
                {
                    return Filter(Parse(inside[..at]), comparison, Literal(inside[(at + comparison.Length)..].Trim()));
                }
            }

            return Filter(Parse(inside), "", null);
        }

        private int EndOfFilter()
        {
            var quote = '\0';
            for (var i = _at; i < text.Length; i++)
            {
                if (quote != '\0')
                {
                    quote = text[i] == quote ? '\0' : quote;
                }
                else if (text[i] is '\'' or '"')
                {
                    quote = text[i];
                }
                else if (text[i] == ')')
                {
                    return i;
                }
            }

            throw Malformed();
        }

        private JsonNode? Literal(string literal)
        {
            if (literal.Length >= 2 && literal[0] is '\'' or '"' && literal[^1] == literal[0])
            {
                return JsonValue.Create(literal[1..^1]);
            }

            try
            {
                return JsonNode.Parse(literal);
            }
            catch (JsonException)
            {
                throw Malformed();
            }
        }

        private string Quoted()
        {
            var quote = text[_at++];
            var name = new StringBuilder();
            while (_at < text.Length && text[_at] != quote)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                {
                    _at++;
                }

                name.Append(text[_at++]);
            }

            Expect(quote);
            return name.ToString();
        }

        private char Peek() => _at < text.Length ? text[_at] : '\0';

        private void Expect(char expected)
        {
            if (Peek() != expected)
            {
                throw Malformed();
            }

            _at++;
        }

        private FormatException Malformed() => new($"unrecognized JSONPath \"{text}\" at position {_at}");
    }
}
