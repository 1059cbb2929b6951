namespace StorageOperator.Model;

/// <summary>The ways a volume may be mounted, as a set: matching is a subset test on four bits.</summary>
[Flags]
public enum AccessModes
{
    /// <summary>No mode; an object with none is invalid to the API server.</summary>
    None = 0,

    /// <summary>RWO: read-write by one node.</summary>
    ReadWriteOnce = 1,

    /// <summary>ROX: read-only by many nodes.</summary>
    ReadOnlyMany = 2,

    /// <summary>RWX: read-write by many nodes.</summary>
    ReadWriteMany = 4,

    /// <summary>RWOP: read-write by one pod.</summary>
    ReadWriteOncePod = 8,

    /// <summary>A mode that this version of the program does not know: never offered by a match, always missing from one.</summary>
    Unknown = 16,
}
