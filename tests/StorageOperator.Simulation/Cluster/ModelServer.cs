using System.Globalization;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Simulation.Cluster;

/// <summary>
/// An API server in memory, at the level of entries: versions, preconditions, finalizers, the admission plugins that touch storage, and
/// the validation that bounds a binder. It does what it is asked at once; everything that can go wrong on the way to it is the network's.
/// </summary>
internal sealed class ModelServer
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private ulong _uids;

    /// <summary>The version of the last change of any object.</summary>
    public ulong Version { get; private set; }

    /// <summary>How long the cluster has existed.</summary>
    public TimeSpan Now { get; set; }

    public Table<ClaimEntry> Claims { get; } = new();

    public Table<VolumeEntry> Volumes { get; } = new();

    public Table<ClassEntry> Classes { get; } = new();

    public Table<PodEntry> Pods { get; } = new();

    /// <summary>Everything that was ever told about an object, once each.</summary>
    public HashSet<(string Kind, ObjectKey Key, bool IsWarning, string Reason)> Events { get; } = [];

    public Answer<ClaimEntry> Create(ClaimEntry claim)
    {
        if (Claims.Get(claim.Key) is not null)
        {
            return Answer<ClaimEntry>.No(Refusal.AlreadyExists);
        }

        return Put(Claims, claim with
        {
            Uid = NewUid(),
            SpecClassName = claim.WantsDefaultClass ? DefaultClass() : claim.SpecClassName,
            Finalizers = claim.Finalizers.Contains(WellKnown.ClaimProtection) ? claim.Finalizers : claim.Finalizers.Add(WellKnown.ClaimProtection),
            IsDeleting = false,
            Phase = Phases.Pending,
            StatusCapacityText = "",
            StatusAccessModes = AccessModeList.Empty,
            CurrentAttributesClassName = "",
        });
    }

    public Answer<VolumeEntry> Create(VolumeEntry volume)
    {
        if (Volumes.Get(volume.Key) is not null)
        {
            return Answer<VolumeEntry>.No(Refusal.AlreadyExists);
        }

        return Put(Volumes, volume with
        {
            Uid = NewUid(),
            Finalizers = volume.Finalizers.Contains(WellKnown.VolumeProtection) ? volume.Finalizers : volume.Finalizers.Add(WellKnown.VolumeProtection),
            IsDeleting = false,
            Phase = Phases.Pending,
            Message = "",
        });
    }

    public Answer<ClassEntry> Create(ClassEntry entry) => Classes.Get(entry.Key) is not null
        ? Answer<ClassEntry>.No(Refusal.AlreadyExists)
        : Put(Classes, entry with
        {
            Uid = NewUid(),
            CreatedAt = (Epoch + Now).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        });

    public Answer<PodEntry> Create(PodEntry pod) => Pods.Get(pod.Key) is not null
        ? Answer<PodEntry>.No(Refusal.AlreadyExists)
        : Put(Pods, pod with { Uid = NewUid(), Phase = Phases.Pending });

    /// <summary>Carries out an operator's write of a claim: what differs between the two states of the step, and nothing else.</summary>
    /// <param name="step">The step.</param>
    /// <param name="version">The version that the claim must be at.</param>
    public Answer<ClaimEntry> Write(WriteClaim step, ulong version)
    {
        if (Find(Claims, step.Before, version, out var current) is { } refused)
        {
            return refused;
        }

        var (before, desired) = (step.Before, step.Desired);
        return step.Part == ObjectPart.Spec
            ? UpdateSpec(current with
            {
                Annotations = Patched(current.Annotations, before.Annotations, desired.Annotations),
                Finalizers = before.Finalizers.AsSpan().SequenceEqual(desired.Finalizers.AsSpan()) ? current.Finalizers : desired.Finalizers,
                VolumeName = before.VolumeName == desired.VolumeName ? current.VolumeName : desired.VolumeName,
                SpecClassName = before.SpecClassName == desired.SpecClassName ? current.SpecClassName : desired.SpecClassName,
            })
            : UpdateStatus(current with
            {
                Phase = before.Phase == desired.Phase ? current.Phase : desired.Phase,
                StatusCapacityText = before.StatusCapacityText == desired.StatusCapacityText
                    ? current.StatusCapacityText
                    : CanonicalQuantity.Of(desired.StatusCapacityText),
                StatusAccessModes = before.StatusAccessModes.Equals(desired.StatusAccessModes) ? current.StatusAccessModes : desired.StatusAccessModes,
                CurrentAttributesClassName = before.CurrentAttributesClassName == desired.CurrentAttributesClassName
                    ? current.CurrentAttributesClassName
                    : desired.CurrentAttributesClassName,
            });
    }

    /// <inheritdoc cref="Write(WriteClaim, ulong)"/>
    public Answer<VolumeEntry> Write(WriteVolume step, ulong version)
    {
        if (Find(Volumes, step.Before, version, out var current) is { } refused)
        {
            return refused;
        }

        var (before, desired) = (step.Before, step.Desired);
        return step.Part == ObjectPart.Spec
            ? UpdateSpec(current with
            {
                Annotations = Patched(current.Annotations, before.Annotations, desired.Annotations),
                Finalizers = before.Finalizers.AsSpan().SequenceEqual(desired.Finalizers.AsSpan()) ? current.Finalizers : desired.Finalizers,
                ClaimRef = before.ClaimRef == desired.ClaimRef ? current.ClaimRef : desired.ClaimRef,
            })
            : UpdateStatus(current with
            {
                Phase = before.Phase == desired.Phase ? current.Phase : desired.Phase,
                Message = before.Message == desired.Message ? current.Message : desired.Message,
            });
    }

    /// <summary>Replaces metadata and spec of the claim that exists; its status is left alone.</summary>
    public Answer<ClaimEntry> UpdateSpec(ClaimEntry claim)
    {
        if (Claims.Get(claim.Key) is not { } current)
        {
            return Answer<ClaimEntry>.No(Refusal.NotFound);
        }

        var changed = claim with
        {
            Phase = current.Phase,
            StatusCapacityText = current.StatusCapacityText,
            StatusAccessModes = current.StatusAccessModes,
            CurrentAttributesClassName = current.CurrentAttributesClassName,
        };
        return ClaimRules.Judge(current, changed, name => Classes.Get(ObjectKey.Cluster(name))) is { } refused
            ? Answer<ClaimEntry>.No(refused.Refusal, refused.Why)
            : PutOrRemove(Claims, current, changed, changed.IsDeleting && changed.Finalizers.IsEmpty);
    }

    /// <inheritdoc cref="UpdateSpec(ClaimEntry)"/>
    public Answer<VolumeEntry> UpdateSpec(VolumeEntry volume)
    {
        if (Volumes.Get(volume.Key) is not { } current)
        {
            return Answer<VolumeEntry>.No(Refusal.NotFound);
        }

        var changed = volume with { Phase = current.Phase, Message = current.Message };
        return VolumeRules.Judge(current, changed) is { } refused
            ? Answer<VolumeEntry>.No(refused.Refusal, refused.Why)
            : PutOrRemove(Volumes, current, changed, changed.IsDeleting && changed.Finalizers.IsEmpty);
    }

    /// <summary>Replaces the status of the claim that exists; everything else is left alone.</summary>
    public Answer<ClaimEntry> UpdateStatus(ClaimEntry claim) => Claims.Get(claim.Key) is not { } current
        ? Answer<ClaimEntry>.No(Refusal.NotFound)
        : PutOrRemove(Claims, current, current with
        {
            Phase = claim.Phase,
            StatusCapacityText = claim.StatusCapacityText,
            StatusAccessModes = claim.StatusAccessModes,
            CurrentAttributesClassName = claim.CurrentAttributesClassName,
        }, remove: false);

    /// <inheritdoc cref="UpdateStatus(ClaimEntry)"/>
    public Answer<VolumeEntry> UpdateStatus(VolumeEntry volume) => Volumes.Get(volume.Key) is not { } current
        ? Answer<VolumeEntry>.No(Refusal.NotFound)
        : PutOrRemove(Volumes, current, current with { Phase = volume.Phase, Message = volume.Message }, remove: false);

    /// <summary>Replaces a class or a pod that exists.</summary>
    public Answer<ClassEntry> Update(ClassEntry entry) => Classes.Get(entry.Key) is { } current
        ? PutOrRemove(Classes, current, entry, remove: false)
        : Answer<ClassEntry>.No(Refusal.NotFound);

    /// <inheritdoc cref="Update(ClassEntry)"/>
    public Answer<PodEntry> Update(PodEntry pod) => Pods.Get(pod.Key) is { } current
        ? PutOrRemove(Pods, current, pod, remove: false)
        : Answer<PodEntry>.No(Refusal.NotFound);

    /// <summary>Asks for the deletion of a claim: it is gone, or marked while finalizers hold it.</summary>
    /// <param name="key">The claim.</param>
    /// <param name="uid">The UID it must have; null for any.</param>
    public Answer<ClaimEntry> DeleteClaim(ObjectKey key, string? uid = null) => Missing(Claims, key, uid, out var current)
        ?? PutOrRemove(Claims, current, current with { IsDeleting = true }, current.Finalizers.IsEmpty);

    /// <inheritdoc cref="DeleteClaim"/>
    public Answer<VolumeEntry> DeleteVolume(ObjectKey key, string? uid = null) => Missing(Volumes, key, uid, out var current)
        ?? PutOrRemove(Volumes, current, current with { IsDeleting = true }, current.Finalizers.IsEmpty);

    public Answer<ClassEntry> DeleteClass(ObjectKey key) => Missing(Classes, key, null, out var current)
        ?? PutOrRemove(Classes, current, current, remove: true);

    /// <summary>Deletes a pod without grace.</summary>
    public Answer<PodEntry> DeletePod(ObjectKey key, string? uid = null) => Missing(Pods, key, uid, out var current)
        ?? PutOrRemove(Pods, current, current, remove: true);

    private string NewUid() => $"uid-{++_uids}";

    private string? DefaultClass() => Classes.All
        .Where(entry => entry.IsDefault)
        .OrderByDescending(entry => entry.CreatedAt, StringComparer.Ordinal)
        .ThenBy(entry => entry.Name, StringComparer.Ordinal)
        .FirstOrDefault()?.Name;

    private static Answer<T>? Missing<T>(Table<T> table, ObjectKey key, string? uid, out T current)
        where T : class, IEntry
    {
        current = table.Get(key)!;
        return current switch
        {
            null => Answer<T>.No(Refusal.NotFound),
            _ when uid is not null && current.Uid != uid => Answer<T>.No(Refusal.Conflict, "another object of that name"),
            _ => null,
        };
    }

    private static Answer<T>? Find<T>(Table<T> table, T planned, ulong version, out T current)
        where T : class, IEntry => Missing(table, planned.Key, planned.Uid, out current)
            ?? (current.ResourceVersion == version ? null : Answer<T>.No(Refusal.Conflict, "another version"));

    private Answer<ClaimEntry> Put(Table<ClaimEntry> table, ClaimEntry entry) => Store(table, entry with { ResourceVersion = ++Version });

    private Answer<VolumeEntry> Put(Table<VolumeEntry> table, VolumeEntry entry) => Store(table, entry with { ResourceVersion = ++Version });

    private Answer<ClassEntry> Put(Table<ClassEntry> table, ClassEntry entry) => Store(table, entry with { ResourceVersion = ++Version });

    private Answer<PodEntry> Put(Table<PodEntry> table, PodEntry entry) => Store(table, entry with { ResourceVersion = ++Version });

    private static Answer<T> Store<T>(Table<T> table, T entry)
        where T : class, IEntry
    {
        table.Put(entry);
        return Answer<T>.Of(entry);
    }

    private Answer<ClaimEntry> PutOrRemove(Table<ClaimEntry> table, ClaimEntry current, ClaimEntry changed, bool remove) =>
        remove ? Gone(table, changed) : IsSame(current, changed) ? Answer<ClaimEntry>.Of(current) : Put(table, changed);

    private Answer<VolumeEntry> PutOrRemove(Table<VolumeEntry> table, VolumeEntry current, VolumeEntry changed, bool remove) =>
        remove ? Gone(table, changed) : IsSame(current, changed) ? Answer<VolumeEntry>.Of(current) : Put(table, changed);

    private Answer<ClassEntry> PutOrRemove(Table<ClassEntry> table, ClassEntry current, ClassEntry changed, bool remove) =>
        remove ? Gone(table, changed) : current == changed ? Answer<ClassEntry>.Of(current) : Put(table, changed);

    private Answer<PodEntry> PutOrRemove(Table<PodEntry> table, PodEntry current, PodEntry changed, bool remove) =>
        remove ? Gone(table, changed) : current == changed ? Answer<PodEntry>.Of(current) : Put(table, changed);

    private Answer<T> Gone<T>(Table<T> table, T entry)
        where T : class, IEntry
    {
        table.Remove(entry, ++Version);
        return Answer<T>.Of(entry);
    }

    // A write that changes nothing moves no version, as in the real API server. Arrays of a record are equal only if they are the same
    // array, so the finalizers are compared by content.
    private static bool IsSame(ClaimEntry left, ClaimEntry right) =>
        left.Finalizers.AsSpan().SequenceEqual(right.Finalizers.AsSpan()) && left == right with { Finalizers = left.Finalizers, Selector = left.Selector };

    private static bool IsSame(VolumeEntry left, VolumeEntry right) =>
        left.Finalizers.AsSpan().SequenceEqual(right.Finalizers.AsSpan()) && left == right with { Finalizers = left.Finalizers };

    private static KeyValueSet Patched(KeyValueSet current, KeyValueSet before, KeyValueSet desired)
    {
        if (before == desired)
        {
            return current;
        }

        if (current == before)
        {
            return desired;
        }

        foreach (var (key, value) in desired)
        {
            if (before[key] != value)
            {
                current = current.With(key, value);
            }
        }

        foreach (var (key, _) in before)
        {
            if (!desired.Contains(key))
            {
                current = current.Without(key);
            }
        }

        return current;
    }
}
