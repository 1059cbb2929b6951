namespace StorageOperator.Model;

/// <summary>A StorageClass, as far as decisions depend on it.</summary>
public sealed record ClassEntry : IEntry
{
    /// <inheritdoc/>
    public required ObjectKey Key { get; init; }

    /// <inheritdoc/>
    public string Uid { get; init; } = "";

    /// <inheritdoc/>
    public ulong ResourceVersion { get; init; }

    /// <summary>The name.</summary>
    public string Name => Key.Name;

    /// <summary>provisioner.</summary>
    public string Provisioner { get; init; } = "";

    /// <summary>volumeBindingMode; null when absent, which the API server's defaulting normally rules out.</summary>
    public string? BindingMode { get; init; }

    /// <summary>allowVolumeExpansion.</summary>
    public bool AllowsExpansion { get; init; }

    /// <summary>Whether the class is marked as the default.</summary>
    public bool IsDefault { get; init; }

    /// <summary>metadata.creationTimestamp as written (RFC 3339 in UTC, so it sorts as text): the newest default wins.</summary>
    public string CreatedAt { get; init; } = "";

    /// <summary>Whether claims of this class wait for their first consumer.</summary>
    public bool WaitsForFirstConsumer => BindingMode == BindingModes.WaitForFirstConsumer;
}
