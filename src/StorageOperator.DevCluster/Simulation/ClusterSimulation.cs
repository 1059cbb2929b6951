using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Admission;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>
/// The stand-in for scheduler and kubelet: nodes node-0…node-(N-1), pods that are placed, wait for their claims, run, and go away when
/// deleted. It reacts to writes one at a time; a write that loses a race is made again when the news of the winner arrives.
/// </summary>
public sealed class ClusterSimulation
{
    private const string Scheduler = "default-scheduler";

    private readonly ISimulationApi _api;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, SimulatedNode> _nodes;
    private readonly PodPlacement _placement;
    private readonly ClaimUse _use = new();
    private readonly Dictionary<string, HashSet<string>> _failedNodes = [];
    private readonly Dictionary<string, string> _selectedNodes = [];
    private long _events;

    /// <param name="api">The cluster.</param>
    /// <param name="nodes">How many nodes there are, at least 1.</param>
    /// <param name="time">The clock for times in statuses and events.</param>
    public ClusterSimulation(ISimulationApi api, int nodes, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        _api = api;
        _time = time;
        _placement = new PodPlacement(api);
        _nodes = Enumerable.Range(0, nodes).Select(index => new SimulatedNode(index)).ToDictionary(node => node.Name);
    }

    /// <summary>Makes the nodes, takes up what exists and reacts to every write until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var changes = _api.WatchAsync(cancellation).GetAsyncEnumerator(cancellation);
        await using (changes)
        {
            // The watch must stand before anything is read, else a write in between is never heard of.
            var next = changes.MoveNextAsync();
            Start();
            while (await next)
            {
                Observe(changes.Current);
                next = changes.MoveNextAsync();
            }
        }
    }

    /// <summary>Makes the nodes that are missing and takes up the pods that exist.</summary>
    internal void Start()
    {
        foreach (var node in _nodes.Values)
        {
            _api.Create(SimulatedResource.Nodes, node.ToNode(_time.GetUtcNow()));
            _api.Create(SimulatedResource.CsiNodes, node.ToCsiNode());
            Open(node);
        }

        foreach (var pod in _api.List(SimulatedResource.Pods))
        {
            Observe(new SimulatedChange(SimulatedResource.Pods, pod, IsGone: false));
        }
    }

    // What a node lifecycle controller does when it sees that a new node is ready.
    private void Open(SimulatedNode node)
    {
        while (_api.Get(SimulatedResource.Nodes, "", node.Name) is { } made && NodeAdmission.Untaint(made)
            && !_api.Update(SimulatedResource.Nodes, made, SimulatedEndpoint.Main))
        {
            // Somebody else has written the node in between: the taint is taken from what it is now.
        }
    }

    /// <summary>Does what follows from one write.</summary>
    internal void Observe(SimulatedChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.Resource == SimulatedResource.Pods)
        {
            ObservePod(change);
        }
        else if (change.Resource == SimulatedResource.Claims)
        {
            ObserveClaim(change);
        }
        else if (change.Resource == SimulatedResource.Volumes)
        {
            ObserveVolume(change);
        }
        else if (change.Resource == SimulatedResource.Classes || change.Resource == SimulatedResource.Nodes)
        {
            ReconcileAll(_use.Waiting);
        }
    }

    private void ObservePod(SimulatedChange change)
    {
        var key = PodKey.Of(change.Object);
        if (change.IsGone)
        {
            _use.Forget(key);
            _failedNodes.Remove(change.Object.Metadata().Text("uid") ?? "");
            return;
        }

        _use.Remember(key, change.Object);
        Reconcile(key);
    }

    // A selected node that was taken away again means that the volume could not be made there: another node is tried first.
    private void ObserveClaim(SimulatedChange change)
    {
        var claim = change.Object;
        var uid = claim.Metadata().Text("uid") ?? "";
        var pods = _use.PodsOf(claim.Metadata().Text("namespace") ?? "", claim.Name() ?? "");
        if (change.IsGone)
        {
            _selectedNodes.Remove(uid);
        }
        else if (claim.Annotation(PodPlacement.SelectedNode) is { } selected)
        {
            _selectedNodes[uid] = selected;
        }
        else if (_selectedNodes.Remove(uid, out var failed) && string.IsNullOrEmpty(claim.Object("spec").Text("volumeName")))
        {
            foreach (var pod in pods)
            {
                AvoidedBy(pod).Add(failed);
            }
        }

        ReconcileAll(pods);
    }

    private void ObserveVolume(SimulatedChange change)
    {
        var reference = change.Object.Object("spec").Object("claimRef");
        ReconcileAll(reference is null ? _use.Waiting : _use.PodsOf(reference.Text("namespace") ?? "", reference.Text("name") ?? ""));
    }

    private void ReconcileAll(IEnumerable<PodKey> pods)
    {
        foreach (var pod in pods.ToList())
        {
            Reconcile(pod);
        }
    }

    private void Reconcile(PodKey key)
    {
        if (_api.Get(SimulatedResource.Pods, key.Namespace, key.Name) is not { } pod)
        {
            return;
        }

        var node = pod.Object("spec").Text("nodeName") ?? "";
        if (node.Length == 0)
        {
            Schedule(key, pod);
        }
        else if (_nodes.TryGetValue(node, out var simulated))
        {
            RunOn(simulated, pod);
        }
    }

    private void Schedule(PodKey key, JsonObject pod)
    {
        var spec = pod.Object("spec");
        var isOurs = spec.Text("schedulerName") == Scheduler && spec.Array("schedulingGates") is not { Count: > 0 }
            && !pod.Metadata().Has("deletionTimestamp") && pod.Object("status").Text("phase") is not ("Succeeded" or "Failed");
        if (!isOurs)
        {
            return;
        }

        switch (_placement.Decide(pod, AvoidedBy(key)))
        {
            case Placement.Bind bind:
                BindTo(pod, bind.Node);
                break;
            case Placement.Prepare prepare:
                Prepare(prepare);
                break;
            case Placement.Refuse refuse:
                Refuse(pod, refuse.Reason);
                break;
        }
    }

    private void BindTo(JsonObject pod, string node)
    {
        pod.Ensure("spec")["nodeName"] = node;
        SimulatedNode.SetCondition(pod.Ensure("status"), "PodScheduled", true, Timestamps.Seconds(_time.GetUtcNow()));
        if (_api.Update(SimulatedResource.Pods, pod, SimulatedEndpoint.Binding))
        {
            Tell(pod, "Normal", "Scheduled", $"Successfully assigned {pod.Metadata().Text("namespace")}/{pod.Name()} to {node}");
        }
    }

    // Volumes first, as the scheduler does: a reservation that fails is noticed before anything is provisioned.
    private void Prepare(Placement.Prepare prepare)
    {
        foreach (var (volume, claim) in prepare.Reservations)
        {
            if (!_api.Update(SimulatedResource.Volumes, VolumeChoice.Reserve(volume, claim), SimulatedEndpoint.Main))
            {
                return;
            }
        }

        foreach (var claim in prepare.Provisioned)
        {
            claim.Ensure("metadata").Ensure("annotations")[PodPlacement.SelectedNode] = prepare.Node;
            if (_api.Update(SimulatedResource.Claims, claim, SimulatedEndpoint.Main))
            {
                _selectedNodes[claim.Metadata().Text("uid") ?? ""] = prepare.Node;
            }
        }
    }

    private void Refuse(JsonObject pod, string reason)
    {
        var message = $"0/{_nodes.Count} nodes are available: {reason}.";
        var known = pod.Object("status").Objects("conditions").Any(entry =>
            entry.Item.Text("type") == "PodScheduled" && entry.Item.Text("message") == message);
        if (known)
        {
            return;
        }

        SimulatedNode.SetCondition(pod.Ensure("status"), "PodScheduled", false, Timestamps.Seconds(_time.GetUtcNow()), "Unschedulable",
            message);
        if (_api.Update(SimulatedResource.Pods, pod, SimulatedEndpoint.Status))
        {
            Tell(pod, "Warning", "FailedScheduling", message);
        }
    }

    private void RunOn(SimulatedNode node, JsonObject pod)
    {
        var metadata = pod.Metadata();
        if (metadata.Has("deletionTimestamp"))
        {
            _api.RemovePod(metadata.Text("namespace") ?? "", pod.Name() ?? "", metadata.Text("uid") ?? "");
            return;
        }

        var claims = PodPlacement.ClaimsOf(pod).Select(name => _api.Get(SimulatedResource.Claims, metadata.Text("namespace") ?? "", name))
            .ToList();
        if (pod.Object("status").Text("phase") == "Pending" && claims.All(claim => claim?.Object("status").Text("phase") == "Bound"))
        {
            _api.Update(SimulatedResource.Pods, node.Run(pod, _time.GetUtcNow()), SimulatedEndpoint.Status);
        }

        foreach (var claim in claims.OfType<JsonObject>())
        {
            Expand(claim);
        }
    }

    private void Expand(JsonObject claim)
    {
        var volume = claim.Object("spec").Text("volumeName") is { Length: > 0 } name ? _api.Get(SimulatedResource.Volumes, "", name) : null;
        if (SimulatedNode.FinishExpansion(claim, volume) is { } grown)
        {
            _api.Update(SimulatedResource.Claims, grown, SimulatedEndpoint.Status);
        }
    }

    private HashSet<string> AvoidedBy(PodKey pod)
    {
        var uid = _use.UidOf(pod);
        if (!_failedNodes.TryGetValue(uid, out var failed))
        {
            _failedNodes[uid] = failed = [];
        }

        if (failed.Count >= _nodes.Count)
        {
            failed.Clear();
        }

        return failed;
    }

    private void Tell(JsonObject pod, string type, string reason, string message)
    {
        var metadata = pod.Metadata();
        var now = Timestamps.Seconds(_time.GetUtcNow());
        _api.Create(SimulatedResource.Events, new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{pod.Name()}.{(_time.GetUtcNow().UtcTicks + ++_events).ToString("x", CultureInfo.InvariantCulture)}",
                ["namespace"] = metadata.Text("namespace"),
            },
            ["involvedObject"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["namespace"] = metadata.Text("namespace"),
                ["name"] = pod.Name(),
                ["uid"] = metadata.Text("uid"),
            },
            ["type"] = type,
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = Scheduler },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        });
    }
}
