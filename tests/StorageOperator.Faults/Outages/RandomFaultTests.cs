using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>
/// Hundreds of faults at random while users go about their work. <c>FAULTS</c> says how many (300), <c>FAULTS_SEED</c> which run it is;
/// a failure tells its seed.
/// </summary>
public sealed class RandomFaultTests
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private static readonly (string Action, Func<Random, JsonObject> Rule)[] Faults =
    [
        ("refuse", chance => Rule(chance, 4)),
        ("lose", chance => Rule(chance, 4)),
        ("status", chance => With(Rule(chance, 6), "code", new[] { 500, 503, 504, 409 }[chance.Next(4)])),
        ("status", chance => With(With(With(Rule(chance, 1), "code", 429), "retryAfterSeconds", 1), "probability", 0.3)),
        ("delay", chance => With(Rule(chance, 8), "milliseconds", chance.Next(20, 600))),
        ("cut", chance => With(Rule(chance, 3), "milliseconds", chance.Next(10, 400))),
        ("gone", chance => Rule(chance, 2)),
        ("stale", chance => With(Rule(chance, 6), "revisionsBack", chance.Next(1, 20))),
    ];

    [Fact]
    public async Task After_many_faults_everything_is_as_if_there_had_been_none()
    {
        var (count, seed) = (Number("FAULTS", 300), Number("FAULTS_SEED", 1));
        var chance = new Random(seed);
        await using var server = await FaultyServer.Start();
        using var users = new Users(server.Api, seed);
        await users.MoveIn();
        await using var operating = await OperatorProcess.Start(server.KubeconfigPath);

        try
        {
            var struck = await DisturbAsync(server, users, operating, chance, count);
            await users.AssertNothingIsLost();
            await users.UntilAllIsWell(Recovery);
            await users.AssertNothingIsLost();
            await Silence.AssertAsync(server);
            TestContext.Current.SendDiagnosticMessage("{0} faults", struck);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"FAULTS={count} FAULTS_SEED={seed}: {failure.Message}\n{operating.Process.LastLines()}", failure);
        }

        Assert.False(operating.Process.HasExited, operating.Process.LastLines());
    }

    private static async Task<long> DisturbAsync(FaultyServer server, Users users, OperatorProcess operating, Random chance, int count)
    {
        var struck = 0L;
        for (var round = 0; struck < count; round++)
        {
            Assert.False(operating.Process.HasExited, operating.Process.LastLines());
            for (var i = 0; i < 3; i++)
            {
                var (action, rule) = Faults[chance.Next(Faults.Length)];
                await server.Fail(action, rule(chance));
            }

            for (var i = 0; i < 4; i++)
            {
                await users.DoSomething();
            }

            await users.RunScrubbers();
            if (round % 3 == 0)
            {
                await server.CutWatches();
            }

            if (round % 7 == 0)
            {
                await server.Compact();
            }

            // Some time for the faults to strike; then they make room for others, lest the slow ones rule alone.
            await Task.Delay(TimeSpan.FromMilliseconds(chance.Next(20, 250)), TimeProvider.System, TestContext.Current.CancellationToken);
            if (round % 4 == 3)
            {
                struck += await server.Strikes();
                await server.Heal();
            }
        }

        await server.Heal();
        return struck;
    }

    private static JsonObject Rule(Random chance, int most) => new()
    {
        ["count"] = chance.Next(1, most + 1),
        ["skip"] = chance.Next(3),
        ["match"] = chance.Next(3) switch
        {
            0 => new JsonObject { ["verb"] = "patch,create,delete" },
            1 => new JsonObject { ["verb"] = "get,list,watch" },
            _ => new JsonObject(),
        },
    };

    private static JsonObject With(JsonObject rule, string field, JsonNode value)
    {
        rule[field] = value;
        return rule;
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
