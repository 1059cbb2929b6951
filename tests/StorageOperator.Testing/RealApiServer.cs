using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace StorageOperator.Testing;

/// <summary>
/// A real etcd and kube-apiserver on loopback, from the folder that <c>KUBEBUILDER_ASSETS</c> names. RBAC is on; admission is the
/// server's default without <c>ServiceAccount</c>, so that pods can be created in a fresh namespace. Every request is in its audit log.
/// </summary>
public sealed class RealApiServer : ICluster
{
    private readonly TempDirectory _folder;
    private readonly ChildProcess _etcd;
    private readonly ChildProcess _server;
    private ChildProcess? _scheduler;

    private RealApiServer(TempDirectory folder, ChildProcess etcd, ChildProcess server, KubernetesConnection connection, ServerVersion version)
    {
        _folder = folder;
        _etcd = etcd;
        _server = server;
        Connection = connection;
        KubeconfigPath = folder.File("kubeconfig");
        connection.Write(KubeconfigPath);
        Version = version;
    }

    private const int Attempts = 4;

    public string Name => $"kube-apiserver {Version}";

    public string KubeconfigPath { get; }

    public KubernetesConnection Connection { get; }

    public ServerVersion Version { get; }

    /// <summary>What kube-apiserver has logged so far.</summary>
    public string Log => _server.Output;

    /// <summary>Starts both and waits until the server is ready.</summary>
    /// <param name="withScheduler">Whether to start kube-scheduler too, and to create a node for it to choose.</param>
    /// <param name="withAudit">Whether requests are logged, which costs the server time with every one.</param>
    public static async Task<RealApiServer> Start(bool withScheduler = false, bool withAudit = true, CancellationToken cancellationToken = default)
    {
        var server = await StartServers(withAudit, cancellationToken);
        if (withScheduler)
        {
            using var api = new KubernetesApi(server.Connection);
            await ControlPlane.CreateNode(api, "node-1", cancellationToken);
            server._scheduler = await ControlPlane.StartKubeScheduler(server.KubeconfigPath);
        }

        return server;
    }

    private static async Task<RealApiServer> StartServers(bool withAudit, CancellationToken cancellationToken)
    {
        // The ports are free when they are chosen, and may be taken by somebody else a moment later.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnce(withAudit, cancellationToken);
            }
            catch (PortTakenException) when (attempt < Attempts)
            {
            }
        }
    }

    public async Task<IReadOnlyList<RequestCount>?> Requests(CancellationToken cancellationToken = default) =>
    [
        .. (await AuditLog(cancellationToken))
            .GroupBy(request => (request.Verb, request.Resource, Client: request.UserAgent.Split('/')[0]))
            .Select(group => new RequestCount(group.Key.Verb, group.Key.Resource, group.Key.Client, group.Count())),
    ];

    /// <summary>Every request that the server has answered so far, in the order of the answers.</summary>
    public async Task<IReadOnlyList<AuditedRequest>> AuditLog(CancellationToken cancellationToken = default)
    {
        // The last line may be half written; what is missing then is read the next time.
        var lines = (await File.ReadAllTextAsync(_folder.File("audit.log"), cancellationToken)).Split('\n')[..^1];
        return [.. lines.Select(line => Request(JsonNode.Parse(line)!))];
    }

    public async ValueTask DisposeAsync()
    {
        await (_scheduler?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _server.DisposeAsync();
        await _etcd.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<RealApiServer> StartOnce(bool withAudit, CancellationToken cancellationToken)
    {
        var folder = new TempDirectory("apiserver");
        var ports = FreePort.Take(3);
        ChildProcess? etcd = null;
        ChildProcess? server = null;
        try
        {
            var certificates = ClusterCertificates.Create(folder.Path);
            var token = WriteToken(folder.File("tokens.csv"));
            WriteAuditPolicy(folder.File("audit-policy.yaml"));
            etcd = await StartEtcd(folder, ports[0], ports[1]);
            server = await StartServer(folder, certificates, ports[0], ports[2], withAudit);
            var authority = await File.ReadAllTextAsync(certificates.AuthorityFile, cancellationToken);
            var connection = new KubernetesConnection(new Uri($"https://127.0.0.1:{ports[2]}/"), authority, token);
            return new RealApiServer(folder, etcd, server, connection, await WaitUntilReady(connection, etcd, server, cancellationToken));
        }
        catch
        {
            await (server?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (etcd?.DisposeAsync() ?? ValueTask.CompletedTask);
            folder.Dispose();
            throw;
        }
    }

    // Nothing here outlives the test run, so nothing needs to reach the disk.
    private static Task<ChildProcess> StartEtcd(TempDirectory folder, int clients, int peers) =>
        ChildProcess.Start(
            Path.Combine(Programs.EnvtestAssets, "etcd"),
            [
                "--data-dir", folder.File("etcd"), "--unsafe-no-fsync",
                "--listen-client-urls", $"http://127.0.0.1:{clients}", "--advertise-client-urls", $"http://127.0.0.1:{clients}",
                "--listen-peer-urls", $"http://127.0.0.1:{peers}", "--initial-advertise-peer-urls", $"http://127.0.0.1:{peers}",
                "--initial-cluster", $"default=http://127.0.0.1:{peers}",
            ]);

    private static Task<ChildProcess> StartServer(TempDirectory folder, ClusterCertificates certificates, int etcd, int port, bool withAudit) =>
        ChildProcess.Start(
            Path.Combine(Programs.EnvtestAssets, "kube-apiserver"),
            [
                $"--etcd-servers=http://127.0.0.1:{etcd}",
                "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1", $"--secure-port={port}", "--endpoint-reconciler-type=none",
                $"--tls-cert-file={certificates.ServerFile}", $"--tls-private-key-file={certificates.ServerKeyFile}",
                $"--token-auth-file={folder.File("tokens.csv")}", "--authorization-mode=RBAC", "--anonymous-auth=false",
                "--disable-admission-plugins=ServiceAccount", "--allow-privileged=true", "--service-cluster-ip-range=10.0.0.0/24",
                "--service-account-issuer=https://kubernetes.default.svc",
                $"--service-account-key-file={certificates.ServiceAccountKeyFile}",
                $"--service-account-signing-key-file={certificates.ServiceAccountKeyFile}",
                .. withAudit ? Audit(folder) : [],
            ]);

    private static string[] Audit(TempDirectory folder) =>
        [$"--audit-policy-file={folder.File("audit-policy.yaml")}", $"--audit-log-path={folder.File("audit.log")}", "--audit-log-mode=blocking"];

    private static string WriteToken(string path)
    {
        var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
        File.WriteAllText(path, $"{token},admin,admin,\"system:masters\"\n");
        return token;
    }

    private static void WriteAuditPolicy(string path) => File.WriteAllText(path, """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived, ResponseStarted]
        rules:
        - level: None
          users: [system:apiserver]
        - level: Metadata

        """);

    private static async Task<ServerVersion> WaitUntilReady(
        KubernetesConnection connection, ChildProcess etcd, ChildProcess server, CancellationToken cancellationToken)
    {
        using var api = new KubernetesApi(connection);
        var version = await Eventually.Get(
            "kube-apiserver to be ready",
            async token =>
            {
                if (etcd.HasExited || server.HasExited)
                {
                    return "";
                }

                // Ready, and past its own start: namespaces and the roles that RBAC needs are there.
                var ready = (await api.Get("/readyz", token)).IsSuccess
                    && (await api.Get("/api/v1/namespaces/default", token)).IsSuccess
                    && (await api.Get("/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin", token)).IsSuccess;
                return ready ? (await api.Version(token)).ToString() : null;
            },
            within: TimeSpan.FromSeconds(90),
            between: TimeSpan.FromMilliseconds(100),
            lastSeen: () => server.LastLines(5),
            cancellationToken: cancellationToken);
        return version.Length > 0 ? ServerVersion.Parse(version) : throw Ended(etcd.HasExited ? etcd : server);
    }

    private static Exception Ended(ChildProcess process) =>
        process.Output.Contains("address already in use", StringComparison.Ordinal)
            ? new PortTakenException(process.LastLines(3))
            : new InvalidOperationException($"{process.Name} ended at its start:\n{process.LastLines(20)}");

    private static AuditedRequest Request(JsonNode line)
    {
        var about = line["objectRef"];
        var subresource = (string?)about?["subresource"];
        return new AuditedRequest(
            (string)line["verb"]!,
            ((string?)about?["resource"] ?? "") + (subresource is null ? "" : "/" + subresource),
            (string?)about?["name"] ?? "",
            (string?)line["userAgent"] ?? "",
            (int?)line["responseStatus"]?["code"] ?? 0,
            Time(line["requestReceivedTimestamp"]!),
            Time(line["stageTimestamp"]!));
    }

    private static DateTimeOffset Time(JsonNode text) => DateTimeOffset.Parse((string)text!, CultureInfo.InvariantCulture);

    private sealed class PortTakenException(string message) : Exception(message);
}

/// <summary>A request in the audit log of an API server.</summary>
/// <param name="Resource">The plural name, with <c>/status</c> or the like for a subresource.</param>
/// <param name="Name">The object's name; empty for a collection.</param>
/// <param name="Received">When the server began to work on it.</param>
/// <param name="Answered">When it had answered.</param>
public sealed record AuditedRequest(
    string Verb, string Resource, string Name, string UserAgent, int Status, DateTimeOffset Received, DateTimeOffset Answered);
