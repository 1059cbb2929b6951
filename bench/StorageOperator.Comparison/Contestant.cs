using System.Globalization;
using StorageOperator.Testing;

namespace StorageOperator.Comparison;

/// <summary>One of the programs that bind.</summary>
/// <param name="Name">For people.</param>
/// <param name="Start">Starts it.</param>
internal sealed record Contestant(string Name, Func<string, Task<ChildProcess>> Start)
{
    /// <summary>kube-controller-manager's four volume controllers, with the limits on its requests lifted.</summary>
    public static readonly Contestant KubeControllerManager = new("kube-controller-manager", kubeconfig => ChildProcess.Start(
        Path.Combine(Programs.EnvtestAssets, "kube-controller-manager"),
        [
            "--kubeconfig", kubeconfig, "--leader-elect=false", "--port=0", "--secure-port=0", "--kube-api-qps=10000", "--kube-api-burst=10000",
            "--kube-api-content-type=application/vnd.kubernetes.protobuf",
            "--controllers=persistentvolume-binder,persistentvolume-expander,pvc-protection,pv-protection",
        ]));

    /// <summary>This program: the native build if there is one.</summary>
    public static readonly Contestant Operator = new("storage-operator", kubeconfig => ChildProcess.Start(
        NativeBuild() ?? Programs.Operator,
        ["run", "--kubeconfig", kubeconfig, "--binding", "own", "--health-probe-bind-address", "127.0.0.1:0", "--metrics-bind-address", "0"]));

    /// <summary>Which build of this program takes part.</summary>
    public static string OperatorBuild => NativeBuild() is null ? "JIT" : "native AOT";

    /// <summary>The processor time that a process has used so far.</summary>
    public static TimeSpan Cpu(ChildProcess process)
    {
        // Fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms; the second field may hold spaces, but ends with the last parenthesis.
        var stat = File.ReadAllText($"/proc/{process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    /// <summary>The memory that a process has resident, in megabytes (2^20).</summary>
    public static double Resident(ChildProcess process) => double.Parse(
        File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    private static string? NativeBuild()
    {
        var path = Path.Combine(Programs.RepositoryRoot, "dist/storage-operator");
        return Environment.GetEnvironmentVariable("STORAGE_OPERATOR_BIN") is null && File.Exists(path) ? path : null;
    }
}
