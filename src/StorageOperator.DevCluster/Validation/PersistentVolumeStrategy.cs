using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// PersistentVolume: source, volume mode and (once set) node affinity never change; capacity, access modes, class, reclaim policy, mount
/// options and claimRef may. The API server, not the controller, keeps <c>status.lastPhaseTransitionTime</c>.
/// Source: kubernetes 1.36 pkg/registry/core/persistentvolume/strategy.go, pkg/apis/core/validation.
/// </summary>
public sealed class PersistentVolumeStrategy : ResourceStrategy
{
    private const string MountOptionsAnnotation = "volume.beta.kubernetes.io/mount-options";

    private static readonly string[] PlainFields = ["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity",
        "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode"];

    private static readonly string[] MountOptionSources = ["gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "nfs", "rbd",
        "quobyte",
        "iscsi", "cinder", "cephfs", "azureFile", "vsphereVolume", "azureDisk", "photonPersistentDisk"];

    // Names an old beta label may be renamed to when only that changes in a node affinity.
    private static readonly Dictionary<string, string> RenamedLabels = new()
    {
        ["beta.kubernetes.io/os"] = "kubernetes.io/os",
        ["beta.kubernetes.io/arch"] = "kubernetes.io/arch",
        ["failure-domain.beta.kubernetes.io/zone"] = "topology.kubernetes.io/zone",
        ["failure-domain.beta.kubernetes.io/region"] = "topology.kubernetes.io/region",
        ["beta.kubernetes.io/instance-type"] = "node.kubernetes.io/instance-type",
    };

    private static readonly (string Source, string Message)[] Deprecated =
    [
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
    ];

    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Warnings(JsonObject written)
    {
        var warnings = new List<string>();
        if (written.Annotation("volume.beta.kubernetes.io/storage-class") is not null)
        {
            warnings.Add("metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead");
        }

        if (written.Annotation(MountOptionsAnnotation) is not null)
        {
            warnings.Add($"metadata.annotations[{MountOptionsAnnotation}]: deprecated since v1.31; use \"mountOptions\" attribute instead");
        }

        var spec = written.Object("spec");
        if (spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            warnings.Add("spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.");
        }

        warnings.AddRange(Deprecated.Where(entry => spec.Has(entry.Source)).Select(entry => $"spec.{entry.Source}: {entry.Message}"));
        return warnings;
    }

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        decoded.Ensure("status").DefaultText("phase", "Pending");
        var spec = decoded.Ensure("spec");
        spec.DefaultText("persistentVolumeReclaimPolicy", "Retain");
        spec.Default("volumeMode", "Filesystem");
        VolumeSourceRules.Default(spec);
    }

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = Timestamps.Seconds(now) };
    }

    /// <inheritdoc/>
    protected override void PrepareForStatusUpdate(JsonObject updated, JsonObject existing, DateTimeOffset now)
    {
        base.PrepareForStatusUpdate(updated, existing, now);
        const string field = "lastPhaseTransitionTime";
        var status = updated.Ensure("status");
        var old = existing.Object("status") ?? [];
        var moved = status.Text("phase") != old.Text("phase");
        if (!moved && status.Text(field) is null)
        {
            status.Restore(old, field);
        }
        else if (moved && (status.Text(field) is null || status.Text(field) == old.Text(field)))
        {
            status[field] = Timestamps.Seconds(now);
        }
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        var spec = created.Object("spec") ?? [];
        ValidateAccessModes(spec, errors);
        ValidateCapacity(spec, errors);
        if (spec.Text("persistentVolumeReclaimPolicy") is { Length: > 0 } policy and not ("Delete" or "Recycle" or "Retain"))
        {
            errors.NotSupported("spec.persistentVolumeReclaimPolicy", policy, "Delete", "Recycle", "Retain");
        }

        ValidateNodeAffinity(spec, errors);
        ValidateSource(spec, errors);
        ValidateClasses(spec, errors);
        VolumeRules.VolumeMode(spec, "spec", errors);
        ValidateMountOptions(created, spec, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        var spec = updated.Object("spec") ?? [];
        var old = existing.Object("spec") ?? [];
        if (!JsonReading.Same(Source(spec, old), Source(old, old)))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        ObjectMetaRules.Immutable(spec["volumeMode"], old["volumeMode"], "volumeMode", errors);
        if (old.Has("nodeAffinity") && !JsonReading.Same(spec["nodeAffinity"], old["nodeAffinity"]) && !OnlyRenamesLabels(spec, old))
        {
            errors.Invalid("nodeAffinity", spec["nodeAffinity"], "field is immutable, except for updating from beta label to GA");
        }

        if (old.Has("volumeAttributesClassName") && !spec.Has("volumeAttributesClassName"))
        {
            errors.Forbidden("spec.volumeAttributesClassName", "update from non-nil value to nil is forbidden");
        }
    }

    private static void ValidateAccessModes(JsonObject spec, FieldErrors errors)
    {
        if (spec.Texts("accessModes").Count == 0)
        {
            errors.Required("spec.accessModes");
        }

        VolumeRules.AccessModes(spec, "spec", errors);
    }

    private static void ValidateCapacity(JsonObject spec, FieldErrors errors)
    {
        var capacity = spec.Object("capacity") ?? [];
        if (capacity.Count == 0)
        {
            errors.Required("spec.capacity");
        }

        if (!capacity.ContainsKey("storage") || capacity.Count > 1)
        {
            errors.NotSupported("spec.capacity", capacity, "storage");
        }

        foreach (var (name, _) in capacity)
        {
            var field = $"spec.capacity[{name}]";
            var quantity = capacity.Quantity(name).GetValueOrDefault();
            VolumeRules.NotNegative(quantity, field, errors);
            if (quantity.Sign <= 0)
            {
                errors.Invalid(field, quantity.ToString(), "must be greater than zero");
            }
        }
    }

    private static void ValidateNodeAffinity(JsonObject spec, FieldErrors errors)
    {
        if (spec.Object("nodeAffinity") is not { } affinity)
        {
            return;
        }

        if (affinity.Object("required") is { } required)
        {
            SelectorRules.NodeSelector(required, "spec.nodeAffinity.required", errors);
        }
        else
        {
            errors.Required("spec.nodeAffinity.required", "must specify required node constraints");
        }
    }

    private static void ValidateSource(JsonObject spec, FieldErrors errors)
    {
        VolumeSourceRules.ValidatePersistent(spec, "spec", errors);
        if (spec.Has("local") && !spec.Has("nodeAffinity"))
        {
            errors.Required("spec.nodeAffinity", "Local volume requires node affinity");
        }

        var path = spec.Object("hostPath").Text("path");
        if (path is { Length: > 0 } && VolumeSourceRules.IsRoot(path) && spec.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            errors.Forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'");
        }
    }

    private static void ValidateClasses(JsonObject spec, FieldErrors errors)
    {
        if (spec.Text("storageClassName") is { Length: > 0 } storageClass)
        {
            errors.Invalid("spec.storageClassName", storageClass, ObjectNames.Subdomain(storageClass));
        }

        if (spec.Text("volumeAttributesClassName") is not { } attributes)
        {
            return;
        }

        if (attributes.Length == 0)
        {
            errors.Required("spec.volumeAttributesClassName", "an empty string is disallowed");
        }
        else
        {
            errors.Invalid("spec.volumeAttributesClassName", attributes, ObjectNames.Subdomain(attributes));
        }

        if (!spec.Has("csi"))
        {
            errors.Required("spec.csi", "has to be specified when using volumeAttributesClassName");
        }
    }

    private static void ValidateMountOptions(JsonObject volume, JsonObject spec, FieldErrors errors)
    {
        if (volume.Annotation(MountOptionsAnnotation) is not null && !MountOptionSources.Any(spec.ContainsKey))
        {
            errors.Forbidden($"metadata.annotations.{MountOptionsAnnotation}", "may not specify mount options for this volume type");
        }
    }

    // What is left of a spec without its plain fields is its source. A CSI expansion secret may be added to one that has none.
    private static JsonObject Source(JsonObject spec, JsonObject old)
    {
        var source = spec.DeepClone().AsObject();
        foreach (var field in PlainFields)
        {
            source.Remove(field);
        }

        if (old.Object("csi") is { } csi && !csi.Has("controllerExpandSecretRef"))
        {
            source.Object("csi")?.Remove("controllerExpandSecretRef");
        }

        return source;
    }

    private static bool OnlyRenamesLabels(JsonObject spec, JsonObject old) =>
        JsonReading.Same(Renamed(spec["nodeAffinity"]), Renamed(old["nodeAffinity"])) && !HasOldLabels(spec, old);

    private static bool HasOldLabels(JsonObject spec, JsonObject old) =>
        Keys(spec).Zip(Keys(old)).Any(pair => pair.First != pair.Second && RenamedLabels.ContainsKey(pair.First));

    private static IEnumerable<string> Keys(JsonObject spec) =>
        from term in spec.Object("nodeAffinity").Object("required").Objects("nodeSelectorTerms")
        from requirement in term.Item.Objects("matchExpressions")
        select requirement.Item.Text("key") ?? "";

    private static JsonObject? Renamed(JsonNode? affinity)
    {
        var copy = affinity?.DeepClone() as JsonObject;
        foreach (var (_, term) in copy.Object("required").Objects("nodeSelectorTerms"))
        {
            foreach (var (_, requirement) in term.Objects("matchExpressions"))
            {
                if (requirement.Text("key") is { } key && RenamedLabels.TryGetValue(key, out var renamed))
                {
                    requirement["key"] = renamed;
                }
            }
        }

        return copy;
    }
}
