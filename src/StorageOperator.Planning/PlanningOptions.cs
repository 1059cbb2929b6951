namespace StorageOperator.Planning;

/// <summary>What an administrator can choose about decisions.</summary>
public sealed record PlanningOptions
{
    /// <summary>Whether claims are handed to provisioners at all.</summary>
    public bool EnableDynamicProvisioning { get; init; } = true;

    /// <summary>
    /// Whether a waiting claim without a class is given the default class. API servers before 1.26 refuse the write
    /// (RetroactiveDefaultStorageClass), so there such a claim is told that it has no class.
    /// </summary>
    public bool AssignDefaultClass { get; init; } = true;

    /// <summary>
    /// Whether hostPath volumes are deleted on the machine this program runs on. Not in a pod: what it sees there is its own container's
    /// file system, and "not found" would pass for "deleted" while the bytes stay on the node.
    /// </summary>
    public bool DeleteHostPaths { get; init; } = true;

    /// <summary>Kubernetes' own defaults.</summary>
    public static readonly PlanningOptions Default = new();
}
