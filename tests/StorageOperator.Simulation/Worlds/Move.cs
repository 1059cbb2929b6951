namespace StorageOperator.Simulation.Worlds;

/// <summary>What can happen in a world. The numbers of a <see cref="Move"/> mean what is said here; each is taken modulo what there is.</summary>
internal enum MoveKind
{
    /// <summary>Process A hears the next event (or its first list) of kind B.</summary>
    Deliver,

    /// <summary>Process A's watch of kind B breaks and it lists anew.</summary>
    Relist,

    /// <summary>Process A takes the B-th ready key and works on it.</summary>
    Work,

    /// <summary>The B-th request under way of process A is dealt with, with fault C.</summary>
    Arrive,

    /// <summary>The answer of the B-th request under way of process A is heard.</summary>
    Hear,

    /// <summary>Process A dies and another starts in its place. Its requests under way never arrive, or (B = 1) they still do.</summary>
    Crash,

    /// <summary>Time passes until the next pause of any process is over.</summary>
    Wait,

    /// <summary>A user creates claim A as B says (see <see cref="Users"/>), naming volume C - 1 if C is not 0.</summary>
    CreateClaim,
    DeleteClaim,

    /// <summary>A user asks for more for bound claim A.</summary>
    GrowClaim,

    /// <summary>An administrator creates volume A as B says, reserved for claim C - 1 if C is not 0.</summary>
    CreateVolume,
    DeleteVolume,

    /// <summary>An administrator changes volume A as B says.</summary>
    EditVolume,

    /// <summary>An administrator takes the claimRef out of volume A, which is Released or Failed.</summary>
    FreeVolume,

    /// <summary>A provisioner makes volume A for claim B, which waits for it.</summary>
    Provision,

    /// <summary>The scheduler chooses volume A for claim B, whose class waits for the first consumer.</summary>
    ScheduleVolume,

    /// <summary>An administrator creates class A as B says.</summary>
    CreateClass,
    DeleteClass,

    /// <summary>A user creates pod A that uses claim B, on a node at once if C is 1.</summary>
    CreatePod,

    /// <summary>Pod A is given a node, unless its claim is being deleted.</summary>
    SchedulePod,
    EndPod,
    DeletePod,

    /// <summary>The scrubber pod of volume A ends, well unless B is 1.</summary>
    EndScrubber,

    /// <summary>Somebody interferes: with claim or volume A, in way B.</summary>
    Interfere,
}

/// <summary>One thing that happens; it makes sense, or does nothing, in every world, so that any part of a script is a script.</summary>
internal readonly record struct Move(MoveKind Kind, int A = 0, int B = 0, int C = 0)
{
    /// <summary>As C#, to be pasted into a test.</summary>
    public override string ToString()
    {
        var numbers = (A, B, C) switch
        {
            (0, 0, 0) => "",
            (_, 0, 0) => $", {A}",
            (_, _, 0) => $", {A}, {B}",
            _ => $", {A}, {B}, {C}",
        };
        return $"new(MoveKind.{Kind}{numbers})";
    }
}
