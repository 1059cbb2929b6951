using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// Regular expressions in the syntax of schemas and CEL (RE2), matched in linear time. Differences to .NET that are translated:
/// <c>$</c> is the very end, <c>\d \w \s</c> are ASCII, <c>(?P&lt;n&gt;)</c> names a group, <c>\z</c>, and <c>[[:alpha:]]</c> classes.
/// </summary>
internal static class Re2
{
    private static readonly ConcurrentDictionary<string, Regex> Known = new(StringComparer.Ordinal);

    private static readonly (string Name, string Set)[] Classes =
    [
        ("[:alpha:]", "A-Za-z"), ("[:digit:]", "0-9"), ("[:alnum:]", "0-9A-Za-z"), ("[:lower:]", "a-z"), ("[:upper:]", "A-Z"),
        ("[:space:]", @"\t\n\v\f\r "), ("[:xdigit:]", "0-9A-Fa-f"), ("[:word:]", "0-9A-Za-z_"), ("[:punct:]", @"!-/:-@\[-`{-~"),
    ];

    /// <summary>True if <paramref name="pattern"/> matches somewhere in <paramref name="text"/>.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression.</exception>
    internal static bool IsMatch(string pattern, string text) => Known.GetOrAdd(pattern, Compile).IsMatch(text);

    /// <summary>The parts of <paramref name="text"/> that <paramref name="pattern"/> matches, from left to right.</summary>
    internal static IEnumerable<string> Matches(string pattern, string text)
        => Known.GetOrAdd(pattern, Compile).Matches(text).Select(match => match.Value);

    /// <summary>Null if <paramref name="pattern"/> is a regular expression, else what is wrong with it.</summary>
    internal static string? Fault(string pattern)
    {
        try
        {
            Known.GetOrAdd(pattern, Compile);
            return null;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return error.Message;
        }
    }

    private static Regex Compile(string pattern)
        => new(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string Translate(string pattern)
    {
        var result = new StringBuilder(pattern.Length + 8);
        var inSet = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                result.Append(Escape(rest[1], inSet));
                at++;
            }
            else if (inSet
                && Array.Find(Classes, known
                => pattern.AsSpan(at).StartsWith(known.Name, StringComparison.Ordinal)) is { Name: { } name } found)
            {
                result.Append(found.Set);
                at += name.Length - 1;
            }
            else if (!inSet && rest[0] == '$')
            {
                result.Append(@"\z");
            }
            else if (!inSet && rest.StartsWith("(?P<", StringComparison.Ordinal))
            {
                result.Append("(?<");
                at += 3;
            }
            else if (inSet && rest[0] == '[')
            {
                result.Append(@"\[");
            }
            else
            {
                inSet = rest[0] switch { '[' => true, ']' => false, _ => inSet };
                result.Append(rest[0]);
            }
        }

        return result.ToString();
    }

    private static string Escape(char letter, bool inSet) => (letter, inSet) switch
    {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', false) => "[^0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', false) => "[^0-9A-Za-z_]",
        ('s', false) => @"[\t\n\f\r ]",
        ('s', true) => @"\t\n\f\r ",
        ('S', false) => @"[^\t\n\f\r ]",
        _ => "\\" + letter,
    };
}
