using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using StorageOperator.DevCluster.Simulation;

namespace StorageOperator.DevCluster.Tests.Simulation;

public class ClusterSimulationTests
{
    private const string SelectedNode = "volume.kubernetes.io/selected-node";

    private readonly FakeSimulationApi _api = new();
    private readonly ClusterSimulation _simulation;

    public ClusterSimulationTests()
    {
        _simulation = new ClusterSimulation(_api, nodes: 2, new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero)));
        _simulation.Start();
        _api.Settle(_simulation);
    }

    [Fact]
    public void There_are_ready_nodes_with_a_host_name_and_a_csi_node()
    {
        Assert.Equal(["node-0", "node-1"], _api.List(SimulatedResource.Nodes).Select(node =>
            (string?)node["metadata"]!["labels"]!["kubernetes.io/hostname"]));
        Assert.Equal(2, _api.List(SimulatedResource.CsiNodes).Count);
        Assert.Equal("True", (string?)_api.List(SimulatedResource.Nodes)[0]["status"]!["conditions"]![0]!["status"]);
    }

    [Fact]
    public void A_pod_without_claims_runs_at_once_and_pods_spread()
    {
        AddPod("a");
        AddPod("b");
        Settle();
        Assert.Equal(["node-0", "node-1"], new[] { Pod("a"), Pod("b") }.Select(pod => (string?)pod["spec"]!["nodeName"]).Order());
        Assert.Equal("Running", (string?)Pod("a")["status"]!["phase"]);
        Assert.NotNull(Pod("a")["status"]!["podIP"]);
        Assert.NotEqual((string?)Pod("a")["status"]!["podIP"], (string?)Pod("b")["status"]!["podIP"]);
        Assert.Contains(_api.List(SimulatedResource.Events), found => (string?)found["reason"] == "Scheduled");
    }

    [Fact]
    public void A_pod_waits_until_its_claim_exists_and_is_bound()
    {
        AddPod("a", "data");
        Settle();
        Assert.Equal("0/2 nodes are available: persistentvolumeclaim \"data\" not found.", Unschedulable("a"));

        AddClaim("data", storageClass: "");
        Settle();
        Assert.Equal("0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims.", Unschedulable("a"));

        AddVolume("pv-1", "");
        BindClaim("data", "pv-1");
        Settle();
        Assert.Equal("Running", (string?)Pod("a")["status"]!["phase"]);
    }

    [Fact]
    public void A_claim_that_waits_for_its_first_consumer_gets_a_selected_node()
    {
        AddClass("fast", "example.com/p");
        AddClaim("data", "fast");
        AddPod("a", "data");
        Settle();
        var node = (string?)Claim("data")["metadata"]!["annotations"]![SelectedNode];
        Assert.Equal("node-0", node);
        Assert.Null(Pod("a")["spec"]!["nodeName"]);

        AddVolume("pv-1", "fast", node);
        BindClaim("data", "pv-1");
        Settle();
        Assert.Equal(node, (string?)Pod("a")["spec"]!["nodeName"]);
        Assert.Equal("Running", (string?)Pod("a")["status"]!["phase"]);
    }

    [Fact]
    public void A_node_on_which_provisioning_failed_is_avoided()
    {
        AddClass("fast", "example.com/p");
        AddClaim("data", "fast");
        AddPod("a", "data");
        Settle();
        Assert.Equal("node-0", (string?)Claim("data")["metadata"]!["annotations"]![SelectedNode]);

        _api.Change(SimulatedResource.Claims, "default", "data", claim => claim["metadata"]!["annotations"]!.AsObject()
            .Remove(SelectedNode));
        Settle();
        Assert.Equal("node-1", (string?)Claim("data")["metadata"]!["annotations"]![SelectedNode]);
    }

    [Fact]
    public void A_static_volume_is_reserved_on_a_node_that_reaches_it()
    {
        AddClass("local", "kubernetes.io/no-provisioner");
        AddVolume("big", "local", "node-1", size: "5Gi");
        AddVolume("small", "local", "node-1", size: "2Gi");
        AddVolume("tiny", "local", "node-1", size: "1Mi");
        AddClaim("data", "local");
        AddPod("a", "data");
        Settle();

        var volume = _api.Get(SimulatedResource.Volumes, "", "small")!;
        Assert.Equal("data", (string?)volume["spec"]!["claimRef"]!["name"]);
        Assert.Equal("uid-persistentvolumeclaims-data", (string?)volume["spec"]!["claimRef"]!["uid"]);
        Assert.Equal("yes", (string?)volume["metadata"]!["annotations"]!["pv.kubernetes.io/bound-by-controller"]);
        Assert.Null(_api.Get(SimulatedResource.Volumes, "", "big")!["spec"]!["claimRef"]);
        Assert.Null(Claim("data")["metadata"]!["annotations"]);

        BindClaim("data", "small");
        Settle();
        Assert.Equal("node-1", (string?)Pod("a")["spec"]!["nodeName"]);
    }

    [Fact]
    public void Without_a_fitting_volume_a_class_without_provisioner_keeps_the_pod_waiting()
    {
        AddClass("local", "kubernetes.io/no-provisioner");
        AddClaim("data", "local");
        AddPod("a", "data");
        Settle();
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.", Unschedulable("a"));

        AddVolume("late", "local", "node-0");
        Settle();
        Assert.Equal("data", (string?)_api.Get(SimulatedResource.Volumes, "", "late")!["spec"]!["claimRef"]!["name"]);
    }

    [Fact]
    public void Two_claims_of_one_pod_get_two_volumes_on_one_node()
    {
        AddClass("local", "kubernetes.io/no-provisioner");
        AddVolume("a-0", "local", "node-0");
        AddVolume("b-1", "local", "node-1");
        AddVolume("c-1", "local", "node-1");
        AddClaim("one", "local");
        AddClaim("two", "local");
        AddPod("a", "one", "two");
        Settle();
        var reserved = _api.List(SimulatedResource.Volumes).Where(volume => volume["spec"]!["claimRef"] is not null).Select(volume =>
            (string?)volume["metadata"]!["name"]);
        Assert.Equal(["b-1", "c-1"], reserved);
    }

    [Fact]
    public void A_bound_volume_decides_the_node_and_an_unreachable_one_none()
    {
        AddVolume("pv-1", "", "node-1");
        AddClaim("data", "");
        BindClaim("data", "pv-1");
        AddPod("a", "data");
        Settle();
        Assert.Equal("node-1", (string?)Pod("a")["spec"]!["nodeName"]);

        AddVolume("pv-2", "", "node-7");
        AddClaim("far", "");
        BindClaim("far", "pv-2");
        AddPod("b", "far");
        Settle();
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't match PersistentVolume's node affinity.", Unschedulable("b"));
    }

    [Fact]
    public void A_claim_that_is_being_deleted_is_refused()
    {
        AddClaim("data", "");
        _api.Change(SimulatedResource.Claims, "default", "data", claim => claim["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z");
        AddPod("a", "data");
        Settle();
        Assert.Equal("0/2 nodes are available: persistentvolumeclaim \"data\" is being deleted.", Unschedulable("a"));
    }

    [Fact]
    public void A_deleted_pod_goes_once_its_containers_have_ended()
    {
        AddPod("a");
        Settle();
        _api.Change(SimulatedResource.Pods, "default", "a", pod => pod["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:35Z");
        Settle();
        Assert.Null(_api.Get(SimulatedResource.Pods, "default", "a"));
    }

    [Fact]
    public void A_pod_bound_by_hand_runs_when_its_claims_are_bound_and_foreign_nodes_are_left_alone()
    {
        AddClaim("data", "");
        AddPod("a", "data");
        _api.Change(SimulatedResource.Pods, "default", "a", pod => pod["spec"]!["nodeName"] = "node-0");
        AddPod("foreign");
        _api.Change(SimulatedResource.Pods, "default", "foreign", pod => pod["spec"]!["nodeName"] = "other");
        Settle();
        Assert.Equal("Pending", (string?)Pod("a")["status"]!["phase"]);
        Assert.Equal("Pending", (string?)Pod("foreign")["status"]!["phase"]);

        AddVolume("pv-1", "");
        BindClaim("data", "pv-1");
        Settle();
        Assert.Equal("Running", (string?)Pod("a")["status"]!["phase"]);
    }

    [Theory]
    [InlineData("Never", "rm -rf /scrub", "Succeeded")]
    [InlineData("Never", "sleep 3600", "Running")]
    [InlineData("Always", "rm -rf /scrub", "Running")]
    [InlineData("Never", null, "Running")]
    public void A_command_that_does_not_last_ends_with_success(string restartPolicy, string? command, string phase)
    {
        AddPod("a");
        _api.Change(SimulatedResource.Pods, "default", "a", pod =>
        {
            pod["spec"]!["restartPolicy"] = restartPolicy;
            pod["spec"]!["containers"]![0]!["command"] = command is null ? null : new JsonArray("/bin/sh", "-c", command);
        });
        Settle();
        Assert.Equal(phase, (string?)Pod("a")["status"]!["phase"]);
    }

    [Fact]
    public void A_file_system_is_grown_to_its_volume_while_a_pod_uses_it()
    {
        AddVolume("pv-1", "");
        AddClaim("data", "");
        BindClaim("data", "pv-1");
        AddPod("a", "data");
        Settle();

        _api.Change(SimulatedResource.Volumes, "", "pv-1", volume => volume["spec"]!["capacity"]!["storage"] = "4Gi");
        _api.Change(SimulatedResource.Claims, "default", "data", claim =>
        {
            claim["status"]!["allocatedResourceStatuses"] = new JsonObject { ["storage"] = "NodeResizePending" };
            claim["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "FileSystemResizePending", ["status"] = "True" });
        });
        Settle();

        var status = Claim("data")["status"]!;
        Assert.Equal("4Gi", (string?)status["capacity"]!["storage"]);
        Assert.Equal("{}", status["allocatedResourceStatuses"]!.ToJsonString());
        Assert.Empty(status["conditions"]!.AsArray());
    }

    [Fact]
    public void Lost_races_are_run_again()
    {
        AddClass("fast", "example.com/p");
        AddClaim("data", "fast");
        _api.LostRaces = 3;
        AddPod("a", "data");
        Settle();
        Assert.Equal("node-0", (string?)Claim("data")["metadata"]!["annotations"]![SelectedNode]);
    }

    [Fact]
    public async Task It_runs_on_the_news_of_the_cluster_until_told_to_stop()
    {
        var api = new FakeSimulationApi();
        var simulation = new ClusterSimulation(api, 1, TimeProvider.System);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = simulation.RunAsync(stop.Token);
        api.Create(SimulatedResource.Nodes, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "other" } });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.NotNull(api.Get(SimulatedResource.Nodes, "", "node-0"));
    }

    private void Settle() => _api.Settle(_simulation);

    private JsonObject Pod(string name) => _api.Get(SimulatedResource.Pods, "default", name)!;

    private JsonObject Claim(string name) => _api.Get(SimulatedResource.Claims, "default", name)!;

    private string? Unschedulable(string pod) => (string?)Pod(pod)["status"]!["conditions"]!.AsArray()
        .Single(condition => (string?)condition!["type"] == "PodScheduled" && (string?)condition["status"] == "False")!["message"];

    private void AddPod(string name, params string[] claims) => _api.Create(SimulatedResource.Pods, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["schedulerName"] = "default-scheduler",
            ["restartPolicy"] = "Always",
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }),
            ["volumes"] = new JsonArray([.. claims.Select(claim => new JsonObject { ["name"] = claim,
                ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim } })]),
        },
        ["status"] = new JsonObject { ["phase"] = "Pending" },
    });

    private void AddClass(string name, string provisioner) => _api.Create(SimulatedResource.Classes, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["provisioner"] = provisioner,
        ["volumeBindingMode"] = "WaitForFirstConsumer",
    });

    private void AddClaim(string name, string storageClass) => _api.Create(SimulatedResource.Claims, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["spec"] = new JsonObject
        {
            ["storageClassName"] = storageClass,
            ["accessModes"] = new JsonArray("ReadWriteOnce"),
            ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["storage"] = "1Gi" } },
        },
        ["status"] = new JsonObject { ["phase"] = "Pending" },
    });

    private void AddVolume(string name, string storageClass, string? node = null, string size = "2Gi")
    {
        var volume = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["storageClassName"] = storageClass,
                ["accessModes"] = new JsonArray("ReadWriteOnce"),
                ["capacity"] = new JsonObject { ["storage"] = size },
            },
            ["status"] = new JsonObject { ["phase"] = "Available" },
        };
        if (node is not null)
        {
            var requirement = new JsonObject { ["key"] = "kubernetes.io/hostname", ["operator"] = "In", ["values"] = new JsonArray(node) };
            volume["spec"]!["nodeAffinity"] = new JsonObject
            {
                ["required"] = new JsonObject { ["nodeSelectorTerms"] = new JsonArray(new JsonObject { ["matchExpressions"] = new JsonArray(requirement) }) },
            };
        }

        _api.Create(SimulatedResource.Volumes, volume);
    }

    /// <summary>What the binder does.</summary>
    private void BindClaim(string claim, string volume)
    {
        _api.Change(SimulatedResource.Volumes, "", volume, bound =>
        {
            bound["spec"]!["claimRef"] = new JsonObject
            {
                ["namespace"] = "default",
                ["name"] = claim,
                ["uid"] = (string?)Claim(claim)["metadata"]!["uid"]
            };
            bound["status"]!["phase"] = "Bound";
        });
        _api.Change(SimulatedResource.Claims, "default", claim, bound =>
        {
            var annotations = bound["metadata"]!["annotations"] as JsonObject ?? [];
            bound["metadata"]!["annotations"] = annotations.Parent is null ? annotations : annotations.DeepClone();
            bound["metadata"]!["annotations"]!["pv.kubernetes.io/bind-completed"] = "yes";
            bound["spec"]!["volumeName"] = volume;
            bound["status"] = new JsonObject { ["phase"] = "Bound", ["capacity"] = new JsonObject { ["storage"] = "2Gi" } };
        });
    }
}
