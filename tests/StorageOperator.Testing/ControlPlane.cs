using System.Text.Json.Nodes;

namespace StorageOperator.Testing;

/// <summary>The other programs of a real control plane, from the folder that <c>KUBEBUILDER_ASSETS</c> names, on any API server.</summary>
public static class ControlPlane
{
    /// <summary>Starts kube-controller-manager with the controllers that <paramref name="arguments"/> name.</summary>
    public static Task<ChildProcess> StartKubeControllerManager(string kubeconfig, IEnumerable<string> arguments) =>
        Start("kube-controller-manager", kubeconfig, arguments);

    /// <summary>Starts kube-scheduler.</summary>
    public static Task<ChildProcess> StartKubeScheduler(string kubeconfig, IEnumerable<string>? arguments = null) =>
        Start("kube-scheduler", kubeconfig, arguments ?? []);

    /// <summary>Creates a node that the scheduler takes for a good one. No kubelet runs on it: pods that it gets never start.</summary>
    public static async Task CreateNode(KubernetesApi api, string name, CancellationToken cancellationToken = default)
    {
        var node = JsonNode.Parse($$"""
            {
              "apiVersion": "v1", "kind": "Node", "metadata": { "name": "{{name}}", "labels": { "kubernetes.io/hostname": "{{name}}" } }
            }
            """)!;
        (await api.Create(node, cancellationToken)).Succeeded();
        var path = ResourcePath.Object("Node", null, name);
        var status = JsonNode.Parse("""
            {
              "status": {
                "capacity": { "cpu": "64", "memory": "64Gi", "pods": "1000" }, "allocatable": { "cpu": "64", "memory": "64Gi", "pods": "1000" },
                "conditions": [{ "type": "Ready", "status": "True", "reason": "ForTests", "message": "there is no kubelet" }]
              }
            }
            """)!;
        (await api.Patch(path + "/status", status, cancellationToken: cancellationToken)).Succeeded();
        // Admission taints every new node as not ready, and here is no controller that would take it back.
        (await api.Patch(path, JsonNode.Parse("""{"spec":{"taints":null}}""")!, cancellationToken: cancellationToken)).Succeeded();
    }

    // JSON, since the embedded API server does not speak protobuf.
    private static Task<ChildProcess> Start(string program, string kubeconfig, IEnumerable<string> arguments) => ChildProcess.Start(
        Path.Combine(Programs.EnvtestAssets, program),
        ["--kubeconfig", kubeconfig, "--leader-elect=false", "--port=0", "--secure-port=0", "--kube-api-content-type=application/json", .. arguments]);
}
