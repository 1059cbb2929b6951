using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using StorageOperator.DevCluster.Simulation;

namespace StorageOperator.DevCluster.Tests.Simulation;

/// <summary>A cluster in a dictionary: conditional writes and the news of them, nothing else.</summary>
internal sealed class FakeSimulationApi : ISimulationApi
{
    private readonly SortedDictionary<(string Kind, string Namespace, string Name), JsonObject> _objects = [];
    private readonly Queue<SimulatedChange> _news = [];
    private readonly Channel<SimulatedChange> _watch = Channel.CreateUnbounded<SimulatedChange>();
    private long _revision;

    /// <summary>Writes to lose: the next so many updates fail as if someone else had been faster.</summary>
    public int LostRaces { get; set; }

    public JsonObject? Get(SimulatedResource resource, string ns, string name) =>
        _objects.TryGetValue((resource.Plural, ns, name), out var found) ? found.DeepClone().AsObject() : null;

    public IReadOnlyList<JsonObject> List(SimulatedResource resource) =>
        _objects.Where(entry => entry.Key.Kind == resource.Plural).Select(entry => entry.Value.DeepClone().AsObject()).ToList();

    public bool Create(SimulatedResource resource, JsonObject created)
    {
        var key = KeyOf(resource, created);
        if (_objects.ContainsKey(key))
        {
            return false;
        }

        created["metadata"]!["uid"] ??= $"uid-{key.Kind}-{key.Name}";
        Store(resource, key, created.DeepClone().AsObject(), isGone: false);
        return true;
    }

    public bool Update(SimulatedResource resource, JsonObject updated, SimulatedEndpoint endpoint)
    {
        var key = KeyOf(resource, updated);
        if (LostRaces > 0)
        {
            LostRaces--;
            Change(resource, key.Namespace, key.Name, _ => { });
            return false;
        }

        if (!_objects.TryGetValue(key, out var stored)
            || (string?)stored["metadata"]!["resourceVersion"] != (string?)updated["metadata"]!["resourceVersion"])
        {
            return false;
        }

        var written = updated.DeepClone().AsObject();
        if (endpoint == SimulatedEndpoint.Main)
        {
            written["status"] = stored["status"]?.DeepClone();
        }
        else if (endpoint == SimulatedEndpoint.Status)
        {
            written["spec"] = stored["spec"]?.DeepClone();
        }

        Store(resource, key, written, isGone: false);
        return true;
    }

    public void RemovePod(string ns, string name, string uid)
    {
        var key = (SimulatedResource.Pods.Plural, ns, name);
        if (_objects.TryGetValue(key, out var pod) && (string?)pod["metadata"]!["uid"] == uid)
        {
            Store(SimulatedResource.Pods, key, pod, isGone: true);
        }
    }

    public async IAsyncEnumerable<SimulatedChange> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var change in _watch.Reader.ReadAllAsync(cancellation))
        {
            yield return change;
        }
    }

    /// <summary>Changes an object as someone else would.</summary>
    public void Change(SimulatedResource resource, string ns, string name, Action<JsonObject> change)
    {
        var changed = Get(resource, ns, name) ?? throw new InvalidOperationException($"no {resource.Plural} {ns}/{name}");
        change(changed);
        Store(resource, (resource.Plural, ns, name), changed, isGone: false);
    }

    /// <summary>Lets the simulation hear everything that was written, and what it writes in turn.</summary>
    public void Settle(ClusterSimulation simulation)
    {
        for (var i = 0; _news.TryDequeue(out var change); i++)
        {
            Assert.True(i < 10_000, "The simulation never comes to rest.");
            simulation.Observe(change);
        }
    }

    private static (string Kind, string Namespace, string Name) KeyOf(SimulatedResource resource, JsonObject named) =>
        (resource.Plural, (string?)named["metadata"]!["namespace"] ?? "", (string)named["metadata"]!["name"]!);

    private void Store(SimulatedResource resource, (string, string, string) key, JsonObject written, bool isGone)
    {
        written["metadata"]!["resourceVersion"] = (++_revision).ToString();
        if (isGone)
        {
            _objects.Remove(key);
        }
        else
        {
            _objects[key] = written;
        }

        var change = new SimulatedChange(resource, written.DeepClone().AsObject(), isGone);
        _news.Enqueue(change);
        _watch.Writer.TryWrite(change);
    }
}
