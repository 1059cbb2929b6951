namespace StorageOperator.Planning.Cluster;

/// <summary>What a volume is to a claim that is not its own, before sizes and modes are looked at.</summary>
internal enum VolumeStanding
{
    /// <summary>Free to be taken.</summary>
    Free,

    /// <summary>Bound to a claim, or reserved for one.</summary>
    Claimed,

    /// <summary>Being deleted.</summary>
    Deleting,

    /// <summary>Its claim is gone and it was not reclaimed.</summary>
    Released,

    /// <summary>Reclaiming it failed.</summary>
    Failed,

    /// <summary>In another phase, or with a spec that cannot be used.</summary>
    Unusable,
}
