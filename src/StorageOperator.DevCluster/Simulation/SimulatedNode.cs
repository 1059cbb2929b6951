using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>One of the nodes node-0, node-1, … and what its kubelet writes.</summary>
/// <param name="index">Its number, from 0.</param>
internal sealed class SimulatedNode(int index)
{
    private const int AddressesPerNode = 250;
    private const string NodeResizePending = "NodeResizePending";

    private static readonly string[] ResizeConditions =
        ["Resizing", "FileSystemResizePending", "ControllerResizeError", "NodeResizeError"];

    private static readonly string[] Lasting = ["sleep", "tail", "pause", "while", "watch", "serve"];

    private int _pods;

    public string Name { get; } = "node-" + index.ToString(CultureInfo.InvariantCulture);

    private string HostAddress => $"10.0.{index / AddressesPerNode}.{(index % AddressesPerNode) + 1}";

    /// <summary>The Node object: ready, with room for everything.</summary>
    public JsonObject ToNode(DateTimeOffset now) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = new JsonObject
        {
            ["name"] = Name,
            ["labels"] = new JsonObject
            {
                ["kubernetes.io/hostname"] = Name,
                ["kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = "amd64",
                ["topology.kubernetes.io/zone"] = "zone-" + (index % 3).ToString(CultureInfo.InvariantCulture),
            },
        },
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(Address("InternalIP", HostAddress), Address("Hostname", Name)),
            ["capacity"] = Resources(),
            ["allocatable"] = Resources(),
            ["conditions"] = new JsonArray(ReadyCondition(now)),
            ["nodeInfo"] = new JsonObject
            {
                ["kubeletVersion"] = "v1.36.0",
                ["osImage"] = "Simulated",
                ["operatingSystem"] = "linux",
                ["architecture"] = "amd64",
                ["containerRuntimeVersion"] = "simulated://1",
            },
        },
    };

    /// <summary>The CSINode object that the kubelet makes for itself, without a driver.</summary>
    public JsonObject ToCsiNode() => new()
    {
        ["apiVersion"] = "storage.k8s.io/v1",
        ["kind"] = "CSINode",
        ["metadata"] = new JsonObject { ["name"] = Name },
        ["spec"] = new JsonObject { ["drivers"] = new JsonArray() },
    };

    /// <summary>
    /// The pod as its kubelet reports it once its volumes are there: running, or, when it is not to be restarted and its command is not
    /// one that lasts (sleep, tail, …), already ended with success.
    /// </summary>
    public JsonObject Run(JsonObject pod, DateTimeOffset now)
    {
        var running = pod.DeepClone().AsObject();
        var status = running.Ensure("status");
        var ends = EndsByItself(pod);
        var time = Timestamps.Seconds(now);
        var address = NextAddress();
        status["phase"] = ends ? "Succeeded" : "Running";
        status["hostIP"] = HostAddress;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = HostAddress });
        status["podIP"] = address;
        status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        status["startTime"] = time;
        SetCondition(status, "Initialized", true, time);
        SetCondition(status, "ContainersReady", !ends, time);
        SetCondition(status, "Ready", !ends, time);
        SetCondition(status, "PodScheduled", true, time);
        status["containerStatuses"] = new JsonArray([.. pod.Object("spec").Objects("containers").Select(entry =>
            (JsonNode)ContainerStatus(entry.Item, ends, time))]);
        return running;
    }

    /// <summary>
    /// The claim after the node has grown its file system to what the volume has, or null if nothing is pending. With
    /// <c>allocatedResourceStatuses</c> or only the old condition (before RecoverVolumeExpansionFailure).
    /// </summary>
    public static JsonObject? FinishExpansion(JsonObject claim, JsonObject? volume)
    {
        var status = claim.Object("status");
        var isPending = status.Object("allocatedResourceStatuses").Text("storage") == NodeResizePending
            || status.Objects("conditions").Any(entry => entry.Item.Text("type") == "FileSystemResizePending"
                && entry.Item.Text("status") == "True");
        if (!isPending || volume?.Object("spec").Object("capacity").Quantity("storage") is not { } size)
        {
            return null;
        }

        var grown = claim.DeepClone().AsObject();
        status = grown.Ensure("status");
        status.Ensure("capacity")["storage"] = size.ToString();
        status.Object("allocatedResourceStatuses")?.Remove("storage");
        var kept = status.Objects("conditions").Select(entry => entry.Item).Where(condition =>
            !ResizeConditions.Contains(condition.Text("type")));
        status["conditions"] = new JsonArray([.. kept.Select(condition => condition.DeepClone())]);
        return grown;
    }

    /// <summary>Sets a condition; its transition time only moves when its status does.</summary>
    public static void SetCondition(JsonObject status, string type, bool holds, string time, string? reason = null, string? message = null)
    {
        if (status.Array("conditions") is not { } conditions)
        {
            conditions = [];
            status["conditions"] = conditions;
        }

        var value = holds ? "True" : "False";
        var old = conditions.OfType<JsonObject>().FirstOrDefault(condition => condition.Text("type") == type);
        var condition = new JsonObject
        {
            ["type"] = type,
            ["status"] = value,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = old.Text("status") == value ? old?["lastTransitionTime"]?.DeepClone() : time,
        };
        if (reason is not null)
        {
            condition["reason"] = reason;
            condition["message"] = message;
        }

        if (old is null)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[conditions.IndexOf(old)] = condition;
        }
    }

    private static bool EndsByItself(JsonObject pod)
    {
        var spec = pod.Object("spec");
        return spec.Text("restartPolicy") is "Never" or "OnFailure" && spec.Objects("containers").All(entry =>
        {
            var words = entry.Item.Texts("command").Concat(entry.Item.Texts("args")).ToList();
            return words.Count > 0 && !words.Any(word => Lasting.Any(word.Contains));
        });
    }

    private static JsonObject ContainerStatus(JsonObject container, bool ends, string time)
    {
        var name = container.Text("name");
        var image = container.Text("image");
        var state = ends
            ? new JsonObject
            {
                ["terminated"] = new JsonObject
                {
                    ["exitCode"] = 0,
                    ["reason"] = "Completed",
                    ["startedAt"] = time,
                    ["finishedAt"] = time
                }
            }
            : new JsonObject { ["running"] = new JsonObject { ["startedAt"] = time } };
        return new JsonObject
        {
            ["name"] = name,
            ["image"] = image,
            ["imageID"] = "simulated://" + image,
            ["containerID"] = "simulated://" + name,
            ["ready"] = !ends,
            ["started"] = !ends,
            ["restartCount"] = 0,
            ["lastState"] = new JsonObject(),
            ["state"] = state,
        };
    }

    private string NextAddress()
    {
        var pod = Interlocked.Increment(ref _pods);
        return $"10.{64 + (index % 128)}.{pod / AddressesPerNode % 256}.{(pod % AddressesPerNode) + 1}";
    }

    private static JsonObject Address(string type, string address) => new() { ["type"] = type, ["address"] = address };

    private static JsonObject Resources() => new()
    {
        ["cpu"] = "64",
        ["memory"] = "256Gi",
        ["pods"] = "10k",
        ["ephemeral-storage"] = "1Ti"
    };

    private static JsonObject ReadyCondition(DateTimeOffset now) => new()
    {
        ["type"] = "Ready",
        ["status"] = "True",
        ["reason"] = "KubeletReady",
        ["message"] = "simulated kubelet is posting ready status",
        ["lastHeartbeatTime"] = Timestamps.Seconds(now),
        ["lastTransitionTime"] = Timestamps.Seconds(now),
    };
}
