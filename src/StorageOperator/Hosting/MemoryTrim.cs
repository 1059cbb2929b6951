namespace StorageOperator.Hosting;

/// <summary>
/// Gives memory back to the machine after a burst of work. A process that then only waits would otherwise keep what the burst left
/// behind, since nothing makes it collect: 92 MB resident instead of 59 MB after 2,000 binds.
/// </summary>
internal sealed class MemoryTrim(TimeProvider time) : BackgroundService
{
    private const long WorthIt = 8 << 20;
    private const long Quiet = 1 << 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, time);
        var (trimmedAt, seenAt) = (0L, 0L);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var allocated = GC.GetTotalAllocatedBytes();
            if (allocated - seenAt < Quiet && allocated - trimmedAt > WorthIt)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                trimmedAt = allocated;
            }

            seenAt = allocated;
        }
    }
}
