namespace StorageOperator.Model;

/// <summary>Phases of claims and volumes. Kept as strings in entries: a phase this version does not know must survive being read.</summary>
public static class Phases
{
    /// <summary>Claim: not bound yet. Volume: not looked at yet.</summary>
    public const string Pending = "Pending";

    /// <summary>Volume: free.</summary>
    public const string Available = "Available";

    /// <summary>Either: bound to the other.</summary>
    public const string Bound = "Bound";

    /// <summary>Volume: its claim is gone, its bytes are not reclaimed yet.</summary>
    public const string Released = "Released";

    /// <summary>Volume: reclaiming failed.</summary>
    public const string Failed = "Failed";

    /// <summary>Claim: its volume is gone or belongs to another.</summary>
    public const string Lost = "Lost";
}
