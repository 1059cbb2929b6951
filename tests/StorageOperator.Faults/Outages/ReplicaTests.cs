using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>Several operators on one cluster: one that leads and one that waits, or two that both bind.</summary>
public sealed class ReplicaTests
{
    private const double LeaseSeconds = 4;

    private static readonly string[] WithLease =
        ["--leader-elect", "--namespace-of-lease", "default", "--lease-duration", $"{LeaseSeconds}s", "--renew-deadline", "2500ms", "--retry-period", "500ms"];

    [Fact]
    public async Task Killed_leader_is_followed_within_five_seconds_of_the_end_of_its_lease()
    {
        await using var pair = await LeaderAndStandby.Start();
        await pair.Leader.Process.Kill();
        var killed = TimeProvider.System.GetTimestamp();

        await pair.Users.UntilBound(await pair.Users.CreatePair());

        // The lease ends so long after the last renewal, which was before the end of the leader.
        Assert.InRange(TimeProvider.System.GetElapsedTime(killed).TotalSeconds, 0, LeaseSeconds + 5);
        await pair.Users.UntilAllIsWell(Eventually.Deadline);
    }

    [Fact]
    public async Task Leader_that_is_asked_to_end_is_followed_at_once()
    {
        await using var pair = await LeaderAndStandby.Start();
        Assert.NotNull(await pair.Leader.Process.Stop(TimeSpan.FromSeconds(10)));
        Assert.Equal(0, pair.Leader.Process.ExitCode);
        var ended = TimeProvider.System.GetTimestamp();

        await pair.Users.UntilBound(await pair.Users.CreatePair());

        Assert.InRange(TimeProvider.System.GetElapsedTime(ended).TotalSeconds, 0, 2.5);
    }

    [Fact]
    public async Task Leader_that_cannot_renew_its_lease_ends_and_writes_nothing_more()
    {
        await using var pair = await LeaderAndStandby.Start();
        await pair.Server.Fail("refuse", new JsonObject { ["match"] = new JsonObject { ["resource"] = "leases" } });

        var code = await pair.Leader.Process.WaitForExit(TimeSpan.FromSeconds(15));

        Assert.Equal(1, code);
        await pair.Server.Heal();
        await pair.Users.UntilBound(await pair.Users.CreatePair());
    }

    [Fact]
    public async Task Two_operators_that_both_bind_bind_everything_and_nothing_twice()
    {
        await using var server = await FaultyServer.Start();
        using var users = new Users(server.Api, seed: 2);
        await users.MoveIn();
        await using var first = await OperatorProcess.Start(server.KubeconfigPath);
        await using var second = await OperatorProcess.Start(server.KubeconfigPath);

        // More claims than volumes half of the time, so that both have to choose.
        for (var i = 0; i < 60; i++)
        {
            await (i % 2 == 0 ? users.CreateVolume() : users.CreateClaim());
            if (i % 10 == 9)
            {
                await Task.WhenAll(users.CreateVolume(2), users.CreateClaim(2));
            }
        }

        await users.UntilAllIsWell(Eventually.Deadline);
        for (var i = 0; i < 60; i++)
        {
            await users.DoSomething();
        }

        await users.UntilAllIsWell(Eventually.Deadline);
        await Silence.AssertAsync(server);
        Assert.False(first.Process.HasExited || second.Process.HasExited);
    }

    private sealed class LeaderAndStandby : IAsyncDisposable
    {
        public required FaultyServer Server { get; init; }

        public required Users Users { get; init; }

        public required OperatorProcess Leader { get; init; }

        public required OperatorProcess Standby { get; init; }

        public static async Task<LeaderAndStandby> Start()
        {
            var server = await FaultyServer.Start();
            var users = new Users(server.Api);
            await users.MoveIn();
            var leader = await OperatorProcess.Start(server.KubeconfigPath, WithLease);
            await users.UntilBound(await users.CreatePair());
            var standby = await OperatorProcess.Launch(server.KubeconfigPath, WithLease);
            // Standbys hold their caches warm: it has listed the volumes before the leader ends.
            await Eventually.Holds(
                "the standby to have its caches", () => standby.Log.Contains("kind PersistentVolumeClaim at version", StringComparison.Ordinal), lastSeen: () => standby.Process.LastLines());
            return new LeaderAndStandby { Server = server, Users = users, Leader = leader, Standby = standby };
        }

        public async ValueTask DisposeAsync()
        {
            await Leader.DisposeAsync();
            await Standby.DisposeAsync();
            Users.Dispose();
            await Server.DisposeAsync();
        }
    }
}
