using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using StorageOperator.Controllers.Acting;
using StorageOperator.Planning.Plans;

namespace StorageOperator.CrashHost;

/// <summary>The real target of steps, up to the point where the process ends.</summary>
internal sealed partial class CrashingTarget(IStepTarget real, StepLog log, CrashPoints points) : IStepTarget
{
    private const int SigKill = 9;

    private readonly ConcurrentDictionary<(string Instance, string Kind), int> _begun = new();
    private readonly ConcurrentDictionary<string, bool> _ended = new();

    public async Task<ulong?> PerformAsync(Step step, ulong? version, CancellationToken ct)
    {
        var (instance, kind) = (InstanceOf(step), KindOf(step));
        if (_ended.ContainsKey(instance))
        {
            await NeverAsync(ct);
        }

        var number = _begun.AddOrUpdate((instance, kind), 1, (_, count) => count + 1);
        log.Begin(instance, kind);
        await EndIfAtPointAsync(instance, kind, number, before: true, ct);
        var made = await real.PerformAsync(step, version, ct);
        await EndIfAtPointAsync(instance, kind, number, before: false, ct);
        return made;
    }

    private async Task EndIfAtPointAsync(string instance, string kind, int number, bool before, CancellationToken ct)
    {
        if (!points.IsAt(instance, kind, number, before))
        {
            return;
        }

        _ended[instance] = true;
        log.Reach(instance);
        if (points.Reach(instance))
        {
            _ = Kill(Environment.ProcessId, SigKill);
        }

        await NeverAsync(ct);
    }

    private static Task NeverAsync(CancellationToken ct) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);

    // The tests name a namespace, and what is in no namespace, after the instance, up to the first dash.
    private static string InstanceOf(Step step) => OwnerOf(step).Split('-')[0];

    private static string OwnerOf(Step step) => step switch
    {
        WriteClaim write => write.Before.Key.Namespace,
        WriteVolume write => write.Before.Name,
        DeleteVolume delete => delete.Volume.Name,
        DeleteHostPath delete => delete.Volume.Name,
        CreateScrubber create => create.Volume.Name,
        DeletePod delete => delete.Pod.Key.Name.Replace("recycler-for-", "", StringComparison.Ordinal),
        _ => throw new InvalidOperationException($"Which object a {step.GetType().Name} is about must be said here."),
    };

    private static string KindOf(Step step) => step.GetType().Name + step switch
    {
        WriteClaim write => $":{write.Part}",
        WriteVolume write => $":{write.Part}",
        _ => "",
    };

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
