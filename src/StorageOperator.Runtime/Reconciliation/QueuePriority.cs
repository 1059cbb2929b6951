namespace StorageOperator.Runtime.Reconciliation;

/// <summary>What goes first when many keys wait; within one priority, first come first served.</summary>
public enum QueuePriority
{
    /// <summary>A change somebody just made.</summary>
    Fresh,

    /// <summary>Another try after a failure or an asked-for delay.</summary>
    Retry,

    /// <summary>Contents of a list.</summary>
    InitialList,

    /// <summary>A look without any cause, as a safety net.</summary>
    Resync,
}
