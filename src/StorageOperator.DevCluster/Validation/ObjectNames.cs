using System.Text.RegularExpressions;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// The rules for names, label keys and label values. Each answers the ways in which a text breaks the rule, empty if it does not.
/// Sizes are bytes in UTF-8. Source: k8s.io/apimachinery/pkg/util/validation and pkg/api/validation.
/// </summary>
public static partial class ObjectNames
{
    private const string LabelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainPattern = LabelPattern + "(\\." + LabelPattern + ")*";
    private const string ServicePattern = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private const string KeyPattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static readonly string[] NotInPaths = ["/", "%"];
    private const string KeyRule =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    /// <summary>A DNS subdomain of at most 253 bytes: the name of most objects.</summary>
    public static IReadOnlyList<string> Subdomain(string value)
    {
        var problems = new List<string>();
        Limit(problems, value, 253);
        if (!SubdomainRegex().IsMatch(value))
        {
            problems.Add(Pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", SubdomainPattern, "example.com"));
        }

        return problems;
    }

    /// <summary>A DNS label of at most 63 bytes: namespaces, volume names in pods.</summary>
    public static IReadOnlyList<string> Label(string value)
    {
        var problems = new List<string>();
        Limit(problems, value, 63);
        if (LabelRegex().IsMatch(value))
        {
            return problems;
        }

        problems.Add(SubdomainRegex().IsMatch(value)
            ? "must not contain dots"
            : Pattern("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", LabelPattern, "my-name", "123-abc"));
        return problems;
    }

    /// <summary>A DNS label that starts with a letter: services.</summary>
    public static IReadOnlyList<string> ServiceLabel(string value)
    {
        var problems = new List<string>();
        Limit(problems, value, 63);
        if (!ServiceRegex().IsMatch(value))
        {
            problems.Add(Pattern("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", ServicePattern, "my-name", "abc-123"));
        }

        return problems;
    }

    /// <summary>Any text that can stand as one segment of a URL path: RBAC objects and the floor for every kind.</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        return NotInPaths.Where(value.Contains).Select(part => $"may not contain '{part}'").ToList();
    }

    /// <summary>An optional DNS subdomain and '/', then a name of at most 63 bytes: label keys, annotation keys, finalizers.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            return [$"a valid label key {Pattern(KeyRule, KeyPattern, "MyName", "my.name", "123-abc")} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        var problems = new List<string>();
        if (parts.Length == 2)
        {
            problems.AddRange(parts[0].Length == 0
                ? ["prefix part must be non-empty"]
                : Subdomain(parts[0]).Select(problem => "prefix part " + problem));
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            problems.Add("name part must be non-empty");
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(name) > 63)
        {
            problems.Add("name part must be no more than 63 bytes");
        }

        if (!KeyRegex().IsMatch(name))
        {
            problems.Add("name part " + Pattern(KeyRule, KeyPattern, "MyName", "my.name", "123-abc"));
        }

        return problems;
    }

    /// <summary>At most 63 bytes, may be empty.</summary>
    public static IReadOnlyList<string> LabelValue(string value)
    {
        var problems = new List<string>();
        Limit(problems, value, 63);
        if (!LabelValueRegex().IsMatch(value))
        {
            problems.Add(Pattern($"a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", $"({KeyPattern})?", "MyValue", "my_value", "12345"));
        }

        return problems;
    }

    /// <summary>The rule for the start of a generated name: a trailing dash is allowed, since something follows.</summary>
    public static IReadOnlyList<string> Prefix(Func<string, IReadOnlyList<string>> rule, string prefix)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(prefix);
        return rule(prefix.Length > 1 && prefix.EndsWith('-') ? prefix[..^1] + "a" : prefix);
    }

    private static void Limit(List<string> problems, string value, int maximum)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(value) > maximum)
        {
            problems.Add($"must be no more than {maximum} bytes");
        }
    }

    private static string Pattern(string rule, string pattern, params ReadOnlySpan<string> examples)
    {
        var listed = string.Join(" or ", examples.ToArray().Select(example => $"'{example}', "));
        return $"{rule} (e.g. {listed}regex used for validation is '{pattern}')";
    }

    [GeneratedRegex("^" + SubdomainPattern + "\\z")]
    private static partial Regex SubdomainRegex();

    [GeneratedRegex("^" + LabelPattern + "\\z")]
    private static partial Regex LabelRegex();

    [GeneratedRegex("^" + ServicePattern + "\\z")]
    private static partial Regex ServiceRegex();

    [GeneratedRegex("^" + KeyPattern + "\\z")]
    private static partial Regex KeyRegex();

    [GeneratedRegex("^(" + KeyPattern + ")?\\z")]
    private static partial Regex LabelValueRegex();
}
