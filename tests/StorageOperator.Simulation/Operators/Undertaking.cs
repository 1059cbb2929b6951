using StorageOperator.Planning.Plans;

namespace StorageOperator.Simulation.Operators;

/// <summary>A plan being carried out.</summary>
internal sealed class Undertaking(WorkKey key, Observation seen)
{
    public WorkKey Key => key;

    public Observation Seen { get; set; } = seen;

    public Plan Plan { get; set; } = new(Verdict.NeedsProof);

    /// <summary>The steps that have been sent.</summary>
    public bool[] Sent { get; set; } = [];

    /// <summary>The steps that have succeeded.</summary>
    public bool[] Done { get; set; } = [];

    /// <summary>The version that a step's success left its object at, for later steps on the same object.</summary>
    public ulong[] Versions { get; set; } = [];

    public int UnderWay { get; set; }

    public bool HasFailed { get; set; }

    public bool IsConflict { get; set; }

    /// <summary>The volume that no other claim may take meanwhile; null for none.</summary>
    public string? Reserved { get; set; }

    /// <summary>What was true of the volume when its destruction was last confirmed; see the safety checks.</summary>
    public object? Confirmed { get; set; }

    public void Begin(Plan plan)
    {
        Plan = plan;
        var count = plan.Steps.Length;
        (Sent, Done, Versions) = (new bool[count], new bool[count], new ulong[count]);
    }
}
