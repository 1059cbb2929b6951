using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Serving;

namespace StorageOperator.DevCluster.Tests;

/// <summary>An API server in this process, on a free port, with a temporary folder, and a bare HTTP client for it.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http;

    private TestCluster(DirectoryInfo folder, ApiServer server, bool removesFolder)
    {
        _folder = folder;
        Server = server;
        RemovesFolder = removesFolder;
        _http = NewClient(server.Token);
    }

    public ApiServer Server { get; }

    public string Folder => _folder.FullName;

    private bool RemovesFolder { get; }

    public static async Task<TestCluster> StartAsync(
        Func<ApiServerOptions, ApiServerOptions>? configure = null, string? folder = null)
    {
        DirectoryInfo directory = folder is null ? Directory.CreateTempSubdirectory("devcluster-") : new DirectoryInfo(folder);
        ApiServerOptions options = new() { Directory = directory.FullName };
        ApiServer server = await ApiServer.StartAsync(configure?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
        return new TestCluster(directory, server, removesFolder: folder is null);
    }

    /// <summary>A handler that trusts one authority and no other.</summary>
    public static SocketsHttpHandler Trusting(X509Certificate2 authority)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(new X509Certificate2(certificate!));
        };
        return handler;
    }

    public HttpClient NewClient(string? token)
    {
        SocketsHttpHandler handler = Trusting(Server.Authority);
        var client = new HttpClient(handler)
        {
            BaseAddress = Server.Url,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = TimeSpan.FromSeconds(30),
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("devcluster-tests/1");
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        return client;
    }

    public Task<Answer> Get(string path, string? accept = null) => Send(HttpMethod.Get, path, null, accept: accept);

    public Task<Answer> Post(string path, string json, string type = "application/json") => Send(HttpMethod.Post, path, json, type);

    public Task<Answer> Put(string path, string json) => Send(HttpMethod.Put, path, json);

    public Task<Answer> Delete(string path, string? json = null) => Send(HttpMethod.Delete, path, json);

    public Task<Answer> Patch(string path, string json, string type = "application/merge-patch+json") =>
        Send(HttpMethod.Patch, path, json, type);

    public async Task<Answer> Send(HttpMethod method, string path, string? body, string type = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20 };
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }
        request.Headers.Accept.ParseAdd(accept ?? "application/json");
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        string[] warnings = response.Headers.TryGetValues("Warning", out IEnumerable<string>? values) ? [.. values] : [];
        return new Answer((int)response.StatusCode, text, warnings, response.Headers.RetryAfter?.Delta);
    }

    /// <summary>Opens a watch; the answer's lines are its events.</summary>
    public async Task<TestWatch> Watch(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20 };
        HttpResponseMessage response = await _http.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return new TestWatch(response, new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>Waits until a condition holds, but not for longer than so many seconds.</summary>
    public static async Task Until(Func<Task<bool>> condition, string what, int seconds = 20)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"waited {seconds} seconds for: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None);
        }
    }

    public Task UntilGone(string path) => Until(async () => (await Get(path)).Code == 404, $"{path} is gone");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        if (RemovesFolder)
        {
            _folder.Delete(recursive: true);
        }
    }
}

/// <summary>What the server answered.</summary>
public sealed record Answer(int Code, string Text, IReadOnlyList<string> Warnings, TimeSpan? RetryAfter)
{
    private JsonObject? _json;

    public JsonObject Json => _json ??= (JsonObject)JsonNode.Parse(Text)!;

    public string Version => (string)Json["metadata"]!["resourceVersion"]!;

    public string Uid => (string)Json["metadata"]!["uid"]!;

    public string Message => (string?)Json["message"] ?? "";

    public string Reason => (string?)Json["reason"] ?? "";

    public JsonObject Must(int code)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}: {Text}");
        return Json;
    }

    public IReadOnlyList<string> Names => [.. ((JsonArray)Json["items"]!).Select(item => (string)item!["metadata"]!["name"]!)];
}

/// <summary>An open watch.</summary>
public sealed class TestWatch(HttpResponseMessage response, StreamReader lines) : IDisposable
{
    /// <summary>The next event, or null at the stream's end.</summary>
    public async Task<JsonObject?> Next()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        string? line = await lines.ReadLineAsync(deadline.Token);
        return line is null ? null : (JsonObject)JsonNode.Parse(line)!;
    }

    /// <summary>The next event as "TYPE name".</summary>
    public async Task<string> NextText()
    {
        JsonObject next = await Next() ?? throw new Xunit.Sdk.XunitException("the watch ended");
        return $"{next["type"]} {next["object"]!["metadata"]?["name"]}".Trim();
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
