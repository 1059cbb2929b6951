using System.Collections.Immutable;

namespace StorageOperator.Model;

/// <summary>A PersistentVolume, as far as decisions depend on it.</summary>
public sealed record VolumeEntry : IEntry
{
    /// <inheritdoc/>
    public required ObjectKey Key { get; init; }

    /// <inheritdoc/>
    public string Uid { get; init; } = "";

    /// <inheritdoc/>
    public ulong ResourceVersion { get; init; }

    /// <summary>The name.</summary>
    public string Name => Key.Name;

    /// <summary>Whether deletion was asked for and only finalizers hold it.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>All labels, for claims' selectors.</summary>
    public KeyValueSet Labels { get; init; }

    /// <summary>The annotations of <see cref="WellKnown.IsRelevantAnnotation"/>.</summary>
    public KeyValueSet Annotations { get; init; }

    /// <summary>All finalizers, in order.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>spec.capacity.storage; null when absent or no quantity (see <see cref="Defect"/>).</summary>
    public Quantity? Capacity { get; init; }

    /// <summary>spec.capacity.storage as written, empty when absent.</summary>
    public string CapacityText { get; init; } = "";

    /// <summary>spec.accessModes.</summary>
    public AccessModeList AccessModes { get; init; } = AccessModeList.Empty;

    /// <summary>The class: the beta annotation if present, else spec.storageClassName; empty for none.</summary>
    public string ClassName { get; init; } = "";

    /// <summary>spec.persistentVolumeReclaimPolicy as written.</summary>
    public string ReclaimPolicy { get; init; } = ReclaimPolicies.Retain;

    /// <summary>spec.volumeMode.</summary>
    public VolumeMode VolumeMode { get; init; }

    /// <summary>spec.volumeAttributesClassName; empty for none.</summary>
    public string AttributesClassName { get; init; } = "";

    /// <summary>spec.claimRef.</summary>
    public ClaimReference? ClaimRef { get; init; }

    /// <summary>The volume's source.</summary>
    public VolumeSource Source { get; init; } = VolumeSource.None;

    /// <summary>status.phase as written; empty when absent.</summary>
    public string Phase { get; init; } = "";

    /// <summary>status.message; empty when absent.</summary>
    public string Message { get; init; } = "";

    /// <summary>What is wrong with the object itself, field first, or null. A defective volume is never matched, and says so.</summary>
    public string? Defect { get; init; }

    /// <summary>Whether the volume was made by a provisioner.</summary>
    public bool IsProvisioned => Annotations.Contains(WellKnown.ProvisionedBy);
}
