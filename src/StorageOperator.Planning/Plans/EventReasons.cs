namespace StorageOperator.Planning.Plans;

/// <summary>Event reasons, as kube-controller-manager's volume controllers name them.</summary>
public static class EventReasons
{
    /// <summary>A claim cannot be bound now.</summary>
    public const string FailedBinding = "FailedBinding";

    /// <summary>A claim and a volume that name each other's name do not suit each other.</summary>
    public const string VolumeMismatch = "VolumeMismatch";

    /// <summary>A bound claim has lost its volume.</summary>
    public const string ClaimLost = "ClaimLost";

    /// <summary>A bound claim's volume belongs to another claim.</summary>
    public const string ClaimMisbound = "ClaimMisbound";

    /// <summary>A claim waits for a pod that uses it.</summary>
    public const string WaitForFirstConsumer = "WaitForFirstConsumer";

    /// <summary>A claim waits until a pod that uses it is scheduled.</summary>
    public const string WaitForPodScheduled = "WaitForPodScheduled";

    /// <summary>A claim waits for an external provisioner.</summary>
    public const string ExternalProvisioning = "ExternalProvisioning";

    /// <summary>A volume cannot be provisioned.</summary>
    public const string ProvisioningFailed = "ProvisioningFailed";

    /// <summary>A claim waits for an external resizer.</summary>
    public const string ExternalExpanding = "ExternalExpanding";

    /// <summary>A volume's bytes cannot be deleted.</summary>
    public const string VolumeFailedDelete = "VolumeFailedDelete";

    /// <summary>A volume's bytes are not deleted yet because they are in use.</summary>
    public const string VolumeDelete = "VolumeDelete";

    /// <summary>A volume cannot be scrubbed.</summary>
    public const string VolumeFailedRecycle = "VolumeFailedRecycle";

    /// <summary>A volume was scrubbed and is free again.</summary>
    public const string VolumeRecycled = "VolumeRecycled";

    /// <summary>A volume's reclaim policy is none that is known.</summary>
    public const string VolumeUnknownReclaimPolicy = "VolumeUnknownReclaimPolicy";
}
