using System.Text.Json.Nodes;

namespace StorageOperator.Testing;

/// <summary>The embedded API server of this repository, running as a process on loopback.</summary>
public sealed class EmbeddedCluster : ICluster
{
    private readonly TempDirectory _folder;
    private readonly ChildProcess _process;
    private readonly KubernetesApi _api;

    private EmbeddedCluster(TempDirectory folder, ChildProcess process, KubernetesConnection connection, KubernetesApi api, ServerVersion version)
    {
        _folder = folder;
        _process = process;
        _api = api;
        Connection = connection;
        KubeconfigPath = folder.File("kubeconfig");
        Version = version;
    }

    public string Name => "embedded cluster";

    public string KubeconfigPath { get; }

    public KubernetesConnection Connection { get; }

    public ServerVersion Version { get; }

    public string Log => _process.Output;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="arguments">Further options of <c>up</c>.</param>
    public static async Task<EmbeddedCluster> Start(IEnumerable<string>? arguments = null, CancellationToken cancellationToken = default)
    {
        var folder = new TempDirectory("devcluster");
        ChildProcess? process = null;
        KubernetesApi? api = null;
        try
        {
            process = await ChildProcess.Start(Programs.DevCluster, ["up", "--dir", folder.Path, .. arguments ?? []]);
            var connection = await Connect(process, folder.File("kubeconfig"), cancellationToken);
            api = new KubernetesApi(connection);
            return new EmbeddedCluster(folder, process, connection, api, await UntilReady(process, api, cancellationToken));
        }
        catch
        {
            api?.Dispose();
            await (process?.DisposeAsync() ?? ValueTask.CompletedTask);
            folder.Dispose();
            throw;
        }
    }

    public async Task<IReadOnlyList<RequestCount>?> Requests(CancellationToken cancellationToken = default)
    {
        var answer = await _api.Get("/devcluster/requests", cancellationToken);
        return [.. answer.Succeeded()["requests"]!.AsArray().Select(Count!)];
    }

    /// <summary>Makes the server misbehave; the embedded cluster's documentation gives the form of a rule.</summary>
    public async Task AddFault(JsonNode rule, CancellationToken cancellationToken = default) =>
        (await _api.Create("/devcluster/faults", rule, cancellationToken)).Succeeded();

    /// <summary>Ends all misbehaviour.</summary>
    public async Task ClearFaults(CancellationToken cancellationToken = default) =>
        (await _api.Delete("/devcluster/faults", cancellationToken: cancellationToken)).Succeeded();

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _process.Stop(TimeSpan.FromSeconds(5));
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static Task<KubernetesConnection> Connect(ChildProcess process, string kubeconfig, CancellationToken cancellationToken) =>
        Eventually.Get(
            "the embedded cluster to write its kubeconfig",
            token => Task.FromResult(Running(process) && File.Exists(kubeconfig) ? KubernetesConnection.Read(kubeconfig) : null),
            between: TimeSpan.FromMilliseconds(20),
            lastSeen: () => process.LastLines(5),
            cancellationToken: cancellationToken);

    private static async Task<ServerVersion> UntilReady(ChildProcess process, KubernetesApi api, CancellationToken cancellationToken)
    {
        await Eventually.Holds(
            "the embedded cluster to be ready",
            async token => Running(process) && (await api.Get("/readyz", token)).IsSuccess,
            between: TimeSpan.FromMilliseconds(20),
            lastSeen: () => process.LastLines(5),
            cancellationToken: cancellationToken);
        return await api.Version(cancellationToken);
    }

    private static bool Running(ChildProcess process) =>
        !process.HasExited ? true : throw new InvalidOperationException($"The embedded cluster ended with {process.ExitCode}:\n{process.LastLines()}");

    private static RequestCount Count(JsonNode entry)
    {
        var subresource = (string?)entry["subresource"];
        return new RequestCount(
            (string)entry["verb"]!,
            (string)entry["resource"]! + (string.IsNullOrEmpty(subresource) ? "" : "/" + subresource),
            (string?)entry["userAgent"] ?? "",
            (long)entry["count"]!);
    }
}
