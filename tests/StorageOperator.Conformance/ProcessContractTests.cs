using System.Net;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>What whoever runs the program may rely on: probes, signals, exit codes, the lease.</summary>
public sealed class ProcessContractTests(EmptyCluster empty) : EmptyClusterTests(empty)
{
    private static readonly string[] WithLease =
        ["--leader-elect", "--namespace-of-lease", "default", "--lease-duration", "4s", "--renew-deadline", "3s", "--retry-period", "500ms"];

    [Fact]
    public async Task Says_ready_when_it_is_and_ends_on_SIGTERM_with_its_lease_released()
    {
        await using var running = await OperatorProcess.Start(Cluster.KubeconfigPath, WithLease);
        Assert.Equal(HttpStatusCode.OK, await running.Answer("/healthz"));
        await Eventually.Holds("the lease to be held", async _ => Holder(await Lease()) is { Length: > 0 });

        var took = await running.Process.Stop(TimeSpan.FromSeconds(10));

        Assert.True(took is not null, $"It did not end within 10 s of SIGTERM:\n{running.Process.LastLines()}");
        Assert.Equal(0, running.Process.ExitCode);
        Assert.True(string.IsNullOrEmpty(Holder(await Lease())), "The lease still has a holder.");
    }

    [Fact]
    public async Task Of_two_replicas_one_works_and_the_other_takes_over_when_it_is_killed()
    {
        await using var space = await Space.Create(Api, "replicas");
        await using var first = await OperatorProcess.Start(Cluster.KubeconfigPath, WithLease);
        await Eventually.Holds("the first to hold the lease", async _ => Holder(await Lease()) is { Length: > 0 });
        var holder = Holder(await Lease());
        await using var second = await OperatorProcess.Launch(Cluster.KubeconfigPath, WithLease);
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.Create(space.NewClaim("before", "1Gi"));
        await space.UntilClaim("before", "Bound");
        Assert.Equal(holder, Holder(await Lease()));

        await first.Process.Kill();

        await Eventually.Holds("the second to hold the lease", async _ => Holder(await Lease()) is { Length: > 0 } now && now != holder);
        await space.Create(space.NewVolume("w", "1Gi"));
        await space.Create(space.NewClaim("after", "1Gi"));
        await space.UntilClaim("after", "Bound");
        Assert.False(second.Process.HasExited);
    }

    [Fact]
    public async Task Work_left_half_done_by_a_killed_operator_is_finished_by_the_next()
    {
        await using var space = await Space.Create(Api, "killed");
        const int Pairs = 40;
        await using (var first = await OperatorProcess.Start(Cluster.KubeconfigPath))
        {
            for (var i = 0; i < Pairs; i++)
            {
                await space.Create(space.NewVolume($"v{i}", "1Gi"));
                await space.Create(space.NewClaim($"c{i}", "1Gi"));
            }

            await first.Process.Kill();
        }

        await using var next = await OperatorProcess.Start(Cluster.KubeconfigPath);
        for (var i = 0; i < Pairs; i++)
        {
            await space.UntilClaim($"c{i}", "Bound");
            await space.UntilVolume($"v{i}", "Bound");
        }

        await AssertPairsAreMutual(space, Pairs);
    }

    [Theory]
    [InlineData("--no-such-option", "--no-such-option")]
    [InlineData("--lease-duration", "--lease-duration", "soon")]
    [InlineData("--binding", "--binding", "perhaps")]
    [InlineData("--health-probe-bind-address", "--health-probe-bind-address", "nowhere")]
    [InlineData("--renew-deadline", "--leader-elect", "--lease-duration", "5s", "--renew-deadline", "10s")]
    public async Task Bad_options_end_it_with_2_and_one_line(string named, params string[] arguments)
    {
        var result = await ChildProcess.Run(Programs.Operator, ["run", "--kubeconfig", Cluster.KubeconfigPath, .. arguments]);
        AssertOneLine(result, named);
    }

    [Theory]
    [InlineData("missing", null)]
    [InlineData("empty", "")]
    [InlineData("not YAML", "{ this: is [not yaml")]
    [InlineData("of something else", "apiVersion: v1\nkind: Config\ncurrent-context: nothing\n")]
    public async Task Bad_kubeconfig_ends_it_with_2_and_one_line(string kind, string? content)
    {
        using var folder = new TempDirectory("kubeconfig");
        var file = folder.File(kind.Replace(' ', '-'));
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content);
        }

        var result = await ChildProcess.Run(Programs.Operator, ["run", "--kubeconfig", file, "--health-probe-bind-address", "0", "--metrics-bind-address", "0"]);
        AssertOneLine(result, file);
    }

    [Fact]
    public async Task Metrics_have_the_names_that_dashboards_know()
    {
        await using var space = await Space.Create(Api, "metrics");
        await using var running = await OperatorProcess.Start(Cluster.KubeconfigPath, WithLease);
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.Create(space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");

        var metrics = await running.Metrics();

        Assert.All(
            [
                "controller_runtime_reconcile_total", "controller_runtime_reconcile_time_seconds", "workqueue_depth", "workqueue_adds_total",
                "rest_client_requests_total", "leader_election_master_status",
            ],
            name => Assert.Matches($"(?m)^{name}(_bucket)?\\{{.*\\}} [0-9]", metrics));
        Assert.Matches("(?m)^leader_election_master_status\\{.*\\} 1(\\s|$)", metrics);
    }

    [Fact]
    public async Task Leader_that_is_told_to_stop_leaves_the_work_to_the_next_at_once()
    {
        await using var space = await Space.Create(Api, "handover");
        string[] longLease = ["--leader-elect", "--namespace-of-lease", "default", "--lease-duration", "60s", "--renew-deadline", "40s", "--retry-period", "500ms"];
        await using var first = await OperatorProcess.Start(Cluster.KubeconfigPath, longLease);
        await Eventually.Holds("the first to hold the lease", async _ => Holder(await Lease()) is { Length: > 0 });
        await using var second = await OperatorProcess.Launch(Cluster.KubeconfigPath, longLease);
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.UntilVolume("v", "Available");

        await first.Process.Stop(TimeSpan.FromSeconds(10));

        // Well before the lease of 60 s would have run out.
        await space.Create(space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");
    }

    [Fact]
    public async Task Server_that_cannot_be_reached_is_waited_for()
    {
        using var folder = new TempDirectory("unreachable");
        var nobody = new UriBuilder(Cluster.Connection.Server) { Port = FreePort.Take(1)[0] }.Uri;
        (Cluster.Connection with { Server = nobody, Token = Cluster.Connection.Token ?? "none" }).Write(folder.File("kubeconfig"));
        await using var running = await OperatorProcess.Launch(folder.File("kubeconfig"));

        await Eventually.Holds("the probes to answer", async token => await running.Answer("/readyz", token) != HttpStatusCode.OK);
        await Eventually.Holds("the log to say which server", () => running.Log.Contains($"127.0.0.1:{nobody.Port}", StringComparison.Ordinal));

        Assert.False(running.Process.HasExited, running.Process.LastLines());
        Assert.NotNull(await running.Process.Stop(TimeSpan.FromSeconds(10)));
    }

    private async Task<JsonNode?> Lease()
    {
        var leases = (await Api.Get(ResourcePath.Collection("Lease", "default"))).Succeeded()["items"]!.AsArray();
        return leases.SingleOrDefault(lease => ((string)lease!["metadata"]!["name"]!).Contains("storage", StringComparison.Ordinal));
    }

    private static string? Holder(JsonNode? lease) => (string?)lease?["spec"]?["holderIdentity"];

    // One line for people on standard error; the log, if it has begun, is on standard output.
    private static void AssertOneLine(ProgramResult result, string named)
    {
        Assert.True(result.ExitCode == 2, $"Exit code {result.ExitCode}\n{result.Output}{result.Error}");
        var line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output + result.Error, StringComparison.Ordinal);
    }

    private static async Task AssertPairsAreMutual(Space space, int pairs)
    {
        var taken = new HashSet<string>();
        for (var i = 0; i < pairs; i++)
        {
            var claim = (await space.Claim($"c{i}"))!;
            var volume = ((string)claim["spec"]!["volumeName"]!)[(space.Name.Length + 1)..];
            Assert.True(taken.Add(volume), $"{volume} is bound twice");
            Assert.Equal((string)claim["metadata"]!["uid"]!, (string?)(await space.Volume(volume))!["spec"]!["claimRef"]!["uid"]);
        }
    }
}
