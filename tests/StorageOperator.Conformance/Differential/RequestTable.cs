using System.Text;
using System.Text.RegularExpressions;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Differential;

/// <summary>A case of the table: requests that are sent one after another.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Since">The first server version that can know it; null for all.</param>
/// <param name="Requests">In order.</param>
public sealed record DifferentialCase(string Title, ServerVersion? Since, IReadOnlyList<DifferentialRequest> Requests);

/// <summary>One request; variables in path and body are not filled in yet.</summary>
/// <param name="Verb">An HTTP method, MERGE, JSON, STRATEGIC or APPLY for kinds of patch, or WATCH.</param>
/// <param name="Events">How many events a watch reads.</param>
/// <param name="UntilAgreed">Whether it is repeated until both servers agree.</param>
/// <param name="CodeOnly">Whether only the status code is compared.</param>
/// <param name="Line">Where it stands in the table, from 1.</param>
public sealed record DifferentialRequest(string Verb, string Path, string? Accept, string? Body, int Events, bool UntilAgreed,
    bool CodeOnly, int Line)
{
    public HttpMethod Method => Verb switch
    {
        "WATCH" => HttpMethod.Get,
        "MERGE" or "JSON" or "STRATEGIC" or "APPLY" => HttpMethod.Patch,
        _ => new HttpMethod(Verb),
    };

    public string ContentType => Verb switch
    {
        "MERGE" => KubernetesApi.MergePatch,
        "JSON" => KubernetesApi.JsonPatch,
        "STRATEGIC" => KubernetesApi.StrategicPatch,
        "APPLY" => "application/apply-patch+yaml",
        _ => "application/json",
    };
}

/// <summary>The table of requests in <c>requests.http</c>; its head explains the form.</summary>
public static partial class RequestTable
{
    private static readonly Lazy<IReadOnlyDictionary<string, DifferentialCase>> Read = new(() =>
        Parse(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Differential", "requests.http"))).ToDictionary(found =>
            found.Title));

    public static IReadOnlyDictionary<string, DifferentialCase> Cases => Read.Value;

    internal static IEnumerable<DifferentialCase> Parse(IReadOnlyList<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].StartsWith("### ", StringComparison.Ordinal))
            {
                var end = i + 1;
                while (end < lines.Count && !lines[end].StartsWith("### ", StringComparison.Ordinal))
                {
                    end++;
                }

                var since = SinceRegex().Match(lines[i]);
                yield return new DifferentialCase(
                    lines[i][4..], since.Success ? ServerVersion.Parse(since.Groups[1].Value) : null, [.. Requests(lines, i + 1, end)]);
                i = end - 1;
            }
        }
    }

    private static IEnumerable<DifferentialRequest> Requests(IReadOnlyList<string> lines, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var head = RequestRegex().Match(lines[i]);
            if (!head.Success)
            {
                if (lines[i].Length > 0 && !lines[i].StartsWith('#'))
                {
                    throw new FormatException($"requests.http, line {i + 1}: '{lines[i]}' is neither a request nor a remark.");
                }

                continue;
            }

            var line = i + 1;
            string? accept = null;
            var body = new StringBuilder();
            while (i + 1 < to && lines[i + 1].Length > 0)
            {
                i++;
                if (lines[i].StartsWith("Accept: ", StringComparison.Ordinal))
                {
                    accept = lines[i]["Accept: ".Length..];
                }
                else
                {
                    body.Append(lines[i]);
                }
            }

            var events = head.Groups["events"].Success ? int.Parse(head.Groups["events"].Value,
                System.Globalization.CultureInfo.InvariantCulture) : 0;
            yield return new DifferentialRequest(
                head.Groups["verb"].Value, head.Groups["path"].Value, accept, body.Length == 0 ? null : body.ToString(), events,
                    head.Groups["mark"].Value == "~", head.Groups["mark"].Value == "!", line);
        }
    }

    [GeneratedRegex(@"\(since (\d+\.\d+)\)$")]
    private static partial Regex SinceRegex();

    [GeneratedRegex(@"^(?<mark>[~!]?)(?<verb>GET|POST|PUT|DELETE|MERGE|JSON|STRATEGIC|APPLY|WATCH)( (?<events>\d+))? (?<path>/\S*)$")]
    private static partial Regex RequestRegex();
}
