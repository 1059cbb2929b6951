using Microsoft.Extensions.Time.Testing;

namespace StorageOperator.DevCluster.Tests.Lifecycle;

public class EventExpiryTests
{
    [Fact]
    public async Task Events_live_an_hour_from_when_they_were_last_seen()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using TestCluster cluster = await TestCluster.StartAsync(options => new() { Directory = options.Directory, Time = clock });
        (await cluster.Post(Events, Event("old", "2026-01-01T00:00:00Z"))).Must(201);
        (await cluster.Post(Events, Event("repeated", "2026-01-01T00:30:00Z"))).Must(201);
        clock.Advance(TimeSpan.FromMinutes(65));
        await cluster.UntilGone(Events + "/old");
        (await cluster.Get(Events + "/repeated")).Must(200);
    }

    private const string Events = "/api/v1/namespaces/default/events";

    private static string Event(string name, string last) => $$$"""
        {"metadata":{"name":"{{{name}}}"},"involvedObject":{"kind":"Pod","name":"p","namespace":"default"},"reason":"R","message":"m",
         "type":"Normal","firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"{{{last}}}","count":1}
        """;
}
