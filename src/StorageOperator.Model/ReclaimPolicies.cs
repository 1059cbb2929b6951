namespace StorageOperator.Model;

/// <summary>What becomes of a volume when its claim is gone.</summary>
public static class ReclaimPolicies
{
    /// <summary>Nothing: an administrator decides.</summary>
    public const string Retain = "Retain";

    /// <summary>Bytes and volume are deleted.</summary>
    public const string Delete = "Delete";

    /// <summary>The bytes are scrubbed and the volume is free again.</summary>
    public const string Recycle = "Recycle";
}
