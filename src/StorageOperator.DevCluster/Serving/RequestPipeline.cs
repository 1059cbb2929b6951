using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Faults;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Serving;

/// <summary>What every request passes: who asks, what for, who answers, and refusals as Status objects.</summary>
internal sealed partial class RequestPipeline(
    ResourceRegistry registry, Authenticator authenticator, ResourceEndpoint resources, ControlEndpoint control, FaultInjection faults,
    RequestCounters counters, ILogger<RequestPipeline> log, CancellationToken stopping)
{
    private static readonly string[] Open = ["/healthz", "/readyz", "/livez", "/version"];

    private readonly DiscoveryDocuments _discovery = new(registry);
    private readonly OpenApiEndpoint _openApi = new(registry);

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            string path = http.Request.Path.Value ?? "/";
            UserInfo? user = authenticator.Authenticate(http.Request.Headers.Authorization.ToString());
            if (user is null && !IsOpen(path))
            {
                throw ApiException.Unauthorized();
            }
            http.Features.Set(user);
            await RouteAsync(http, path);
        }
        catch (ApiException refusal) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, refusal);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            // The client or the server is going; nobody reads an answer.
            http.Abort();
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !http.Response.HasStarted)
        {
            // A defect of this server: the client gets what a real one says then, the log gets the rest.
            LogDefect(log, failure, http.Request.Method, http.Request.Path);
            await RefuseAsync(http, new ApiException(500, "InternalError", $"Internal error occurred: {failure.Message}"));
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The request {Method} {Path} failed inside the server")]
    private static partial void LogDefect(ILogger log, Exception failure, string method, string path);

    private static bool IsOpen(string path) => Open.Any(open => path == open || path.StartsWith(open + "/", StringComparison.Ordinal));

    private async Task RouteAsync(HttpContext http, string path)
    {
        if (RequestTarget.Parse(http.Request, registry) is { } target)
        {
            counters.Count(target, http.Request.Headers.UserAgent.ToString());
            await faults.RunAsync(http, target, cut => resources.HandleAsync(http, target, stopping, cut));
            return;
        }
        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
        {
            await _openApi.HandleAsync(http, path);
            return;
        }
        if (IsOpen(path) && path != "/version")
        {
            await TextAsync(http, "ok");
            return;
        }
        if (await ControlAsync(http, path) is { } answer)
        {
            await JsonAsync(http, 200, answer);
        }
        else if (DocumentAt(http, path) is { } document)
        {
            await JsonAsync(http, 200, document);
        }
        else if (IsServedGroup(path))
        {
            throw ApiException.NoSuchPath();
        }
        else
        {
            // What no API group answers for gets the words of the web server underneath, not a Status.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await TextAsync(http, "404 page not found");
        }
    }

    private bool IsServedGroup(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
    {
        ["api" or "devcluster", ..] => true,
        ["apis", string group, ..] => _discovery.SingleGroup(group) is not null,
        _ => false,
    };

    private async Task<JsonObject?> ControlAsync(HttpContext http, string path) =>
        path.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["devcluster", .. string[] rest]
            ? await control.HandleAsync(http, rest)
            : null;

    private JsonObject? DocumentAt(HttpContext http, string path)
    {
        bool aggregated = Negotiation.WantsAggregatedDiscovery(http.Request);
        if (aggregated && path is "/api" or "/apis")
        {
            http.Response.ContentType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
            return aggregated ? _discovery.Aggregated(core: path == "/api") : null;
        }
        return path.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["version"] => DiscoveryDocuments.Version(),
            ["api"] => DiscoveryDocuments.CoreVersions(http.Request.Host.Value ?? ""),
            ["apis"] => _discovery.Groups(),
            ["api", string version] => _discovery.Resources("", version),
            ["apis", string group] => _discovery.SingleGroup(group),
            ["apis", string group, string version] => _discovery.Resources(group, version),
            _ => null,
        };
    }

    private static async Task RefuseAsync(HttpContext http, ApiException refusal)
    {
        http.Response.Clear();
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        await JsonAsync(http, refusal.Code, refusal.ToStatus());
    }

    private static async Task JsonAsync(HttpContext http, int code, JsonNode body)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType ??= "application/json";
        http.Response.BodyWriter.Write(JsonBytes.Of(body));
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    private static async Task TextAsync(HttpContext http, string text)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(text, Encoding.UTF8, http.RequestAborted);
    }
}
