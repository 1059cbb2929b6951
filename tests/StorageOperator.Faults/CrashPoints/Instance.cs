using System.Net;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.CrashPoints;

/// <summary>
/// One run of a flow, in a namespace and with a class of its own, so that it has nothing to do with any other. Its volumes' names begin
/// with its own and a dash, and the bytes of each are a folder with a file in it.
/// </summary>
internal sealed class Instance(KubernetesApi api, string name, string bytes)
{
    // Two starts of the operator on a busy machine may lie between an action and its effect.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);

    public string Name => name;

    /// <summary>A volume of 1 GiB with its bytes, in the instance's class.</summary>
    public async Task CreateVolume(string volume = "v", string policy = "Retain", Action<JsonNode>? with = null)
    {
        var folder = Path.Combine(bytes, name, volume);
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "data"), "bytes");
        var manifest = JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolume", "metadata": { "name": "{{name}}-{{volume}}", "labels": { "instance": "{{name}}" } },
              "spec": {
                "capacity": { "storage": "1Gi" }, "accessModes": ["ReadWriteOnce"], "persistentVolumeReclaimPolicy": "{{policy}}",
                "storageClassName": "{{name}}", "hostPath": { "path": "{{folder}}" }
              }
            }
            """)!;
        with?.Invoke(manifest);
        await Create(manifest);
    }

    /// <summary>A claim for 1 GiB in the instance's class.</summary>
    public async Task CreateClaim(string claim = "c", Action<JsonNode>? with = null)
    {
        var manifest = JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": { "name": "{{claim}}", "namespace": "{{name}}" },
              "spec": { "accessModes": ["ReadWriteOnce"], "storageClassName": "{{name}}", "resources": { "requests": { "storage": "1Gi" } } }
            }
            """)!;
        with?.Invoke(manifest);
        await Create(manifest);
    }

    /// <summary>A volume, a claim, and both bound.</summary>
    public async Task Bind(string policy = "Retain")
    {
        await CreateVolume("v", policy);
        await UntilVolume("v", "Available");
        await CreateClaim();
        await UntilBound();
    }

    public async Task UntilBound(string claim = "c", string volume = "v")
    {
        await UntilClaim(claim, "Bound");
        await UntilVolume(volume, "Bound");
    }

    public async Task Create(JsonNode manifest) => (await api.Create(manifest)).Succeeded();

    public async Task Patch(string path, string patch) => (await api.Patch(path, JsonNode.Parse(patch)!)).Succeeded();

    public async Task Delete(string path) =>
        (await api.Delete(path, JsonNode.Parse("""{"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0}"""))).Succeeded();

    public string Claim(string claim = "c") => ResourcePath.Object("PersistentVolumeClaim", name, claim);

    public string Volume(string volume = "v") => ResourcePath.Object("PersistentVolume", null, $"{name}-{volume}");

    public string Pod(string pod) => ResourcePath.Object("Pod", name, pod);

    public string Scrubber(string volume = "v") => ResourcePath.Object("Pod", "default", $"recycler-for-{name}-{volume}");

    public Task UntilClaim(string claim, string phase) => Until($"claim {claim} to be {phase}", Claim(claim), found => Phase(found) == phase);

    public Task UntilVolume(string volume, string phase) => Until($"volume {volume} to be {phase}", Volume(volume), found => Phase(found) == phase);

    public Task UntilGone(string path) => Until($"{path} to be gone", path, found => found is null);

    /// <summary>Waits until an object, null when it is absent, is as wanted.</summary>
    /// <param name="meanwhile">Done before each look.</param>
    /// <returns>The object.</returns>
    public async Task<JsonNode?> Until(string what, string path, Func<JsonNode?, bool> wanted, Func<Task>? meanwhile = null)
    {
        JsonNode? last = null;
        await Eventually.Holds(
            $"{what} ({name})",
            async _ =>
            {
                await (meanwhile?.Invoke() ?? Task.CompletedTask);
                return wanted(last = await Find(path));
            },
            Patience,
            TimeSpan.FromMilliseconds(200),
            () => last?.ToJsonString() ?? "nothing");
        return last;
    }

    public async Task<JsonNode?> Find(string path)
    {
        var answer = await api.Get(path);
        return answer.Status == HttpStatusCode.NotFound ? null : answer.Succeeded();
    }

    /// <summary>The folders of bytes that are left, each with the number of files in it.</summary>
    public IEnumerable<string> BytesLeft() => Directory.Exists(Path.Combine(bytes, name))
        ? Directory.GetDirectories(Path.Combine(bytes, name)).Order(StringComparer.Ordinal)
            .Select(folder => $"bytes of {Path.GetFileName(folder)}: {Directory.GetFiles(folder).Length} file")
        : [];

    public static string? Phase(JsonNode? found) => (string?)found?["status"]?["phase"];
}
