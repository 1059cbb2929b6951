using System.Collections.Immutable;

namespace StorageOperator.Model;

/// <summary>A pod that uses claims, or one that scrubs a volume; all other pods are not kept.</summary>
public sealed record PodEntry : IEntry
{
    /// <inheritdoc/>
    public required ObjectKey Key { get; init; }

    /// <inheritdoc/>
    public string Uid { get; init; } = "";

    /// <inheritdoc/>
    public ulong ResourceVersion { get; init; }

    /// <summary>spec.nodeName; empty while unscheduled.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>The claims that the pod's volumes name.</summary>
    public ImmutableArray<ClaimUse> Claims { get; init; } = [];

    /// <summary>status.phase as written.</summary>
    public string Phase { get; init; } = "";

    /// <summary>status.message; of a scrubber pod it says why it failed.</summary>
    public string Message { get; init; } = "";

    /// <summary>The annotations of <see cref="WellKnown.IsRelevantAnnotation"/>.</summary>
    public KeyValueSet Annotations { get; init; }

    /// <summary>Whether the pod is being deleted.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Whether the pod is being deleted without any grace: its containers are gone already.</summary>
    public bool IsForceDeleted { get; init; }

    /// <summary>Whether the pod has run to its end.</summary>
    public bool IsFinished => Phase is "Succeeded" or "Failed";
}
