using System.Diagnostics;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace StorageOperator.DevCluster.Tests.Serving;

/// <summary>The built program, as a process.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devcluster-program-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Objects_certificate_and_token_outlive_a_killed_process()
    {
        string arguments = $"up --dir {_folder} --data-dir {_folder}/data";
        using (Process first = Start(arguments))
        {
            await Listening(first);
            using HttpClient client = await Client();
            using var body = new StringContent("""{"metadata":{"name":"kept"}}""", new MediaTypeHeaderValue("application/json"));
            (await client.PostAsync(new Uri("/api/v1/namespaces/default/configmaps", UriKind.Relative), body, TestContext.Current.CancellationToken))
                .EnsureSuccessStatusCode();
            first.Kill();
            await first.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        string before = await Secrets();
        using Process second = Start(arguments);
        await Listening(second);
        Assert.Equal(before, await Secrets());
        using HttpClient again = await Client();
        string found = await again.GetStringAsync(
            new Uri("/api/v1/namespaces/default/configmaps/kept", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("\"name\":\"kept\"", found, StringComparison.Ordinal);
        second.Kill();
    }

    [Fact]
    public async Task A_terminated_process_ends_in_order_within_two_seconds()
    {
        using Process server = Start($"up --dir {_folder}");
        await Listening(server);
        using HttpClient client = await Client();
        using HttpResponseMessage watch = await client.GetAsync(
            new Uri("/api/v1/namespaces?watch=1&resourceVersion=1", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken);
        long stopped = Stopwatch.GetTimestamp();
        using Process kill = Process.Start("kill", $"-TERM {server.Id}");
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, server.ExitCode);
        Assert.True(Stopwatch.GetElapsedTime(stopped) < TimeSpan.FromSeconds(4), "the server took more than two seconds (and a reserve) to stop");
    }

    [Theory]
    [InlineData("up", "--dir")]
    [InlineData("up --dir {0} --port many", "many")]
    [InlineData("up --dir {0} --port 70000", "70000")]
    [InlineData("up --dir {0} --faults {0}/none", "none")]
    [InlineData("up --dir /proc/nowhere", "/proc/nowhere")]
    public async Task Bad_options_are_told_in_one_line_without_a_stack_trace(string arguments, string hint)
    {
        using Process failed = Start(arguments.Replace("{0}", _folder, StringComparison.Ordinal));
        string errors = await failed.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await failed.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, failed.ExitCode);
        Assert.Contains(hint, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    private static Process Start(string arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "storage-devcluster.dll");
        return Process.Start(new ProcessStartInfo("dotnet", $"{program} {arguments}")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private async Task Listening(Process server)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        string? line = await server.StandardOutput.ReadLineAsync(deadline.Token);
        Assert.StartsWith("Listening on https://127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Contains($"export KUBECONFIG={_folder}/kubeconfig", line, StringComparison.Ordinal);
    }

    private async Task<string> Value(string field)
    {
        string[] lines = await File.ReadAllLinesAsync($"{_folder}/kubeconfig", TestContext.Current.CancellationToken);
        return lines.Single(line => line.Contains(field + ":", StringComparison.Ordinal)).Split(": ")[1].Trim();
    }

    private async Task<string> Secrets() => await Value("certificate-authority-data") + await Value("token");

    private async Task<HttpClient> Client()
    {
        string authority = Encoding.UTF8.GetString(Convert.FromBase64String(await Value("certificate-authority-data")));
        var client = new HttpClient(TestCluster.Trusting(X509Certificate2.CreateFromPem(authority))) { BaseAddress = new Uri(await Value("server")) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Value("token"));
        return client;
    }
}
