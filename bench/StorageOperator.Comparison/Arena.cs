using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Comparison;

/// <summary>A real API server with nothing on it, and the hands that put claims and volumes there and watch them.</summary>
internal sealed class Arena : IAsyncDisposable
{
    private const string Space = "default";
    private const string Class = "bench";
    private const int Hands = 16;

    private readonly RealApiServer _server;
    private readonly KubernetesApi[] _apis;

    private Arena(RealApiServer server)
    {
        _server = server;
        _apis = [.. Enumerable.Range(0, Hands).Select(_ => new KubernetesApi(server.Connection))];
    }

    public string Kubeconfig => _server.KubeconfigPath;

    public string Version => _server.Version.ToString();

    /// <summary>Starts an API server.</summary>
    /// <param name="countsRequests">Whether its requests can be counted, which slows each of them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Arena> Open(bool countsRequests, CancellationToken cancellationToken) =>
        new(await RealApiServer.Start(withAudit: countsRequests, cancellationToken: cancellationToken));

    /// <summary>Creates volumes that exactly fit the claims of the same numbers.</summary>
    public Task CreateVolumes(string prefix, int count, CancellationToken cancellationToken) =>
        ForEach(count, (api, i) => api.Create(Volume($"{prefix}{i}"), cancellationToken));

    /// <summary>Writes the phase of a volume that a binder has looked at.</summary>
    public Task MakeAvailable(string prefix, int count, CancellationToken cancellationToken) => ForEach(count, (api, i) => api.Patch(
        ResourcePath.Object("PersistentVolume", null, $"{prefix}{i}", "status"), JsonNode.Parse("""{"status":{"phase":"Available"}}""")!, cancellationToken: cancellationToken));

    /// <summary>Creates claims.</summary>
    public Task CreateClaims(string prefix, int count, CancellationToken cancellationToken) =>
        ForEach(count, (api, i) => api.Create(Claim($"{prefix}{i}"), cancellationToken));

    /// <summary>Creates one claim.</summary>
    public async Task CreateClaim(string name, CancellationToken cancellationToken) =>
        (await _apis[0].Create(Claim(name), cancellationToken)).Succeeded();

    /// <summary>Waits until as many volumes have a phase.</summary>
    public Task VolumesReach(string phase, int count, CancellationToken cancellationToken) => Eventually.Holds(
        $"{count} volumes to be {phase}",
        async token => (await List("PersistentVolume", token)).Count(volume => (string?)volume!["status"]?["phase"] == phase) >= count,
        within: TimeSpan.FromMinutes(10), between: TimeSpan.FromMilliseconds(200), cancellationToken: cancellationToken);

    /// <summary>Watches claims become Bound: completes when as many have, and says when the first and the last did.</summary>
    public async Task<(long First, long Last)> ClaimsBound(int count, string version, CancellationToken cancellationToken)
    {
        var bound = new HashSet<string>();
        long first = 0;
        await foreach (var change in _apis[^1].Watch(ResourcePath.Collection("PersistentVolumeClaim", Space), version, cancellationToken))
        {
            var claim = change["object"]!;
            if ((string?)claim["status"]?["phase"] != "Bound" || !bound.Add((string)claim["metadata"]!["name"]!))
            {
                continue;
            }

            var now = TimeProvider.System.GetTimestamp();
            first = bound.Count == 1 ? now : first;
            if (bound.Count == count)
            {
                return (first, now);
            }
        }

        throw new InvalidOperationException($"the watch ended with {bound.Count} of {count} claims bound");
    }

    /// <summary>The version of the claims' collection, to watch from.</summary>
    public async Task<string> ClaimsVersion(CancellationToken cancellationToken) =>
        (string)(await _apis[0].Get(ResourcePath.Collection("PersistentVolumeClaim", Space) + "?limit=1", cancellationToken)).Succeeded()["metadata"]!["resourceVersion"]!;

    /// <summary>Waits until a contestant works: a volume of a class of its own becomes Available.</summary>
    public async Task Works(string marker, CancellationToken cancellationToken)
    {
        (await _apis[0].Create(Volume(marker, "marker"), cancellationToken)).Succeeded();
        await Eventually.Holds(
            "the contestant to be at work",
            async token => (string?)(await _apis[0].Get(ResourcePath.Object("PersistentVolume", null, marker), token)).Body["status"]?["phase"] == "Available",
            within: TimeSpan.FromMinutes(2), between: TimeSpan.FromMilliseconds(5), cancellationToken: cancellationToken);
    }

    /// <summary>The requests of everybody but this program, by verb.</summary>
    public async Task<IReadOnlyDictionary<string, int>> Requests(CancellationToken cancellationToken) => (await _server.AuditLog(cancellationToken))
        .Where(request => !request.UserAgent.StartsWith(KubernetesApi.UserAgent, StringComparison.Ordinal))
        .GroupBy(request => request.Verb)
        .ToDictionary(group => group.Key, group => group.Count());

    /// <summary>What the API server can take at best: the four writes of a bind, by a client that does nothing else.</summary>
    /// <returns>Binds a second.</returns>
    public async Task<double> Ceiling(int pairs, CancellationToken cancellationToken)
    {
        await CreateVolumes("ceiling-v", pairs, cancellationToken);
        await CreateClaims("ceiling-c", pairs, cancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        await ForEach(pairs, (api, i) => Bind(api, $"ceiling-c{i}", $"ceiling-v{i}", cancellationToken), hands: 32);
        return pairs / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Removes every claim and volume, whatever protects them; no contestant may run.</summary>
    public async Task Clear(CancellationToken cancellationToken)
    {
        foreach (var kind in (string[])["PersistentVolumeClaim", "PersistentVolume"])
        {
            var collection = ResourcePath.Collection(kind, Space);
            (await _apis[0].Delete(collection, cancellationToken: cancellationToken)).Succeeded();
            var left = await List(kind, cancellationToken);
            var unprotected = JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!;
            await ForEach(left.Count, (api, i) => api.Patch($"{collection}/{(string)left[i]!["metadata"]!["name"]!}", unprotected.DeepClone(), cancellationToken: cancellationToken));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var api in _apis)
        {
            api.Dispose();
        }

        await _server.DisposeAsync();
    }

    private async Task<JsonArray> List(string kind, CancellationToken cancellationToken) =>
        (await _apis[0].Get(ResourcePath.Collection(kind, Space), cancellationToken)).Succeeded()["items"]!.AsArray();

    private static async Task<ApiResponse> Bind(KubernetesApi api, string claim, string volume, CancellationToken cancellationToken)
    {
        var pointer = JsonNode.Parse($$"""
            {
              "spec": { "claimRef": { "apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": "{{Space}}", "name": "{{claim}}" } },
              "metadata": { "annotations": { "pv.kubernetes.io/bound-by-controller": "yes" } }
            }
            """)!;
        var name = JsonNode.Parse($$"""
            {
              "spec": { "volumeName": "{{volume}}" },
              "metadata": { "annotations": { "pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes" } }
            }
            """)!;
        var status = JsonNode.Parse("""{"status":{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"}}}""")!;
        var volumePath = ResourcePath.Object("PersistentVolume", null, volume);
        var claimPath = ResourcePath.Object("PersistentVolumeClaim", Space, claim);
        (await api.Patch(volumePath, pointer, cancellationToken: cancellationToken)).Succeeded();
        (await api.Patch(volumePath + "/status", JsonNode.Parse("""{"status":{"phase":"Bound"}}""")!, cancellationToken: cancellationToken)).Succeeded();
        (await api.Patch(claimPath, name, cancellationToken: cancellationToken)).Succeeded();
        return await api.Patch(claimPath + "/status", status, cancellationToken: cancellationToken);
    }

    private async Task ForEach(int count, Func<KubernetesApi, int, Task<ApiResponse>> send, int hands = Hands)
    {
        var left = new ConcurrentQueue<int>(Enumerable.Range(0, count));
        await Task.WhenAll(Enumerable.Range(0, hands).Select(async hand =>
        {
            while (left.TryDequeue(out var i))
            {
                (await send(_apis[hand % Hands], i)).Succeeded();
            }
        }));
    }

    private static JsonNode Volume(string name, string storageClass = Class) => JsonNode.Parse($$"""
        {
          "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{name}}" },
          "spec": {
            "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "{{storageClass}}", "nfs": { "server": "nfs.example.com", "path": "/export/{{name}}" }
          }
        }
        """)!;

    private static JsonNode Claim(string name) => JsonNode.Parse($$"""
        {
          "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "{{name}}", "namespace": "{{Space}}" },
          "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } }, "storageClassName": "{{Class}}" }
        }
        """)!;
}
