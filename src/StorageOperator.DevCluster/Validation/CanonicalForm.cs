using System.Text.Json;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// The API server decodes built-in kinds into Go structures and encodes them again, which drops empty optional fields and rewrites
/// quantities. This does the same by field name, for the kinds of this server: which names keep an empty value is a property of the
/// Go field (a pointer, or one without <c>omitempty</c>). Source: the types in k8s.io/api.
/// </summary>
internal static class CanonicalForm
{
    // What is inside belongs to the user (or to another codec) and is kept as it is, only the map itself is dropped when empty.
    private static readonly HashSet<string> Maps = ["labels", "annotations", "matchLabels", "nodeSelector", "parameters",
        "volumeAttributes",
        "attachmentMetadata", "data", "binaryData", "stringData", "options", "selector", "allocatedResourceStatuses", "extra"];

    private static readonly HashSet<string> QuantityMaps = ["requests", "limits", "capacity", "allocatable", "allocatedResources",
        "overhead",
        "hard", "used", "default", "defaultRequest", "max", "min"];

    private static readonly HashSet<string> Quantities = ["capacity", "maximumVolumeSize", "sizeLimit", "divisor"];

    private static readonly HashSet<string> Untouched = ["fieldsV1", "managedFields", "raw"];

    // Pointers to text, and text that is printed even when empty.
    private static readonly HashSet<string> KeptTexts = ["storageClassName", "volumeAttributesClassName",
        "currentVolumeAttributesClassName",
        "apiGroup", "type", "holderIdentity", "reportingComponent", "reportingInstance", "initiatorName", "message", "reason", "note",
        "key", "operator", "image", "imageID", "name", "path", "mountPath", "claimName", "provisioner", "attacher", "nodeName", "driver",
        "volumeHandle", "server", "driverName", "nodeID", "kind", "uid", "audience", "containerID", "architecture", "bootID",
        "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "kubeletVersion", "machineID", "operatingSystem", "osImage",
        "systemUUID", "runtimeClassName", "targetPortal", "iqn", "topologyKey", "serviceName"];

    private static readonly HashSet<string> DroppedFalse = ["readOnly", "hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty",
        "unschedulable", "publishNotReadyAddresses", "paused"];

    private static readonly HashSet<string> DroppedZero = ["hostPort", "nodePort", "minReadySeconds", "observedGeneration", "generation",
        "collisionCount", "initialDelaySeconds"];

    private static readonly HashSet<string> SecondTimes = ["creationTimestamp", "deletionTimestamp", "lastTransitionTime", "lastProbeTime",
        "lastHeartbeatTime", "lastUpdateTime", "firstTimestamp", "lastTimestamp", "lastPhaseTransitionTime", "startTime", "startedAt",
        "finishedAt", "completionTime", "lastScheduleTime", "lastSuccessfulTime", "deprecatedFirstTimestamp", "deprecatedLastTimestamp"];

    private static readonly HashSet<string> MicroTimes = ["renewTime", "acquireTime", "eventTime", "lastObservedTime"];

    /// <summary>Rewrites the object in place.</summary>
    /// <returns>Null, or why a quantity or time in it cannot be read.</returns>
    public static string? Apply(JsonObject resource)
    {
        // A PersistentVolume's class is plain text in Go, a claim's is a pointer: only the claim tells "" from absent.
        var kind = resource.Text("kind") ?? "";
        if (kind == "PersistentVolume" && resource.Object("spec") is { } spec && spec.Text("storageClassName") is "")
        {
            spec.Remove("storageClassName");
        }

        return new Walker(kind).Walk(resource);
    }

    private sealed class Walker(string kind)
    {
        public string? Walk(JsonObject parent)
        {
            foreach (var (name, value) in parent.ToList())
            {
                if (Untouched.Contains(name))
                {
                    continue;
                }

                if (IsDropped(name, value))
                {
                    parent.Remove(name);
                }
                else if (WalkField(parent, name, value!) is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }

        private string? WalkField(JsonObject parent, string name, JsonNode value)
        {
            switch (value)
            {
                case JsonObject map when IsQuantityMap(name):
                    return map.Select(entry => entry.Key).ToList().Select(key => RewriteQuantity(map, key)).FirstOrDefault(problem =>
                        problem is not null);
                case JsonObject map when IsUserMap(name, map):
                    return null;
                case JsonObject child:
                    return Walk(child);
                case JsonArray list:
                    return list.OfType<JsonObject>().Select(Walk).FirstOrDefault(problem => problem is not null);
                case JsonValue when Quantities.Contains(name):
                    return RewriteQuantity(parent, name);
                default:
                    return RewriteTime(parent, name);
            }
        }

        private bool IsDropped(string name, JsonNode? value) => value switch
        {
            null => true,
            JsonArray list => list.Count == 0,
            JsonObject map => map.Count == 0 && (IsQuantityMap(name) || (Maps.Contains(name) && name != "selector")),
            _ => value.GetValueKind() switch
            {
                JsonValueKind.String => value.AsText() is "" && !KeptTexts.Contains(name),
                JsonValueKind.False => DroppedFalse.Contains(name),
                JsonValueKind.Number => IsDroppedZero(name) && value.ToJsonString() == "0",
                _ => false,
            },
        };

        private bool IsDroppedZero(string name) => DroppedZero.Contains(name) || (name == "count" && kind == "Event");

        // A CSINode's allocatable is no list of resources but a plain count.
        private bool IsQuantityMap(string name) => QuantityMaps.Contains(name) && kind != "CSINode";
    }

    private static string? RewriteQuantity(JsonObject parent, string name)
    {
        if (!ResourceQuantity.TryParse(parent[name], out var quantity))
        {
            return ResourceQuantity.FormatError;
        }

        parent[name] = quantity.ToString();
        return null;
    }

    private static string? RewriteTime(JsonObject parent, string name)
    {
        var micro = MicroTimes.Contains(name);
        if ((!micro && !SecondTimes.Contains(name)) || parent.Text(name) is not { } text)
        {
            return null;
        }

        if (!Timestamps.TryParse(text, out var time) || (micro && !Timestamps.HasMicros(text)))
        {
            var layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
            return $"parsing time \"{text}\" as \"{layout}\": cannot parse \"{text}\" as \"2006\"";
        }

        parent[name] = micro ? Timestamps.Micros(time) : Timestamps.Seconds(time);
        return null;
    }

    // A selector is a label selector with its own structure, except a service's, which is a map of labels.
    private static bool IsUserMap(string name, JsonObject map) =>
        Maps.Contains(name) && (name != "selector" || !(map.ContainsKey("matchLabels") || map.ContainsKey("matchExpressions")));
}
