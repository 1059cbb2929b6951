using StorageOperator.Planning.Plans;

namespace StorageOperator.Simulation.Operators;

/// <summary>What becomes of a request on its way.</summary>
internal enum Fault
{
    /// <summary>Nothing: it arrives, and so does the answer.</summary>
    None,

    /// <summary>It never arrives, or the server turns it away before doing anything.</summary>
    Lost,

    /// <summary>The server says that somebody else was faster, although nobody was.</summary>
    Conflict,

    /// <summary>It takes effect, and the answer never arrives.</summary>
    AnswerLost,
}

/// <summary>One request under way: a step of a plan, or the read that a proof needs.</summary>
internal sealed class Request(Undertaking owner, int step, Proof? proof)
{
    public Undertaking Owner => owner;

    /// <summary>Which step of the plan; -1 for a proof.</summary>
    public int Step => step;

    public Proof? Proof => proof;

    /// <summary>Whether the server has dealt with it, so that only the answer is under way.</summary>
    public bool HasArrived { get; set; }

    public bool Failed { get; set; }

    public bool IsConflict { get; set; }

    /// <summary>What the caller learns when the answer arrives; null when it learns only of failure or success.</summary>
    public Action? Learn { get; set; }

    public override string ToString() => $"{owner.Key}: {(proof is not null ? proof.ToString() : $"step {step} {owner.Plan.Steps[step].GetType().Name}")}";
}
