using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.CrashPoints;

/// <summary>A cluster, a folder for bytes, and the files by which the crash host is told and tells.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private readonly ICluster _cluster;
    private readonly KubernetesApi _api;
    private readonly TempDirectory _files = new("crash-points");
    private readonly DirectoryInfo _bytes;
    private int _instances;
    private int _starts;

    private Stage(ICluster cluster)
    {
        _cluster = cluster;
        _api = new KubernetesApi(cluster.Connection);
        // Below /tmp and nowhere else may the operator delete what a hostPath names.
        _bytes = Directory.CreateDirectory($"/tmp/storage-operator-crash-{Guid.NewGuid():N}");
    }

    public ServerVersion Version => _cluster.Version;

    private string StepsFile => _files.File($"steps-{_starts}");

    public static async Task<Stage> Set() => new(await Cluster.Start());

    /// <summary>Makes an instance of each flow, for an operator that is about to start.</summary>
    public async Task<IReadOnlyList<(Flow Flow, Instance Instance)>> Arrange(IReadOnlyList<Flow> flows)
    {
        await _api.Delete(ResourcePath.Object("StorageClass", null, Flow.DefaultClass));
        var runs = flows.Select(flow => (Flow: flow, Instance: new Instance(_api, $"i{++_instances:000}", _bytes.FullName))).ToList();
        foreach (var (flow, instance) in runs)
        {
            await instance.Create(JsonNode.Parse($$"""{ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "{{instance.Name}}" } }""")!);
            await flow.Arrange(instance);
        }

        (await _api.Create(JsonNode.Parse($$"""
            {
              "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
              "metadata": { "name": "{{Flow.DefaultClass}}", "annotations": { "storageclass.kubernetes.io/is-default-class": "true" } },
              "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "Immediate"
            }
            """)!)).Succeeded();
        return runs;
    }

    /// <summary>Starts the operator, to be killed once every point is reached.</summary>
    public async Task<OperatorProcess> StartOperator(IEnumerable<string> points)
    {
        _starts++;
        var lines = points.ToList();
        var environment = new Dictionary<string, string?> { ["CRASH_STEPS"] = StepsFile };
        if (lines.Count > 0)
        {
            environment["CRASH_POINTS"] = _files.File($"points-{_starts}");
            await File.WriteAllLinesAsync(_files.File($"points-{_starts}"), lines);
        }

        // A plan that has come to its point keeps its place to the end, so there must be more places than points.
        return await OperatorProcess.Launch(_cluster.KubeconfigPath, ["--max-parallel-reconciles", "1024"], Programs.CrashHost, environment);
    }

    /// <summary>What the operator that was started last wrote down: <c>begin instance kind</c>, <c>reach instance</c>.</summary>
    public IReadOnlyList<string[]> ReadSteps()
    {
        if (!File.Exists(StepsFile))
        {
            return [];
        }

        using var file = new StreamReader(new FileStream(StepsFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return [.. file.ReadToEnd().Split('\n')[..^1].Select(line => line.Split(' '))];
    }

    /// <summary>The ends of undisturbed runs, once a second has passed without a change.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SettledEnds(IReadOnlyList<(Flow Flow, Instance Instance)> runs)
    {
        IReadOnlyDictionary<string, string>? last = null;
        return await Eventually.Get(
            "the undisturbed runs to settle",
            async _ =>
            {
                var (before, now) = (last, last = await Ends(runs));
                return before is not null && now.All(end => before[end.Key] == end.Value) ? now : null;
            },
            between: TimeSpan.FromSeconds(1));
    }

    /// <summary>The ends of disturbed runs: as expected, or as they are when it has been waited for that long enough.</summary>
    public async Task<IReadOnlyDictionary<string, string>> EndsLike(IReadOnlyList<(Flow Flow, Instance Instance)> runs, IReadOnlyList<string> expected)
    {
        IReadOnlyDictionary<string, string> last = new Dictionary<string, string>();
        try
        {
            await Eventually.Holds(
                "the runs to end as expected",
                async _ =>
                {
                    last = await Ends(runs);
                    return runs.Zip(expected).All(run => last[run.First.Instance.Name] == run.Second);
                },
                within: TimeSpan.FromSeconds(20),
                between: TimeSpan.FromMilliseconds(300));
        }
        catch (TimeoutException)
        {
            // The caller says which differ, and how.
        }

        return last;
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _cluster.DisposeAsync();
        _files.Dispose();
        _bytes.Delete(recursive: true);
    }

    private Task<IReadOnlyDictionary<string, string>> Ends(IReadOnlyList<(Flow Flow, Instance Instance)> runs) =>
        EndState.Of([.. runs.Select(run => run.Instance)], _api);
}
