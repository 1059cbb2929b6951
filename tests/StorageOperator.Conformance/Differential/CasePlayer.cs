using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Differential;

/// <summary>One server's side of a case: sends its requests and fills in what earlier answers said.</summary>
internal sealed partial class CasePlayer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http;
    private readonly string _namespace;
    private readonly List<JsonNode?> _answers = [];

    public CasePlayer(KubernetesConnection connection, string ns)
    {
        var handler = connection.Handler();
        _http = new HttpClient(handler, disposeHandler: true) { BaseAddress = connection.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(KubernetesApi.UserAgent, "1"));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", connection.Token);
        _namespace = ns;
    }

    /// <summary>Makes the case's namespace.</summary>
    public async Task Prepare(CancellationToken cancellation)
    {
        var made = new DifferentialRequest("POST", "/api/v1/namespaces", null, """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"$ns"}}""", 0, false, false, 0);
        var answer = await Send(made, cancellation);
        if (answer.Code != 201)
        {
            throw new InvalidOperationException($"The namespace {_namespace} could not be made: {answer.Body?.ToJsonString()}");
        }
    }

    /// <summary>Sends a request without keeping its answer.</summary>
    public async Task<DifferentialAnswer> Send(DifferentialRequest wanted, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(Patience, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        using var request = new HttpRequestMessage(wanted.Method, FillIn(wanted.Path));
        request.Headers.TryAddWithoutValidation("Accept", wanted.Accept ?? "application/json");
        if (wanted.Body is not null)
        {
            request.Content = new StringContent(FillIn(wanted.Body), Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(wanted.ContentType);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        var body = wanted.Verb == "WATCH" && response.IsSuccessStatusCode
            ? await ReadEvents(response, wanted.Events, either.Token)
            : ReadJson(await response.Content.ReadAsStringAsync(either.Token));
        return new DifferentialAnswer((int)response.StatusCode, body);
    }

    /// <summary>Keeps an answer for the variables of later requests.</summary>
    public void Keep(DifferentialAnswer answer) => _answers.Add(answer.Body);

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadEvents(HttpResponseMessage response, int count, CancellationToken cancellation)
    {
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var events = new JsonArray();
        while (events.Count < count && await lines.ReadLineAsync(cancellation) is { } line)
        {
            events.Add(JsonNode.Parse(line));
        }

        return events;
    }

    private static JsonNode? ReadJson(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text.Trim());
        }
    }

    private string FillIn(string text) => VariableRegex().Replace(text, match => match.Groups["path"].Success
        ? Look(match.Groups["path"].Value)
        : _namespace);

    private string Look(string path)
    {
        var parts = path.Split('.');
        var node = _answers[int.Parse(parts[0], CultureInfo.InvariantCulture) - 1];
        foreach (var part in parts[1..])
        {
            node = (node as JsonObject)?[part];
        }

        return node?.ToString() ?? "";
    }

    [GeneratedRegex(@"\$ns|\$\((?<path>\d+(\.\w+)+)\)")]
    private static partial Regex VariableRegex();
}

/// <summary>What a server answered.</summary>
/// <param name="Code">HTTP status code.</param>
/// <param name="Body">The body as JSON; the events of a watch as a list.</param>
internal sealed record DifferentialAnswer(int Code, JsonNode? Body);
