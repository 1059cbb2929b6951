namespace StorageOperator.Runtime.Hosting;

/// <summary>What the probes show of the operator.</summary>
public interface IOperatorStatus
{
    /// <summary>Whether all stores have their first list.</summary>
    bool Synced { get; }

    /// <summary>Whether this process leads (always true without leader election, once synced).</summary>
    bool IsLeader { get; }

    /// <summary>One line a part: its name, whether it is well, and why not.</summary>
    string Describe();
}
