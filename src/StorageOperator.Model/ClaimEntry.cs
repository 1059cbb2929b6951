using System.Collections.Immutable;

namespace StorageOperator.Model;

/// <summary>A PersistentVolumeClaim, as far as decisions depend on it.</summary>
public sealed record ClaimEntry : IEntry
{
    /// <inheritdoc/>
    public required ObjectKey Key { get; init; }

    /// <inheritdoc/>
    public string Uid { get; init; } = "";

    /// <inheritdoc/>
    public ulong ResourceVersion { get; init; }

    /// <summary>Whether deletion was asked for and only finalizers hold it.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>The annotations of <see cref="WellKnown.IsRelevantAnnotation"/>.</summary>
    public KeyValueSet Annotations { get; init; }

    /// <summary>All finalizers, in order.</summary>
    public ImmutableArray<string> Finalizers { get; init; } = [];

    /// <summary>UID of the controlling owner, such as the pod of a generic ephemeral volume; empty for none.</summary>
    public string ControllerUid { get; init; } = "";

    /// <summary>spec.resources.requests.storage; null when absent or no quantity (see <see cref="Defect"/>).</summary>
    public Quantity? Request { get; init; }

    /// <summary>spec.resources.requests.storage as written, empty when absent.</summary>
    public string RequestText { get; init; } = "";

    /// <summary>spec.accessModes.</summary>
    public AccessModeList AccessModes { get; init; } = AccessModeList.Empty;

    /// <summary>spec.storageClassName: null means "the default class if there is one", empty means "no class, never".</summary>
    public string? SpecClassName { get; init; }

    /// <summary>The class that counts: the beta annotation if present, else <see cref="SpecClassName"/>, else empty.</summary>
    public string ClassName => Annotations[WellKnown.BetaStorageClass] ?? SpecClassName ?? "";

    /// <summary>Whether the claim leaves its class to the cluster's default.</summary>
    public bool WantsDefaultClass => SpecClassName is null && !Annotations.Contains(WellKnown.BetaStorageClass);

    /// <summary>spec.volumeMode.</summary>
    public VolumeMode VolumeMode { get; init; }

    /// <summary>spec.volumeAttributesClassName; empty for none.</summary>
    public string AttributesClassName { get; init; } = "";

    /// <summary>spec.volumeName: the claim's pointer to its volume; empty for none.</summary>
    public string VolumeName { get; init; } = "";

    /// <summary>spec.selector; null for none.</summary>
    public LabelSelector? Selector { get; init; }

    /// <summary>Whether the volume shall be filled from a snapshot, another claim or a populator.</summary>
    public bool HasDataSource { get; init; }

    /// <summary>status.phase as written; empty when absent.</summary>
    public string Phase { get; init; } = "";

    /// <summary>status.capacity.storage as written; empty when absent.</summary>
    public string StatusCapacityText { get; init; } = "";

    /// <summary>status.capacity.storage.</summary>
    public Quantity? StatusCapacity => Quantity.TryParse(StatusCapacityText, out var quantity) ? quantity : null;

    /// <summary>status.accessModes.</summary>
    public AccessModeList StatusAccessModes { get; init; } = AccessModeList.Empty;

    /// <summary>status.currentVolumeAttributesClassName; empty for none.</summary>
    public string CurrentAttributesClassName { get; init; } = "";

    /// <summary>What is wrong with the object itself, field first, or null. A defective claim waits, and says so.</summary>
    public string? Defect { get; init; }

    /// <summary>Whether binding was finished once; from then on a missing partner means a loss.</summary>
    public bool IsBindCompleted => Annotations.Contains(WellKnown.BindCompleted);

    /// <summary>The node chosen by the scheduler, or null.</summary>
    public string? SelectedNode => Annotations[WellKnown.SelectedNode] is { Length: > 0 } node ? node : null;
}
