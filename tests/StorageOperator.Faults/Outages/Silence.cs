using StorageOperator.Testing;

namespace StorageOperator.Faults.Outages;

/// <summary>Nothing to do means nothing written.</summary>
internal static class Silence
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Waits until operators have stopped writing, and sees that they do not begin again.</summary>
    public static async Task AssertAsync(FaultyServer server)
    {
        var last = -1L;
        // A waiting claim is told at most every 5 s why it waits, when the reason has changed.
        await Eventually.Holds("the writes to end", async _ => last == (last = await server.Writes()), between: TimeSpan.FromSeconds(5.5));
        // That nothing happens can only be seen by letting time pass.
        await Task.Delay(Period, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(last, await server.Writes());
    }
}
