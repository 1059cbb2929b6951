using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>CSIDriver. Source: kubernetes pkg/apis/storage/validation, pkg/apis/storage/v1/defaults.go.</summary>
public sealed class CsiDriverStrategy : ResourceStrategy
{
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;

    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        var spec = decoded.Ensure("spec");
        spec.Default("attachRequired", true);
        spec.Default("podInfoOnMount", false);
        spec.Default("storageCapacity", false);
        spec.Default("fsGroupPolicy", "ReadWriteOnceWithFSType");
        spec.Default("volumeLifecycleModes", new JsonArray("Persistent"));
        spec.Default("requiresRepublish", false);
        spec.Default("seLinuxMount", false);
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing) => CountGeneration(updated, existing, "spec");

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        var spec = created.Object("spec") ?? [];
        if (spec.Text("fsGroupPolicy") is { } policy and not ("File" or "None" or "ReadWriteOnceWithFSType"))
        {
            errors.NotSupported("spec.fsGroupPolicy", policy, "File", "None", "ReadWriteOnceWithFSType");
        }

        ValidateTokenRequests(spec, errors);
        foreach (var mode in spec.Texts("volumeLifecycleModes").Where(mode => mode is not ("Persistent" or "Ephemeral")))
        {
            errors.NotSupported("spec.volumeLifecycleModes", mode, "Persistent", "Ephemeral");
        }

        if (spec.Number("nodeAllocatableUpdatePeriodSeconds") is < 10)
        {
            errors.Invalid("spec.nodeAllocatableUpdatePeriodSeconds", spec["nodeAllocatableUpdatePeriodSeconds"],
                "must be greater than or equal to 10 seconds");
        }

        if (spec.Has("serviceAccountTokenInSecrets") && spec.Array("tokenRequests") is not { Count: > 0 })
        {
            errors.Invalid("spec.serviceAccountTokenInSecrets", spec["serviceAccountTokenInSecrets"],
                "serviceAccountTokenInSecrets is set but no tokenRequests are specified");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        var spec = updated.Object("spec");
        var old = existing.Object("spec");
        ObjectMetaRules.Immutable(spec?["attachRequired"], old?["attachRequired"], "spec.attachedRequired", errors);
        ObjectMetaRules.Immutable(spec?["volumeLifecycleModes"], old?["volumeLifecycleModes"], "spec.volumeLifecycleModes", errors);
    }

    private static void ValidateTokenRequests(JsonObject spec, FieldErrors errors)
    {
        var audiences = new HashSet<string>();
        foreach (var (index, request) in spec.Objects("tokenRequests"))
        {
            var path = $"spec.tokenRequests[{index}]";
            if (!audiences.Add(request.Text("audience") ?? ""))
            {
                errors.Duplicate($"{path}.audience", request.Text("audience") ?? "");
            }
            else if (request.Number("expirationSeconds") is < ShortestToken)
            {
                errors.Invalid($"{path}.expirationSeconds", request["expirationSeconds"], "may not specify a duration less than 10 minutes");
            }
            else if (request.Number("expirationSeconds") is > LongestToken)
            {
                errors.Invalid($"{path}.expirationSeconds", request["expirationSeconds"], "may not specify a duration larger than 2^32 seconds");
            }
        }
    }
}

/// <summary>CSINode. Source: kubernetes pkg/apis/storage/validation.</summary>
public sealed class CsiNodeStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        var spec = decoded.Ensure("spec");
        spec.TryAdd("drivers", null);
        foreach (var (_, driver) in spec.Objects("drivers"))
        {
            driver.TryAdd("topologyKeys", null);
        }
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        var names = new HashSet<string>();
        foreach (var (index, driver) in created.Object("spec").Objects("drivers"))
        {
            var path = $"spec.drivers[{index}]";
            var name = driver.Text("name") ?? "";
            VolumeRules.DriverName(name, $"{path}.name", errors);
            ValidateNodeId(driver.Text("nodeID") ?? "", $"{path}.nodeID", errors);
            if (driver.Object("allocatable").Number("count") is < 0 and var count)
            {
                errors.Invalid($"{path}.allocatable.count", count, "must be greater than or equal to 0");
            }

            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }

            ValidateTopologyKeys(driver.Texts("topologyKeys"), path, errors);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        var stored = existing.Object("spec").Objects("drivers").ToLookup(driver => driver.Item.Text("name"), driver => driver.Item);
        foreach (var (_, driver) in updated.Object("spec").Objects("drivers"))
        {
            foreach (var old in stored[driver.Text("name")])
            {
                ObjectMetaRules.Immutable(WithoutAllocatable(driver), WithoutAllocatable(old), "spec.drivers", errors);
            }
        }
    }

    private static void ValidateNodeId(string id, string path, FieldErrors errors)
    {
        if (id.Length == 0)
        {
            errors.Required(path);
        }
        else if (id.Length > 256)
        {
            errors.Invalid(path, id, "must be 256 characters or less");
        }
    }

    private static void ValidateTopologyKeys(IReadOnlyList<string> keys, string path, FieldErrors errors)
    {
        var seen = new HashSet<string>();
        foreach (var key in keys)
        {
            if (key.Length == 0)
            {
                errors.Required(path);
            }

            if (!seen.Add(key))
            {
                errors.Duplicate(path, key);
            }

            errors.Invalid(path, key, ObjectNames.QualifiedName(key));
        }
    }

    private static JsonObject WithoutAllocatable(JsonObject driver)
    {
        var copy = driver.DeepClone().AsObject();
        copy.Remove("allocatable");
        return copy;
    }
}

/// <summary>CSIStorageCapacity: which topology and class it tells about never changes. Source: kubernetes pkg/apis/storage/validation.</summary>
public sealed class CsiStorageCapacityStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => true;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors) => Validate(created, checkValues: true, errors);

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, !SelectorRules.HasLabelSelectorErrors(existing.Object("nodeTopology")), errors);
        ObjectMetaRules.Immutable(updated["nodeTopology"], existing["nodeTopology"], "nodeTopology", errors);
        ObjectMetaRules.Immutable(updated["storageClassName"], existing["storageClassName"], "storageClassName", errors);
    }

    private static void Validate(JsonObject capacity, bool checkValues, FieldErrors errors)
    {
        SelectorRules.LabelSelector(capacity.Object("nodeTopology"), "nodeTopology", checkValues, errors);
        var storageClass = capacity.Text("storageClassName") ?? "";
        errors.Invalid("storageClassName", storageClass, ObjectNames.Subdomain(storageClass));
        if (capacity.Quantity("capacity") is { Sign: < 0 } quantity)
        {
            errors.Invalid("capacity", quantity.ToString(), "must be greater than or equal to 0");
        }
    }
}

/// <summary>VolumeAttachment: its spec never changes. Source: kubernetes pkg/registry/storage/volumeattachment, pkg/apis/storage/validation.</summary>
public sealed class VolumeAttachmentStrategy : ResourceStrategy
{
    private const int MetadataBytes = 256 * 1024;
    private const int MessageBytes = 1024;

    private static readonly string[] KeptMetadata =
        ["deletionTimestamp", "generation", "selfLink", "labels", "annotations", "finalizers", "ownerReferences"];

    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        decoded.Ensure("spec").Default("source", new JsonObject());
        decoded.Ensure("status").Default("attached", false);
    }

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created["status"] = new JsonObject { ["attached"] = false };
    }

    /// <inheritdoc/>
    protected override void PrepareForStatusUpdate(JsonObject updated, JsonObject existing, DateTimeOffset now)
    {
        base.PrepareForStatusUpdate(updated, existing, now);
        foreach (var field in KeptMetadata)
        {
            updated.Metadata().Restore(existing.Metadata(), field);
        }
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        var spec = created.Object("spec") ?? [];
        VolumeRules.DriverName(spec.Text("attacher"), "spec.attacher", errors);
        ValidateSource(spec.Object("source") ?? [], errors);
        var node = spec.Text("nodeName") ?? "";
        errors.Invalid("spec.nodeName", node, ObjectNames.Subdomain(node));
        ValidateStatus(created.Object("status"), errors);
        if (spec.Object("source").Text("persistentVolumeName") is { } volume)
        {
            errors.Invalid("spec.source.persistentVolumeName", volume, ObjectNames.Subdomain(volume));
        }
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        ObjectMetaRules.Immutable(updated["spec"], existing["spec"], "spec", errors);
    }

    /// <inheritdoc/>
    protected override void ValidateStatusUpdate(JsonObject updated, JsonObject existing, FieldErrors errors) => Validate(updated, errors);

    private static void ValidateSource(JsonObject source, FieldErrors errors)
    {
        const string exactlyOne = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
        switch (source.Has("inlineVolumeSpec"), source.Has("persistentVolumeName"))
        {
            case (false, false):
                errors.Required("spec.source", exactlyOne);
                break;
            case (true, true):
                errors.Forbidden("spec.source", exactlyOne);
                break;
            case (false, true) when source.Text("persistentVolumeName") is "":
                errors.Required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName");
                break;
            case (true, false):
                VolumeSourceRules.ValidatePersistent(source.Object("inlineVolumeSpec")!, "spec.source.inlineVolumeSpec", errors);
                break;
        }
    }

    private static void ValidateStatus(JsonObject? status, FieldErrors errors)
    {
        var size = status.TextMap("attachmentMetadata").Sum(entry =>
            Encoding.UTF8.GetByteCount(entry.Key) + Encoding.UTF8.GetByteCount(entry.Value));
        if (size > MetadataBytes)
        {
            errors.TooLong("status.attachmentMetadata", MetadataBytes);
        }

        foreach (var field in new[] { "attachError", "detachError" })
        {
            if (Encoding.UTF8.GetByteCount(status.Object(field).Text("message") ?? "") > MessageBytes)
            {
                errors.TooLong($"status.{field}.message", MetadataBytes);
            }
        }
    }
}
