using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>The built operator, and an API server that fails in one way at a time.</summary>
public sealed class ServerOutageTests : IAsyncLifetime
{
    private FaultyServer? _server;
    private Users? _users;
    private OperatorProcess? _operating;

    private FaultyServer Server => _server!;

    private Users Users => _users!;

    private OperatorProcess Operating => _operating!;

    public async ValueTask InitializeAsync()
    {
        _server = await FaultyServer.Start();
        _users = new Users(_server.Api);
        await _users.MoveIn();
        _operating = await OperatorProcess.Start(_server.KubeconfigPath);
        // All of it has worked once, and every connection is there.
        await _users.UntilBound(await _users.CreatePair());
    }

    public async ValueTask DisposeAsync()
    {
        await (_operating?.DisposeAsync() ?? ValueTask.CompletedTask);
        _users?.Dispose();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Server_that_ends_and_comes_back_finds_the_operator_waiting(bool killed)
    {
        await Users.CreateVolume();
        var half = await Users.CreateClaim();
        await (killed ? Server.Kill() : Server.Stop());
        await Eventually.Holds("the operator to notice", () => Operating.Log.Contains("trying again", StringComparison.Ordinal), lastSeen: () => Operating.Process.LastLines(5));
        Assert.False(Operating.Process.HasExited, Operating.Process.LastLines());

        await Server.StartAgain();

        await Users.UntilBound(half);
        await Users.UntilBound(await Users.CreatePair());
        await Users.UntilAllIsWell(Eventually.Deadline);
    }

    [Fact]
    public async Task Slow_server_gets_no_more_than_it_can_bear_and_all_is_bound_in_the_end()
    {
        await Server.Fail("delay", new JsonObject { ["milliseconds"] = 400, ["probability"] = 0.7, ["seed"] = 1 });

        await CreatePairs(20);

        await Users.UntilAllIsWell(Eventually.Deadline);
        await AssertSilence();
    }

    [Fact]
    public async Task Server_that_asks_for_a_pause_gets_no_request_until_it_is_over()
    {
        var pause = TimeSpan.FromSeconds(3);
        await Server.Fail("status", new JsonObject
        {
            ["code"] = 429,
            ["retryAfterSeconds"] = (int)pause.TotalSeconds,
            ["count"] = 1,
            ["match"] = new JsonObject { ["verb"] = "patch" },
        });
        var claims = await CreatePairs(5);
        await Eventually.Holds("the refusal", async _ => await Server.Strikes() == 1, between: TimeSpan.FromMilliseconds(5));
        var refused = TimeProvider.System.GetTimestamp();
        // What was under way when the refusal came is no disobedience; it has arrived by now.
        await Pass(TimeSpan.FromMilliseconds(400));
        var before = await Server.Requests();

        // And some more to do, so that there is something to hold back.
        claims.AddRange(await CreatePairs(5));
        await Pass(pause - TimeSpan.FromMilliseconds(300) - TimeProvider.System.GetElapsedTime(refused));

        Assert.Equal(before, await Server.Requests());
        await Task.WhenAll(claims.Select(claim => Users.UntilBound(claim)));
    }

    [Fact]
    public async Task Watches_that_the_server_refuses_with_a_pause_come_back_when_it_is_over()
    {
        var pause = TimeSpan.FromSeconds(3);
        await Server.Fail("status", new JsonObject
        {
            ["code"] = 429,
            ["retryAfterSeconds"] = (int)pause.TotalSeconds,
            ["match"] = new JsonObject { ["verb"] = "watch,list" },
        });
        await Server.CutWatches();
        await Eventually.Holds("all four watches to be refused", async _ => await Server.Strikes() >= 4, between: TimeSpan.FromMilliseconds(5));
        var refused = TimeProvider.System.GetTimestamp();

        await Pass(pause - TimeSpan.FromMilliseconds(700));

        Assert.True(TimeProvider.System.GetElapsedTime(refused) > pause || await Server.Strikes() == 4, "Watches came back before the pause was over.");
        await Server.Heal();
        await Users.UntilBound(await Users.CreatePair());
    }

    [Theory]
    [InlineData("status")]
    [InlineData("refuse")]
    [InlineData("lose")]
    public async Task Burst_of_failures_costs_time_and_nothing_else(string action)
    {
        await Server.Fail(action, new JsonObject { ["code"] = 500, ["count"] = 60, ["match"] = new JsonObject { ["verb"] = "patch,get,create,delete" } });

        await CreatePairs(15);
        await Users.DeleteClaim(await Users.CreateClaim());

        await Users.UntilAllIsWell(Eventually.Deadline);
        await Server.Heal();
        await AssertSilence();
    }

    [Fact]
    public async Task Watches_that_are_cut_again_and_again_miss_nothing()
    {
        await Server.Fail("cut", new JsonObject { ["milliseconds"] = 150, ["count"] = 40 });
        for (var i = 0; i < 10; i++)
        {
            await Server.CutWatches();
            await Users.CreatePair();
            if (i % 3 == 0)
            {
                await Users.DeleteClaim(await Users.CreateClaim());
            }
        }

        await Users.UntilAllIsWell(Eventually.Deadline);
    }

    [Fact]
    public async Task Deletion_that_falls_into_a_gap_of_the_history_is_found_out()
    {
        await Users.CreateVolume(policy: "Delete");
        var doomed = await Users.CreateClaim(1);
        await Users.UntilBound(doomed);
        // Nothing is seen from here on, and what happens meanwhile is forgotten before anything is seen again.
        await Server.Fail("refuse", new JsonObject { ["match"] = new JsonObject { ["verb"] = "watch,list" } });
        await Server.CutWatches();
        await Users.DeleteClaim(doomed);
        var claim = await Users.CreatePair();
        await Server.Compact();

        await Server.Heal();

        await Users.UntilBound(claim);
        await Users.UntilAllIsWell(Eventually.Deadline);
    }

    [Fact]
    public async Task History_that_is_forgotten_under_open_watches_is_listed_again()
    {
        await Server.Fail("gone", new JsonObject { ["count"] = 6 });
        await Server.Compact();
        await Server.CutWatches();

        await CreatePairs(5);

        await Users.UntilAllIsWell(Eventually.Deadline);
        Assert.True(await Server.Strikes() > 0, "Nobody was told that the history is gone.");
    }

    [Fact]
    public async Task Stale_answers_to_reads_do_no_harm()
    {
        await Server.Fail("stale", new JsonObject { ["revisionsBack"] = 5, ["probability"] = 0.5, ["seed"] = 1, ["count"] = 60 });
        for (var i = 0; i < 8; i++)
        {
            await Users.CreateVolume(policy: i % 2 == 0 ? "Delete" : "Retain");
            var claim = await Users.CreateClaim();
            await Users.UntilBound(claim);
            await Users.DeleteClaim(claim);
            await Server.CutWatches();
        }

        await Server.Heal();
        await Users.UntilAllIsWell(Eventually.Deadline);
        await Users.AssertNothingIsLost();
    }

    private async Task<List<string>> CreatePairs(int count)
    {
        var claims = new List<string>();
        for (var i = 0; i < count; i++)
        {
            claims.Add(await Users.CreatePair());
        }

        return claims;
    }

    private async Task AssertSilence() => await Silence.AssertAsync(Server);

    private static Task Pass(TimeSpan period) =>
        Task.Delay(period > TimeSpan.Zero ? period : TimeSpan.Zero, TimeProvider.System, TestContext.Current.CancellationToken);
}
