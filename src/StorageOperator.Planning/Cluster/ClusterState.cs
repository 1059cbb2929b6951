namespace StorageOperator.Planning.Cluster;

/// <summary>
/// Everything that is known of the cluster, indexed for the decisions. Planners only read it; what was observed is put in from outside,
/// by one thread at a time.
/// </summary>
public sealed class ClusterState
{
    /// <summary>The volumes.</summary>
    public VolumeIndex Volumes { get; } = new();

    /// <summary>The claims.</summary>
    public ClaimIndex Claims { get; } = new();

    /// <summary>The classes.</summary>
    public ClassIndex Classes { get; } = new();

    /// <summary>The pods.</summary>
    public PodIndex Pods { get; } = new();

    /// <summary>The claims known to be gone.</summary>
    public DepartedClaims Departed { get; } = new();
}
