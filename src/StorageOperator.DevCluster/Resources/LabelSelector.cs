using System.Text.RegularExpressions;

namespace StorageOperator.DevCluster.Resources;

/// <summary>A label selector as it stands in a query: <c>a=b,c!=d,e in (f,g),h notin (i),j,!k,l&gt;5</c>.</summary>
internal sealed partial class LabelSelector
{
    private readonly IReadOnlyList<Requirement> _requirements;

    private LabelSelector(IReadOnlyList<Requirement> requirements) => _requirements = requirements;

    private enum Operation
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
        GreaterThan,
        LessThan,
    }

    /// <summary>Whether every object matches.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Reads a selector.</summary>
    /// <exception cref="FormatException">It is not one; the message says what is wrong.</exception>
    public static LabelSelector Parse(string? text) => new([.. Split(text ?? "").Select(ParseRequirement)]);

    /// <summary>Whether labels fulfil every requirement.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) => _requirements.All(requirement => requirement.Matches(labels));

    // Commas separate requirements, except between the parentheses of a set.
    private static IEnumerable<string> Split(string text)
    {
        int start = 0, depth = 0;
        for (int index = 0; index <= text.Length; index++)
        {
            char current = index < text.Length ? text[index] : ',';
            depth += current switch { '(' => 1, ')' => -1, _ => 0 };
            if (current != ',' || (depth != 0 && index < text.Length))
            {
                continue;
            }
            string part = text[start..index].Trim();
            start = index + 1;
            if (part.Length > 0)
            {
                yield return part;
            }
        }
    }

    private static Requirement ParseRequirement(string text)
    {
        if (SetForm().Match(text) is { Success: true } set)
        {
            string[] values = [.. set.Groups["values"].Value.Split(',').Select(value => value.Trim())];
            return new Requirement(Key(set), set.Groups["not"].Success ? Operation.NotIn : Operation.In, values);
        }
        if (CompareForm().Match(text) is { Success: true } comparison)
        {
            string value = comparison.Groups["value"].Value;
            return comparison.Groups["op"].Value switch
            {
                "!=" => new Requirement(Key(comparison), Operation.NotIn, [value]),
                ">" => new Requirement(Key(comparison), Operation.GreaterThan, [Number(value)]),
                "<" => new Requirement(Key(comparison), Operation.LessThan, [Number(value)]),
                _ => new Requirement(Key(comparison), Operation.In, [value]),
            };
        }
        if (ExistsForm().Match(text) is { Success: true } exists)
        {
            return new Requirement(Key(exists), exists.Groups["not"].Success ? Operation.DoesNotExist : Operation.Exists, []);
        }
        throw new FormatException($"unable to parse requirement: {text}");
    }

    private static string Key(Match match) => match.Groups["key"].Value;

    private static string Number(string value) => long.TryParse(value, out _)
        ? value
        : throw new FormatException($"for 'Gt', 'Lt' operators, the value must be an integer: {value}");

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s+(?<not>not)?in\s*\((?<values>[\w., -]*)\)$")]
    private static partial Regex SetForm();

    [GeneratedRegex(@"^(?<key>[\w./-]+)\s*(?<op>==|!=|=|>|<)\s*(?<value>[\w.-]*)$")]
    private static partial Regex CompareForm();

    [GeneratedRegex(@"^(?<not>!)?\s*(?<key>[\w./-]+)$")]
    private static partial Regex ExistsForm();

    private sealed record Requirement(string Key, Operation Operation, string[] Values)
    {
        public bool Matches(IReadOnlyDictionary<string, string> labels)
        {
            bool exists = labels.TryGetValue(Key, out string? value);
            return Operation switch
            {
                Operation.In => exists && Values.Contains(value),
                Operation.NotIn => !exists || !Values.Contains(value),
                Operation.Exists => exists,
                Operation.DoesNotExist => !exists,
                Operation.GreaterThan => exists && long.TryParse(value, out long actual) && actual > long.Parse(Values[0]),
                _ => exists && long.TryParse(value, out long actual) && actual < long.Parse(Values[0]),
            };
        }
    }
}
