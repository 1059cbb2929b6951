using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Printing;

/// <summary>A pod's row: its status is a story told by its containers. Source: kubernetes pkg/printers/internalversion (printPod).</summary>
internal static class PodTable
{
    private const string None = "<none>";

    public static IEnumerable<JsonNode?> Cells(JsonObject pod, Clock clock)
    {
        var spec = pod.Object("spec");
        var status = pod.Object("status");
        var story = Story.Of(pod);
        return
        [
            pod.Name(), $"{story.Ready}/{story.Total}", story.Reason, story.PrintRestarts(clock), clock.Age(pod),
            status.Objects("podIPs").FirstOrDefault().Item.Text("ip") ?? status.Text("podIP") ?? None, Or(spec.Text("nodeName")),
            Or(status.Text("nominatedNodeName")), Gates(spec, status),
        ];
    }

    private static string Or(string? text) => string.IsNullOrEmpty(text) ? None : text;

    private static string Gates(JsonObject? spec, JsonObject? status)
    {
        var gates = spec.Objects("readinessGates").Select(entry => entry.Item.Text("conditionType")).ToList();
        return gates.Count == 0 ? None : $"{gates.Count(gate => IsTrue(status, gate))}/{gates.Count}";
    }

    private static bool IsTrue(JsonObject? status, string? condition) => status.Objects("conditions")
        .FirstOrDefault(entry => entry.Item.Text("type") == condition).Item.Text("status") == "True";

    private sealed class Story
    {
        private readonly JsonObject _status;
        private long _restarts;
        private DateTimeOffset? _lastRestart;

        private Story(JsonObject pod)
        {
            var spec = pod.Object("spec");
            _status = pod.Object("status") ?? [];
            Sidecars = spec.Objects("initContainers").Where(entry => entry.Item.Text("restartPolicy") == "Always").Select(entry =>
                entry.Item.Text("name")).ToHashSet();
            InitContainers = spec.Array("initContainers")?.Count ?? 0;
            Total = (spec.Array("containers")?.Count ?? 0) + Sidecars.Count;
            Reason = _status.Text("reason") is { Length: > 0 } reason ? reason : _status.Text("phase") ?? "";
        }

        public int Ready { get; private set; }

        public int Total { get; }

        public string Reason { get; private set; }

        private HashSet<string?> Sidecars { get; }

        private int InitContainers { get; }

        public static Story Of(JsonObject pod)
        {
            var story = new Story(pod);
            if (story._status.Objects("conditions").Any(entry => entry.Item.Text("type") == "PodScheduled"
                && entry.Item.Text("reason") == "SchedulingGated"))
            {
                story.Reason = "SchedulingGated";
            }

            if (!story.IsInitializing() || IsTrue(story._status, "Initialized"))
            {
                story.ReadContainers();
            }

            var hasEnded = story._status.Text("phase") is "Failed" or "Succeeded";
            if (pod.Metadata().Has("deletionTimestamp"))
            {
                story.Reason = story._status.Text("reason") == "NodeLost" ? "Unknown" : hasEnded ? story.Reason : "Terminating";
            }

            return story;
        }

        public string PrintRestarts(Clock clock) =>
            _restarts > 0 && _lastRestart is { } last ? $"{_restarts} ({HumanDuration.Print(clock.Now - last)} ago)" : $"{_restarts}";

        // Only the first init container that is not done tells; the restarts of ordinary ones no longer count once the pod runs.
        private bool IsInitializing()
        {
            foreach (var (index, container) in _status.Objects("initContainerStatuses"))
            {
                CountRestarts(container);
                var terminated = container.Object("state").Object("terminated");
                var isSidecar = Sidecars.Contains(container.Text("name"));
                if (terminated is not null && (terminated.Number("exitCode") ?? 0) == 0)
                {
                    continue;
                }

                if (isSidecar && container.Flag("started") == true)
                {
                    Ready += container.Flag("ready") == true ? 1 : 0;
                    continue;
                }

                var waiting = container.Object("state").Object("waiting").Text("reason");
                Reason = terminated is not null ? "Init:" + End(terminated)
                    : waiting is { Length: > 0 } and not "PodInitializing" ? "Init:" + waiting
                    : $"Init:{index}/{InitContainers}";
                return true;
            }

            return false;
        }

        private void ReadContainers()
        {
            _restarts = 0;
            _lastRestart = null;
            foreach (var (_, container) in _status.Objects("initContainerStatuses").Where(entry =>
                Sidecars.Contains(entry.Item.Text("name"))))
            {
                CountRestarts(container);
            }

            var isRunning = false;
            string? failure = null;
            foreach (var (_, container) in _status.Objects("containerStatuses").Reverse())
            {
                CountRestarts(container);
                var state = container.Object("state");
                if (state.Object("waiting").Text("reason") is { Length: > 0 } waiting)
                {
                    Reason = waiting;
                }
                else if (state.Object("terminated") is { } terminated)
                {
                    Reason = End(terminated);
                    failure = (terminated.Number("exitCode") ?? 0) != 0 ? Reason : failure;
                }
                else if (container.Flag("ready") == true && state.Has("running"))
                {
                    isRunning = true;
                    Ready++;
                }
            }

            if (Reason == "Completed")
            {
                Reason = isRunning && IsTrue(_status, "Ready") ? "Running" : failure ?? (isRunning ? "NotReady" : Reason);
            }
        }

        private void CountRestarts(JsonObject container)
        {
            _restarts += container.Number("restartCount") ?? 0;
            if (Timestamps.TryParse(container.Object("lastState").Object("terminated").Text("finishedAt"), out var finished)
                && !(finished <= _lastRestart))
            {
                _lastRestart = finished;
            }
        }

        private static string End(JsonObject terminated) => terminated.Text("reason") is { Length: > 0 } reason ? reason
            : terminated.Number("signal") is > 0 and var signal ? $"Signal:{signal}"
            : $"ExitCode:{terminated.Number("exitCode") ?? 0}";
    }
}
