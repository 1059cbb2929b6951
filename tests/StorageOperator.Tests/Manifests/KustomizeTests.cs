using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace StorageOperator.Tests.Manifests;

/// <summary>Renders config/ with the kustomize in kubectl; skipped where there is no kubectl, or one too old for today's kustomizations.</summary>
public sealed class KustomizeTests
{
    [Theory]
    [InlineData("crd")]
    [InlineData("rbac")]
    [InlineData("manager")]
    [InlineData("samples")]
    [InlineData("prometheus")]
    [InlineData("network-policy")]
    [InlineData("default")]
    [InlineData("replace")]
    public async Task Every_kustomization_renders(string folder) => await RenderAsync(folder);

    [Fact]
    public async Task The_default_does_not_say_who_binds_and_the_replacement_does()
    {
        Assert.DoesNotContain("--binding", await RenderAsync("default"), StringComparison.Ordinal);
        Assert.Contains("- --binding=own", await RenderAsync("replace"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("replace")]
    public async Task The_pod_is_restricted(string folder)
    {
        var rendered = await RenderAsync(folder);

        Assert.All(
            new[]
            {
                "pod-security.kubernetes.io/enforce: restricted", "runAsNonRoot: true", "type: RuntimeDefault", "allowPrivilegeEscalation: false",
                "readOnlyRootFilesystem: true", "- ALL", "path: /livez", "path: /readyz", "memory: 256Mi",
            },
            text => Assert.Contains(text, rendered, StringComparison.Ordinal));
    }

    private static async Task<string> RenderAsync(string folder)
    {
        // Up to 1.20 kubectl carried kustomize 2.0, which cannot read a folder that another folder names.
        var (_, version, _) = await KubectlAsync("version", "--client", "-o", "json");
        var minor = int.Parse(new string([.. JsonNode.Parse(version)!["clientVersion"]!["minor"]!.ToString().TakeWhile(char.IsAsciiDigit)]), CultureInfo.InvariantCulture);
        Assert.SkipWhen(minor < 21, $"kubectl 1.{minor} is too old for config/");
        var (exitCode, output, error) = await KubectlAsync("kustomize", Repository.PathOf("config", folder));
        Assert.True(exitCode == 0, error);
        return output;
    }

    private static async Task<(int ExitCode, string Output, string Error)> KubectlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("KUBECTL") ?? "kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, await output, await error);
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no kubectl on this machine");
            throw;
        }
    }
}
