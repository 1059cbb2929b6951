using System.Collections.Immutable;
using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>A plan in the making: collects steps that change something and knows which of them came last.</summary>
internal sealed class PlanDraft
{
    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private readonly ImmutableArray<PlannedEvent>.Builder _events = ImmutableArray.CreateBuilder<PlannedEvent>();
    private readonly ImmutableArray<PlannedEvent>.Builder _eventsWhenDone = ImmutableArray.CreateBuilder<PlannedEvent>();

    /// <summary>Adds a write unless it would change nothing.</summary>
    /// <returns>The step that later ones must wait for: the new one, or <paramref name="after"/> when nothing was added.</returns>
    public int? Write(VolumeEntry before, VolumeEntry desired, ObjectPart part, int? after = null) =>
        Difference.Between(before, desired, part) ? Add(new WriteVolume(before, desired, part), after) : after;

    /// <inheritdoc cref="Write(VolumeEntry, VolumeEntry, ObjectPart, int?)"/>
    public int? Write(ClaimEntry before, ClaimEntry desired, ObjectPart part, int? after = null) =>
        Difference.Between(before, desired, part) ? Add(new WriteClaim(before, desired, part), after) : after;

    /// <summary>Adds both halves of a change, metadata and spec first.</summary>
    public int? WriteBoth(VolumeEntry before, VolumeEntry desired, int? after = null) =>
        Write(before, desired, ObjectPart.Status, Write(before, desired, ObjectPart.Spec, after));

    /// <inheritdoc cref="WriteBoth(VolumeEntry, VolumeEntry, int?)"/>
    public int? WriteBoth(ClaimEntry before, ClaimEntry desired, int? after = null) =>
        Write(before, desired, ObjectPart.Status, Write(before, desired, ObjectPart.Spec, after));

    /// <summary>Adds a step.</summary>
    public int? Add(Step step, int? after = null)
    {
        _steps.Add(step with { After = after });
        return _steps.Count - 1;
    }

    /// <summary>Adds something to tell.</summary>
    public void Tell(PlannedEvent told) => _events.Add(told);

    /// <summary>Adds something to tell once every step has succeeded: what alarms people must be true.</summary>
    public void TellWhenDone(PlannedEvent told) => _eventsWhenDone.Add(told);

    public Plan Finish(Verdict verdict) => new(verdict) { Steps = _steps.ToImmutable(), Events = _events.ToImmutable(), EventsWhenDone = _eventsWhenDone.ToImmutable() };
}
