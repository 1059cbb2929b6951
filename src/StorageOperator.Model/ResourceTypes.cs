namespace StorageOperator.Model;

/// <summary>The kinds this program reads or writes.</summary>
public static class ResourceTypes
{
    /// <summary>Claims.</summary>
    public static readonly ResourceType PersistentVolumeClaim = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true);

    /// <summary>Volumes.</summary>
    public static readonly ResourceType PersistentVolume = new("", "v1", "persistentvolumes", "PersistentVolume", false);

    /// <summary>Classes.</summary>
    public static readonly ResourceType StorageClass = new("storage.k8s.io", "v1", "storageclasses", "StorageClass", false);

    /// <summary>Pods, which use claims.</summary>
    public static readonly ResourceType Pod = new("", "v1", "pods", "Pod", true);

    /// <summary>Nodes.</summary>
    public static readonly ResourceType Node = new("", "v1", "nodes", "Node", false);

    /// <summary>Leases, for leader election.</summary>
    public static readonly ResourceType Lease = new("coordination.k8s.io", "v1", "leases", "Lease", true);

    /// <summary>Events, in the group that has series.</summary>
    public static readonly ResourceType Event = new("events.k8s.io", "v1", "events", "Event", true);
}
