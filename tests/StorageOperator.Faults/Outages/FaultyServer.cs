using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>
/// The embedded API server on a port of its own, with its objects kept in a folder: it can be ended and started again, and told to fail.
/// </summary>
internal sealed class FaultyServer : IAsyncDisposable
{
    private readonly TempDirectory _folder = new("faulty-server");
    private readonly int _port = FreePort.Take(1)[0];
    private ChildProcess? _process;
    private KubernetesApi? _api;

    private FaultyServer()
    {
    }

    public string KubeconfigPath => _folder.File("kubeconfig");

    /// <summary>The users' way to it; faults do not concern it.</summary>
    public KubernetesApi Api => _api!;

    public static async Task<FaultyServer> Start()
    {
        var server = new FaultyServer();
        try
        {
            await server.StartAgain();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it where it was before, with what it held.</summary>
    public async Task StartAgain()
    {
        _process = await ChildProcess.Start(
            Programs.DevCluster, ["up", "--dir", _folder.Path, "--port", $"{_port}", "--data-dir", _folder.File("data")]);
        await Eventually.Holds("the kubeconfig to be written", () => File.Exists(KubeconfigPath) && _process is { HasExited: false }, lastSeen: () => _process.LastLines(5));
        _api ??= new KubernetesApi(KubernetesConnection.Read(KubeconfigPath));
        await Eventually.Holds("the server to be ready", async token => (await _api.Get("/readyz", token)).IsSuccess, lastSeen: () => _process.LastLines(5));
    }

    /// <summary>Ends it in order, as an upgrade of a control plane does.</summary>
    public async Task Stop() => await _process!.Stop(TimeSpan.FromSeconds(10));

    /// <summary>Ends it at once.</summary>
    public Task Kill() => _process!.Kill();

    /// <summary>Makes it misbehave towards operators.</summary>
    /// <param name="action">refuse, lose, delay, status, cut, gone or stale.</param>
    /// <param name="rule">The other parts of the rule.</param>
    public async Task Fail(string action, JsonObject? rule = null)
    {
        rule ??= [];
        rule["action"] = action;
        var match = rule["match"] as JsonObject ?? [];
        match["userAgent"] = "storage-operator";
        rule["match"] = match.DeepClone();
        (await Api.Create("/devcluster/faults", rule)).Succeeded();
    }

    /// <summary>Ends all misbehaviour.</summary>
    public async Task Heal() => (await Api.Delete("/devcluster/faults")).Succeeded();

    /// <summary>How often its rules have struck since they were added.</summary>
    public async Task<long> Strikes() =>
        (await Api.Get("/devcluster/faults")).Succeeded()["rules"]!.AsArray().Sum(rule => (long)rule!["hits"]!);

    /// <summary>Cuts all watches of operators.</summary>
    public async Task CutWatches() => (await Api.Create("/devcluster/watches/cut", JsonNode.Parse("""{ "userAgent": "storage-operator" }""")!)).Succeeded();

    /// <summary>Forgets all that has changed: whoever has not seen it must list again.</summary>
    public async Task Compact() => (await Api.Create("/devcluster/compact", new JsonObject())).Succeeded();

    /// <summary>How many requests operators have made, of the verbs given or of all.</summary>
    public async Task<long> Requests(params string[] verbs) =>
        (await Api.Get("/devcluster/requests")).Succeeded()["requests"]!.AsArray()
            .Where(request => ((string)request!["userAgent"]!).StartsWith("storage-operator", StringComparison.Ordinal)
                && (verbs.Length == 0 || verbs.Contains((string)request["verb"]!))
                && (string?)request["resource"] != "leases")
            .Sum(request => (long)request!["count"]!);

    /// <summary>How many writes operators have made or tried.</summary>
    public Task<long> Writes() => Requests("create", "update", "patch", "delete", "deletecollection");

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        await (_process?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}
