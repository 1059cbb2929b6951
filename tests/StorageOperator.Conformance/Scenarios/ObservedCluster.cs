using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance.Scenarios;

/// <summary>
/// What the API server says of claims, volumes, recycler pods and events, followed by watches: hundreds of scenarios look at it at
/// once, and none of them adds to the server's load.
/// </summary>
internal sealed class ObservedCluster : IAsyncDisposable
{
    private readonly KubernetesApi _api;
    private readonly CancellationTokenSource _stop = new();
    private readonly Collection _claims = new("/api/v1/persistentvolumeclaims");
    private readonly Collection _volumes = new("/api/v1/persistentvolumes");
    private readonly Collection _pods = new("/api/v1/namespaces/default/pods");
    private readonly Collection _events = new("/api/v1/events");
    private readonly List<Task> _watches = [];
    private ConcurrentDictionary<string, byte> _oldEvents = new();

    private ObservedCluster(KubernetesApi api) => _api = api;

    /// <summary>Lists everything once and begins to watch.</summary>
    public static async Task<ObservedCluster> Start(KubernetesApi api, CancellationToken cancellationToken)
    {
        var observed = new ObservedCluster(api);
        foreach (var collection in new[] { observed._claims, observed._volumes, observed._pods, observed._events })
        {
            var version = await collection.List(api, cancellationToken);
            observed._watches.Add(observed.Follow(collection, version));
        }

        return observed;
    }

    /// <summary>Forgets the events that there are now: states count events since the start of the implementation.</summary>
    public void ForgetEvents() => _oldEvents = new ConcurrentDictionary<string, byte>(
        _events.Objects.Values.Select(e => KeyValuePair.Create((string)e["metadata"]!["uid"]!, (byte)0)));

    public JsonNode? Volume(string name) => _volumes.Objects.GetValueOrDefault("/" + name);

    /// <summary>Whether there is no claim and no volume at all.</summary>
    public bool IsEmpty => _claims.Objects.IsEmpty && _volumes.Objects.IsEmpty;

    /// <summary>What belongs to a scenario; Recorded/README.md, "States".</summary>
    public ScenarioObjects Of(Scenario scenario) => new(
        [.. _claims.Objects.Values.Where(claim => scenario.Owns((string)claim["metadata"]!["namespace"]!))],
        [.. _volumes.Objects.Values.Where(volume => OwnsVolume(scenario, volume))],
        [.. _pods.Objects.Values.Select(pod => (string)pod["metadata"]!["name"]!).Where(name => name.StartsWith($"recycler-for-{scenario.Id}-", StringComparison.Ordinal))],
        [.. _events.Objects.Values.Where(e => OwnsEvent(scenario, e) && !_oldEvents.ContainsKey((string)e["metadata"]!["uid"]!))]);

    /// <summary>The versions of a scenario's claims and volumes; equal as long as nothing moved.</summary>
    public static string Versions(ScenarioObjects objects) => string.Join(
        ' ', objects.Claims.Concat(objects.Volumes).Select(o => $"{o["metadata"]!["uid"]}={o["metadata"]!["resourceVersion"]}").Order(StringComparer.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_watches);
        _stop.Dispose();
    }

    private static bool OwnsVolume(Scenario scenario, JsonNode volume) =>
        ((string)volume["metadata"]!["name"]!).StartsWith(scenario.Id + "-", StringComparison.Ordinal)
        || ((string?)volume["spec"]!["claimRef"]?["namespace"] is { } inNamespace && scenario.Owns(inNamespace));

    private static bool OwnsEvent(Scenario scenario, JsonNode e) => (string?)e["involvedObject"]?["kind"] switch
    {
        "PersistentVolumeClaim" => scenario.Owns((string?)e["involvedObject"]!["namespace"] ?? ""),
        "PersistentVolume" => ((string)e["involvedObject"]!["name"]!).StartsWith(scenario.Id + "-", StringComparison.Ordinal),
        _ => false,
    };

    // A watch may end at any time: then everything is listed again, as any client of the API has to.
    private async Task Follow(Collection collection, string version)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await collection.Watch(_api, version, _stop.Token);
                version = await collection.List(_api, _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is HttpRequestException or IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken.None);
                version = "0";
            }
        }
    }

    private sealed class Collection(string path)
    {
        public ConcurrentDictionary<string, JsonNode> Objects { get; } = new();

        public async Task<string> List(KubernetesApi api, CancellationToken cancellationToken)
        {
            var list = (await api.Get(path, cancellationToken)).Succeeded();
            var found = list["items"]!.AsArray().ToDictionary(item => Key(item!), item => item!);
            foreach (var gone in Objects.Keys.Where(key => !found.ContainsKey(key)).ToList())
            {
                _ = Objects.TryRemove(gone, out _);
            }

            foreach (var (key, item) in found)
            {
                Objects[key] = item;
            }

            return (string)list["metadata"]!["resourceVersion"]!;
        }

        public async Task Watch(KubernetesApi api, string version, CancellationToken cancellationToken)
        {
            await foreach (var change in api.Watch(path, version, cancellationToken))
            {
                var o = change["object"]!;
                switch ((string)change["type"]!)
                {
                    case "ADDED" or "MODIFIED":
                        Objects[Key(o)] = o;
                        break;
                    case "DELETED":
                        _ = Objects.TryRemove(Key(o), out _);
                        break;
                    case "ERROR":
                        return;
                }
            }
        }

        private static string Key(JsonNode o) => $"{(string?)o["metadata"]!["namespace"]}/{(string)o["metadata"]!["name"]!}";
    }
}
