using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Tests.Hosting;

/// <summary>The program as a process, against the embedded cluster. What it promises to whoever runs it is in the conformance suite.</summary>
public sealed class RunTests : IAsyncLifetime
{
    private readonly TempDirectory _folder = new("run");
    private EmbeddedCluster _cluster = null!;

    private string ReadyFile => _folder.File("ready.json");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await EmbeddedCluster.Start(cancellationToken: Cancelled);

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_writes_the_ready_file_with_the_ports_that_the_system_chose()
    {
        await using var running = await StartAsync();
        var ready = await UntilReadyAsync(running);

        Assert.Equal(running.Id, (int)ready["processId"]!);
        Assert.Equal("own", (string)ready["binding"]!);
        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync(new Uri($"http://{(string)ready["healthProbeAddress"]!}/readyz"), Cancelled));
        Assert.Contains("workqueue_depth", await http.GetStringAsync(new Uri($"http://{(string)ready["metricsAddress"]!}/metrics"), Cancelled), StringComparison.Ordinal);
        Assert.Contains($"\"healthProbeAddress\":\"{(string)ready["healthProbeAddress"]!}\"", running.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_defers_to_a_controller_manager_that_it_sees_and_binds_nothing()
    {
        using var api = new KubernetesApi(_cluster.Connection);
        (await api.Create(ControllerManagerPod("--controllers=*,bootstrapsigner"), Cancelled)).Succeeded();

        await using var running = await StartAsync();

        Assert.Equal("defer", (string)(await UntilReadyAsync(running))["binding"]!);
        Assert.Contains("pod kube-system/kube-controller-manager-n", running.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_owns_where_the_controller_manager_s_binder_is_switched_off()
    {
        using var api = new KubernetesApi(_cluster.Connection);
        (await api.Create(ControllerManagerPod("--controllers=*,-persistentvolume-binder-controller"), Cancelled)).Succeeded();

        await using var running = await StartAsync();

        Assert.Equal("own", (string)(await UntilReadyAsync(running))["binding"]!);
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_exit_code_2()
    {
        await using var running = await StartAsync();
        var taken = (string)(await UntilReadyAsync(running))["healthProbeAddress"]!;

        var result = await ChildProcess.Run(
            Programs.Operator, ["run", "--kubeconfig", _cluster.KubeconfigPath, "--health-probe-bind-address", taken, "--metrics-bind-address", "0"],
            cancellationToken: Cancelled);

        Assert.Equal(2, result.ExitCode);
        var line = Assert.Single((result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"storage-operator: --health-probe-bind-address: cannot listen on {taken}", line, StringComparison.Ordinal);
    }

    private static JsonObject ControllerManagerPod(string argument) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = "kube-controller-manager-n", ["namespace"] = "kube-system" },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = "n",
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "kube-controller-manager",
                ["image"] = "example.org/kube-controller-manager",
                ["command"] = new JsonArray("kube-controller-manager", argument),
            }),
        },
    };

    private Task<ChildProcess> StartAsync() => ChildProcess.Start(
        Programs.Operator,
        [
            "run", "--kubeconfig", _cluster.KubeconfigPath, "--health-probe-bind-address", "127.0.0.1:0", "--metrics-bind-address", "127.0.0.1:0",
            "--metrics-secure=false", "--ready-file", ReadyFile,
        ]);

    private Task<JsonNode> UntilReadyAsync(ChildProcess running) => Eventually.Get(
        "the ready file",
        async token => File.Exists(ReadyFile) ? JsonNode.Parse(await File.ReadAllTextAsync(ReadyFile, token)) : null,
        lastSeen: () => running.LastLines(10),
        cancellationToken: Cancelled);
}
