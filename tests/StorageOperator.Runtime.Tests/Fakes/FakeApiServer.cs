using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Connections;
using StorageOperator.Runtime.Telemetry;

namespace StorageOperator.Runtime.Tests.Fakes;

/// <summary>What a fake server was asked.</summary>
internal sealed record SeenRequest(string Method, string Path, string Query, string Body, string ContentType)
{
    public bool IsWatch => Query.Contains("watch=true", StringComparison.Ordinal);

    public bool IsStreamingList => Query.Contains("sendInitialEvents=true", StringComparison.Ordinal);

    public override string ToString() => $"{Method} {Path}{Query} {Body}";
}

/// <summary>
/// An API server on loopback that answers as the test scripts it: each request takes the next answer of its script, the last answer
/// repeats.
/// </summary>
internal sealed class FakeApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("runtime-tests-");

    private FakeApiServer(WebApplication app)
    {
        _app = app;
    }

    /// <summary>All requests so far, in order.</summary>
    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>Answers a request.</summary>
    public Func<SeenRequest, HttpContext, Task> Answer { get; set; } = (_, context) => Status(context, 404, "NotFound", "nothing here");

    public string Address => _app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>()
        .Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public ApiConnection Connection
    {
        get
        {
            var file = Path.Combine(_folder.FullName, "kubeconfig");
            File.WriteAllText(file, KubeConfig(Address));
            return ApiConnection.Load(file);
        }
    }

    public static string KubeConfig(string server) => $"""
        apiVersion: v1
        kind: Config
        current-context: it
        clusters:
        - name: it
          cluster:
            server: "{server}"
        contexts:
        - name: it
          context:
            cluster: it
            user: it
            namespace: here
        users:
        - name: it
          user:
            token: secret
        """;

    public static async Task<FakeApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.Limits.MinResponseDataRate = null);
        var app = builder.Build();
        var server = new FakeApiServer(app);
        app.Run(server.HandleAsync);
        await app.StartAsync();
        return server;
    }

    public ApiTransport Transport(TimeProvider? time = null, RuntimeMetrics? metrics = null, TimeSpan? requestTimeout = null) =>
        new(Connection, "tests", metrics ?? new RuntimeMetrics(), time ?? TimeProvider.System) { RequestTimeout = requestTimeout ?? TimeSpan.FromSeconds(30) };

    /// <summary>Answers list and watch requests from their own scripts.</summary>
    public void Script(IEnumerable<Func<HttpContext, Task>> lists, IEnumerable<Func<HttpContext, Task>> watches)
    {
        var list = new Queue<Func<HttpContext, Task>>(lists);
        var watch = new Queue<Func<HttpContext, Task>>(watches);
        Answer = (request, context) =>
        {
            lock (list)
            {
                var script = request.IsWatch ? watch : list;
                var answer = script.Count > 1 ? script.Dequeue() : script.Peek();
                return answer(context);
            }
        };
    }

    public static Task Json(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    public static Task Status(HttpContext context, int code, string reason, string message, int? retryAfter = null)
    {
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter.ToString();
        }

        return Json(context, StatusJson(code, reason, message), code);
    }

    public static string StatusJson(int code, string reason, string message) =>
        $"{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"{message}\",\"reason\":\"{reason}\",\"code\":{code}}}";

    public static string List(ulong version, IEnumerable<Widget> items, string? next = null) =>
        $"{{\"kind\":\"WidgetList\",\"metadata\":{{\"resourceVersion\":\"{version}\"{(next is null ? "" : $",\"continue\":\"{next}\"")}}},"
        + $"\"items\":[{string.Join(',', items.Select(i => i.ToJson()))}]}}";

    public static string Event(string type, Widget widget) => $"{{\"type\":\"{type}\",\"object\":{widget.ToJson()}}}\n";

    public static string Bookmark(ulong version, bool initialEventsEnd = false) =>
        "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Widget\",\"metadata\":{\"resourceVersion\":\"" + version + "\""
        + (initialEventsEnd ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "") + "}}}\n";

    public static string Error(int code, string reason, string message) => $"{{\"type\":\"ERROR\",\"object\":{StatusJson(code, reason, message)}}}\n";

    /// <summary>A watch that writes these lines and ends.</summary>
    public static Func<HttpContext, Task> Lines(params string[] lines) => context => WriteAsync(context, lines);

    /// <summary>A watch that writes these lines and stays open and silent until the client goes.</summary>
    public static Func<HttpContext, Task> Open(params string[] lines) => async context =>
    {
        await WriteAsync(context, lines);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    };

    /// <summary>
    /// A watch that writes these lines and is cut off once they have been taken (a reset may overtake what is on its way).
    /// </summary>
    public static Func<HttpContext, Task> Cut(Func<bool> taken, params string[] lines) => async context =>
    {
        await WriteAsync(context, lines);
        while (!taken() && !context.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken.None);
        }

        context.Abort();
    };

    /// <summary>A server that does not know streaming lists, as one of before 1.27 says it.</summary>
    public static Task NoStreamingLists(HttpContext context) =>
        Status(context, 422, "Invalid", "ListOptions is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch");

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task WriteAsync(HttpContext context, string[] lines)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync();
        foreach (var line in lines)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line));
            await context.Response.Body.FlushAsync();
        }
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var request = new SeenRequest(
            context.Request.Method, context.Request.Path, context.Request.QueryString.ToString(), await reader.ReadToEndAsync(), context.Request.ContentType ?? "");
        Requests.Enqueue(request);
        await Answer(request, context);
    }
}
