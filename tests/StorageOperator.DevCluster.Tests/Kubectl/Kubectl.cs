using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Tests.Kubectl;

/// <summary>Runs the machine's kubectl against a test cluster; tests skip where there is none.</summary>
public sealed class Kubectl(TestCluster cluster)
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "kubectl"))
        .FirstOrDefault(File.Exists);

    /// <summary>A kubectl for a cluster, or a skipped test.</summary>
    public static Kubectl For(TestCluster cluster)
    {
        Assert.SkipWhen(Program is null, "there is no kubectl on PATH");
        return new Kubectl(cluster);
    }

    /// <summary>Skips the test where kubectl is older than 1.minor.</summary>
    public async Task Needs(int minor, string what)
    {
        JsonNode version = JsonNode.Parse(await Run("version --client -o json"))!["clientVersion"]!;
        int found = int.Parse(((string)version["minor"]!).TrimEnd('+'), CultureInfo.InvariantCulture);
        Assert.SkipWhen(found < minor, $"kubectl 1.{found} has no {what}");
    }

    /// <summary>Runs a command that must succeed; gives what it printed.</summary>
    public async Task<string> Run(string arguments, string? input = null, string? editor = null)
    {
        (int code, string output, string errors) = await Try(arguments, input, editor);
        Assert.True(code == 0, $"kubectl {arguments} ended with {code}: {output}{errors}");
        return output;
    }

    /// <summary>Runs a command; gives its exit code and what it printed.</summary>
    public async Task<(int Code, string Output, string Errors)> Try(string arguments, string? input = null, string? editor = null)
    {
        using Process process = Start(arguments, editor);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    /// <summary>Starts a command that goes on, such as a watch.</summary>
    public Process Start(string arguments, string? editor = null)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec {Program} --cache-dir={cluster.Folder}/cache {arguments}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = cluster.Server.KubeconfigPath;
        start.Environment["KUBE_EDITOR"] = editor ?? "false";
        return Process.Start(start)!;
    }
}
