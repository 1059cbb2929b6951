namespace StorageOperator.Runtime.Hosting;

/// <summary>What the probes show of the operator.</summary>
public interface IOperatorStatus
{
    /// <summary>Whether all stores have their first list.</summary>
    bool Synced { get; }

    /// <summary>Whether this process leads (always true without leader election, once synced).</summary>
    bool IsLeader { get; }

    /// <summary>
    /// Why the operator stops by itself, such as a lost lease; null while it does not. The program should then end with a non-zero exit
    /// code.
    /// </summary>
    string? Fault { get; }

    /// <summary>One line a part: its name, whether it is well, and why not.</summary>
    string Describe();
}
