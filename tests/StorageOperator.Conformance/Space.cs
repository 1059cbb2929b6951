using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>A namespace and a class name of one test's own, with what it takes to ask for and look at claims and volumes there.</summary>
internal sealed class Space : IAsyncDisposable
{
    private static int _count;

    private readonly KubernetesApi _api;
    private readonly List<string> _volumes = [];

    private Space(KubernetesApi api, string name)
    {
        _api = api;
        Name = name;
    }

    /// <summary>The namespace, the class that volumes and claims are made with, and the beginning of volumes' names.</summary>
    public string Name { get; }

    public static async Task<Space> Create(KubernetesApi api, string purpose)
    {
        // The process id keeps two runs on one existing cluster apart.
        var name = $"{purpose}-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        var manifest = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } };
        (await api.Create(manifest)).Succeeded();
        return new Space(api, name);
    }

    /// <summary>A volume of this space, to be changed and created.</summary>
    public JsonNode NewVolume(string name, string size, string policy = "Retain", params string[] modes)
    {
        _volumes.Add($"{Name}-{name}");
        return JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{Name}}-{{name}}" },
              "spec": {
                "capacity": { "storage": "{{size}}" }, "accessModes": {{Modes(modes)}}, "persistentVolumeReclaimPolicy": "{{policy}}",
                "storageClassName": "{{Name}}", "hostPath": { "path": "/tmp/scenario-data/{{Name}}/{{name}}" }
              }
            }
            """)!;
    }

    /// <summary>A claim of this space, to be changed and created.</summary>
    public JsonNode NewClaim(string name, string size, params string[] modes) => JsonNode.Parse($$"""
        {
          "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "{{name}}", "namespace": "{{Name}}" },
          "spec": { "accessModes": {{Modes(modes)}}, "storageClassName": "{{Name}}", "resources": { "requests": { "storage": "{{size}}" } } }
        }
        """)!;

    /// <summary>A pod that uses a claim. It has a node from the start, so that it counts as using it with or without a scheduler.</summary>
    public JsonNode NewPod(string name, string claim) => JsonNode.Parse($$"""
        {
          "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "{{name}}", "namespace": "{{Name}}" },
          "spec": {
            "nodeName": "a-node", "terminationGracePeriodSeconds": 0,
            "containers": [{ "name": "main", "image": "registry.k8s.io/pause:3.9", "volumeMounts": [{ "name": "data", "mountPath": "/data" }] }],
            "volumes": [{ "name": "data", "persistentVolumeClaim": { "claimName": "{{claim}}" } }]
          }
        }
        """)!;

    public async Task<JsonNode> Create(JsonNode manifest) => (await _api.Create(manifest)).Succeeded();

    /// <summary>The claim as it is, or null when there is none.</summary>
    public Task<JsonNode?> Claim(string name) => Object(ClaimPath(name));

    /// <summary>The volume as it is, or null when there is none.</summary>
    public Task<JsonNode?> Volume(string name) => Object(VolumePath(name));

    public string ClaimPath(string name) => ResourcePath.Object("PersistentVolumeClaim", Name, name);

    public string VolumePath(string name) => ResourcePath.Object("PersistentVolume", null, $"{Name}-{name}");

    public Task UntilClaim(string name, string phase) => Until($"claim {name} to be {phase}", ClaimPath(name), claim => Phase(claim) == phase);

    public Task UntilVolume(string name, string phase) => Until($"volume {name} to be {phase}", VolumePath(name), volume => Phase(volume) == phase);

    /// <summary>Waits until an object, null when it is absent, is as wanted.</summary>
    public async Task Until(string what, string path, Func<JsonNode?, bool> wanted)
    {
        JsonNode? last = null;
        await Eventually.Holds(
            what,
            async _ => wanted(last = await Object(path)),
            lastSeen: () => last?.ToJsonString() ?? "nothing");
    }

    /// <summary>Waits for an event about a claim of this space.</summary>
    /// <returns>Its message.</returns>
    public async Task<string> UntilClaimEvent(string claim, string reason)
    {
        IReadOnlyList<string> seen = [];
        return await Eventually.Get(
            $"an event {reason} about claim {claim}",
            async token =>
            {
                var list = (await _api.Get(ResourcePath.Collection("Event", Name), token)).Succeeded()["items"]!.AsArray();
                var events = list.Where(e => (string?)e!["involvedObject"]!["name"] == claim).ToList();
                seen = [.. events.Select(e => $"{e!["reason"]}: {e["message"]}")];
                return (string?)events.FirstOrDefault(e => (string?)e!["reason"] == reason)?["message"];
            },
            lastSeen: () => string.Join("; ", seen));
    }

    public static string? Phase(JsonNode? o) => (string?)o?["status"]?["phase"];

    public async ValueTask DisposeAsync()
    {
        foreach (var kind in new[] { "Pod", "PersistentVolumeClaim" })
        {
            foreach (var o in (await _api.Get(ResourcePath.Collection(kind, Name))).Body["items"]?.AsArray() ?? [])
            {
                await Remove(ResourcePath.Object(kind, Name, (string)o!["metadata"]!["name"]!));
            }
        }

        foreach (var volume in _volumes)
        {
            await Remove(ResourcePath.Object("PersistentVolume", null, volume));
        }

        await _api.Delete(ResourcePath.Object("StorageClass", null, Name));
        await _api.Delete(ResourcePath.Object("Namespace", null, Name));
    }

    private async Task Remove(string path)
    {
        await _api.Delete(path, JsonNode.Parse("""{"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0}"""));
        await _api.Patch(path, JsonNode.Parse("""{"metadata":{"finalizers":null}}""")!);
    }

    private async Task<JsonNode?> Object(string path)
    {
        var answer = await _api.Get(path);
        return answer.Status == System.Net.HttpStatusCode.NotFound ? null : answer.Succeeded();
    }

    private static string Modes(string[] modes) => new JsonArray([.. (modes.Length == 0 ? ["ReadWriteOnce"] : modes).Select(mode => JsonValue.Create(mode))]).ToJsonString();
}
