using System.Diagnostics;

namespace StorageOperator.DevCluster.Tests.Kubectl;

/// <summary>The hardest client there is: Kubernetes' own controllers, from the folder KUBEBUILDER_ASSETS.</summary>
public class ControllerManagerTests
{
    [Fact]
    public async Task Kubernetes_own_controllers_bind_and_release_on_this_server()
    {
        string program = Path.Combine(Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") ?? "/nowhere", "kube-controller-manager");
        Assert.SkipUnless(File.Exists(program), "KUBEBUILDER_ASSETS has no kube-controller-manager");
        await using TestCluster cluster = await TestCluster.StartAsync();
        const string Claim = "/api/v1/namespaces/default/persistentvolumeclaims/c", Volume = "/api/v1/persistentvolumes/v";
        (await cluster.Post("/api/v1/persistentvolumes", """
            {"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/v"}}}
            """)).Must(201);
        (await cluster.Post("/api/v1/namespaces/default/persistentvolumeclaims", """
            {"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}
            """)).Must(201);
        using Process manager = Process.Start(new ProcessStartInfo(
            program,
            $"--kubeconfig={cluster.Server.KubeconfigPath} --leader-elect=false --secure-port=0 {await InsecurePort(program)}"
            + "--pvclaimbinder-sync-period=1s --controllers=persistentvolume-binder,pvc-protection,pv-protection")
        {
            RedirectStandardError = true,
        })!;
        Task<string> log = manager.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await Phase(cluster, Claim, "Bound");
            await Phase(cluster, Volume, "Bound");
            (await cluster.Delete(Claim)).Must(200);
            await cluster.UntilGone(Claim);
            await Phase(cluster, Volume, "Released");
        }
        finally
        {
            manager.Kill();
            await log;
        }
    }

    // Older ones listen on a second, fixed port, unless they are told not to; newer ones do not know the option.
    private static async Task<string> InsecurePort(string program)
    {
        using Process version = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
        string text = await version.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        return int.Parse(text.Split('.')[1]) < 24 ? "--port=0 " : "";
    }

    private static Task Phase(TestCluster cluster, string path, string phase) => TestCluster.Until(
        async () => (string?)(await cluster.Get(path)).Must(200)["status"]?["phase"] == phase, $"{path} is {phase}", seconds: 60);
}
