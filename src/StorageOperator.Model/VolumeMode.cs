namespace StorageOperator.Model;

/// <summary>What a pod sees of a volume. Absent in an object means <see cref="Filesystem"/>.</summary>
public enum VolumeMode
{
    /// <summary>A mounted directory tree.</summary>
    Filesystem,

    /// <summary>A raw block device.</summary>
    Block,

    /// <summary>A mode that this version of the program does not know: equal to no other.</summary>
    Unknown,
}
