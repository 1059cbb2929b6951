using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.Testing;

/// <summary>
/// A plain client of the Kubernetes API: paths and JSON. It shares nothing with the operator's own client, so that a mistake there
/// cannot hide itself here.
/// </summary>
public sealed class KubernetesApi : IDisposable
{
    /// <summary>How the tests' own requests are told from others, in a log of requests and by fault rules, which go by the beginning.</summary>
    public const string UserAgent = "tests-of-storage-operator";

    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicPatch = "application/strategic-merge-patch+json";

    private readonly HttpClient _http;

    public KubernetesApi(KubernetesConnection connection)
    {
        _http = new HttpClient(connection.Handler(), disposeHandler: true)
        {
            BaseAddress = connection.Server,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue(UserAgent, "1"));
        if (connection.Token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", connection.Token);
        }
    }

    public Task<ApiResponse> Get(string path, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, path, null, cancellationToken: cancellationToken);

    public Task<ApiResponse> Create(string path, JsonNode body, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, path, body, cancellationToken: cancellationToken);

    /// <summary>Creates an object where its kind and namespace say.</summary>
    public Task<ApiResponse> Create(JsonNode manifest, CancellationToken cancellationToken = default) =>
        Create(ResourcePath.Collection((string)manifest["kind"]!, (string?)manifest["metadata"]!["namespace"]), manifest, cancellationToken);

    public Task<ApiResponse> Replace(string path, JsonNode body, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Put, path, body, cancellationToken: cancellationToken);

    public Task<ApiResponse> Patch(string path, JsonNode patch, string type = MergePatch, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Patch, path, patch, type, cancellationToken);

    public Task<ApiResponse> Delete(string path, JsonNode? options = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Delete, path, options, cancellationToken: cancellationToken);

    /// <summary>Sends one request, with a minute to answer.</summary>
    public async Task<ApiResponse> Send(
        HttpMethod method, string path, JsonNode? body, string type = "application/json", CancellationToken cancellationToken = default)
    {
        using var request = Request(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1), TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var response = await _http.SendAsync(request, either.Token);
        var text = await response.Content.ReadAsStringAsync(either.Token);
        return new ApiResponse(method.Method + " " + path, response.StatusCode, text);
    }

    /// <summary>Follows the changes of a collection from a version on; ends when the server ends the stream.</summary>
    public async IAsyncEnumerable<JsonNode> Watch(
        string path, string resourceVersion, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var query = $"{(path.Contains('?') ? '&' : '?')}watch=true&allowWatchBookmarks=true&resourceVersion={resourceVersion}";
        using var request = Request(HttpMethod.Get, path + query);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            _ = new ApiResponse("WATCH " + path, response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken)).Succeeded();
        }

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return JsonNode.Parse(line)!;
        }
    }

    /// <summary>The version of the server.</summary>
    public async Task<ServerVersion> Version(CancellationToken cancellationToken = default) =>
        ServerVersion.Parse((string)(await Get("/version", cancellationToken)).Succeeded()["gitVersion"]!);

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }
}

/// <summary>What the server answered.</summary>
/// <param name="Request">What was asked, for messages.</param>
/// <param name="Text">The body as it came.</param>
public sealed record ApiResponse(string Request, HttpStatusCode Status, string Text)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The body as JSON; an empty object when it is none.</summary>
    public JsonNode Body
    {
        get
        {
            try
            {
                return JsonNode.Parse(Text) ?? new JsonObject();
            }
            catch (JsonException)
            {
                return new JsonObject();
            }
        }
    }

    /// <summary>The body of a request that succeeded.</summary>
    /// <exception cref="HttpRequestException">It did not; the message has the server's reason.</exception>
    public JsonNode Succeeded() =>
        IsSuccess ? Body : throw new HttpRequestException($"{Request}: {(int)Status} {(string?)Body["message"] ?? Text}", null, Status);
}
