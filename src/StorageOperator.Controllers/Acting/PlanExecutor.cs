using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Acting;

/// <summary>
/// Carries a plan out: every step as soon as the one it waits for has succeeded, steps that wait for nothing side by side. When a step
/// fails, what waits for it is dropped and the failure is thrown once the others have ended.
/// </summary>
public static class PlanExecutor
{
    /// <summary>Runs all steps of a plan.</summary>
    /// <exception cref="Exception">Whatever a step threw; the first by the plan's order if several did.</exception>
    public static async Task ExecuteAsync(Plan plan, IStepTarget target, CancellationToken ct)
    {
        var running = new Task<Trail?>[plan.Steps.Length];
        for (var i = 0; i < running.Length; i++)
        {
            var step = plan.Steps[i];
            running[i] = RunAsync(step, step.After is { } after ? running[after] : null, target, ct);
        }

        await Task.WhenAll(running.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        foreach (var step in running)
        {
            await step;
        }
    }

    private static async Task<Trail?> RunAsync(Step step, Task<Trail?>? after, IStepTarget target, CancellationToken ct)
    {
        // A step behind one that failed rethrows that failure, and is thereby dropped.
        var trail = after is null ? null : await after;
        var written = UidOf(step);
        var version = await target.PerformAsync(step, written is null ? null : Trail.VersionOf(trail, written), ct);
        return written is not null && version is { } made ? new Trail(written, made, trail) : trail;
    }

    private static string? UidOf(Step step) => step switch
    {
        WriteVolume write => write.Before.Uid,
        WriteClaim write => write.Before.Uid,
        DeleteVolume delete => delete.Volume.Uid,
        _ => null,
    };

    /// <summary>The versions that the steps before made, newest first.</summary>
    private sealed record Trail(string Written, ulong Version, Trail? Earlier)
    {
        public static ulong? VersionOf(Trail? trail, string written)
        {
            for (; trail is not null; trail = trail.Earlier)
            {
                if (trail.Written == written)
                {
                    return trail.Version;
                }
            }

            return null;
        }
    }
}
