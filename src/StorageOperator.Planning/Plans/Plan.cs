using System.Collections.Immutable;
using StorageOperator.Model;
using StorageOperator.Planning.Matching;

namespace StorageOperator.Planning.Plans;

/// <summary>What shall be done about one object, and why. Made from observations alone; carrying it out is somebody else's.</summary>
/// <param name="Verdict">How the object stands.</param>
public sealed record Plan(Verdict Verdict)
{
    /// <summary>The changes to make. Steps whose <see cref="Step.After"/> is done may run side by side.</summary>
    public ImmutableArray<Step> Steps { get; init; } = [];

    /// <summary>What to tell people, whatever becomes of the steps.</summary>
    public ImmutableArray<PlannedEvent> Events { get; init; } = [];

    /// <summary>What to tell people once every step has succeeded.</summary>
    public ImmutableArray<PlannedEvent> EventsWhenDone { get; init; } = [];

    /// <summary>Claims that should be looked at again because of what was seen here.</summary>
    public ImmutableArray<ObjectKey> WakeClaims { get; init; } = [];

    /// <summary>Volumes that should be looked at again because of what was seen here.</summary>
    public ImmutableArray<string> WakeVolumes { get; init; } = [];

    /// <summary>Why no volume matched, where that is the reason for waiting.</summary>
    public MatchReport? Report { get; init; }

    /// <summary>What must be proved before anything can be decided; such a plan has no steps.</summary>
    public Proof? Needs { get; init; }

    /// <summary>Whether the same must be tried again later even if nothing is observed to change.</summary>
    public bool RetryLater { get; init; }

    /// <summary>Whether nothing is to be written.</summary>
    public bool IsQuiet => Steps.IsEmpty;
}
