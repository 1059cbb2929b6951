using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// PersistentVolumeClaim: what may change once a claim exists is what bounds every controller. volumeName can be set once; a class only
/// from none; a bound claim's request may grow, and shrink again to anything above what it already got; a bound claim's attributes class
/// may change. Source: kubernetes 1.36 pkg/registry/core/persistentvolumeclaim/strategy.go, pkg/apis/core/validation
/// (ValidatePersistentVolumeClaimUpdate), pkg/api/persistentvolumeclaim.
/// </summary>
public sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    private const string ClassAnnotation = "volume.beta.kubernetes.io/storage-class";

    private static readonly string[] SourceParts = ["apiGroup", "kind", "name"];

    private static readonly string[] ResizeStatuses =
        ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress", "NodeResizeInfeasible"];

    /// <inheritdoc/>
    public override bool Namespaced => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Warnings(JsonObject written)
    {
        var warnings = new List<string>();
        if (written.Annotation(ClassAnnotation) is not null)
        {
            warnings.Add($"metadata.annotations[{ClassAnnotation}]: deprecated since v1.8; use \"storageClassName\" attribute instead");
        }

        var resources = written.Object("spec").Object("resources");
        foreach (var list in new[] { "requests", "limits" })
        {
            if (resources.Object(list).Quantity("storage") is { IsInteger: false } quantity)
            {
                warnings.Add($"spec.resources.{list}[storage]: fractional byte value \"{quantity}\" is invalid, must be an integer");
            }
        }

        return warnings;
    }

    /// <summary>Checks a claim's spec, also that of a template.</summary>
    internal static void ValidateSpec(JsonObject spec, string path, bool checkSelectorValues, bool checkDataSourceGroup, FieldErrors errors)
    {
        if (spec.Texts("accessModes").Count == 0)
        {
            errors.Required($"{path}.accessModes", "at least 1 access mode is required");
        }

        SelectorRules.LabelSelector(spec.Object("selector"), $"{path}.selector", checkSelectorValues, errors);
        VolumeRules.AccessModes(spec, path, errors);
        Request(spec, path, errors);
        ClassName(spec, "storageClassName", path, errors);
        VolumeRules.VolumeMode(spec, path, errors);
        DataSources(spec, path, checkDataSourceGroup, errors);
        ClassName(spec, "volumeAttributesClassName", path, errors);
    }

    internal static void DefaultSpec(JsonObject spec)
    {
        spec.Default("resources", new JsonObject());
        spec.Default("volumeMode", "Filesystem");
    }

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        DefaultSpec(decoded.Ensure("spec"));
        var status = decoded.Ensure("status");
        status.DefaultText("phase", "Pending");
        status.DefaultConditionTimes("lastProbeTime", "lastTransitionTime");
    }

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created["status"] = new JsonObject { ["phase"] = "Pending" };
        PrepareDataSources(created.Ensure("spec"), existing: null);
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        base.PrepareForUpdate(updated, existing);
        PrepareDataSources(updated.Ensure("spec"), existing.Object("spec"));
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors) =>
        ValidateSpec(created.Object("spec") ?? [], "spec", checkSelectorValues: true, checkDataSourceGroup: true, errors);

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        var spec = updated.Object("spec") ?? [];
        var old = existing.Object("spec") ?? [];
        var hadGroup = old.Object("dataSource").Has("apiGroup") || old.Object("dataSourceRef").Has("apiGroup");
        ValidateSpec(spec, "spec", !SelectorRules.HasLabelSelectorErrors(old.Object("selector")), !hadGroup, errors);
        ValidateImmutableSpec(updated, existing, errors);
        ValidateShrinking(spec, old, existing, errors);
        ObjectMetaRules.Immutable(spec["volumeMode"], old["volumeMode"], "volumeMode", errors);
        ValidateAttributesClass(spec, old, existing, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateStatusUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        if (updated.Object("spec").Texts("accessModes").Count == 0)
        {
            errors.Required("Spec.accessModes");
        }

        var status = updated.Object("status");
        foreach (var (name, _) in status.Object("capacity") ?? [])
        {
            VolumeRules.NotNegative(status.Object("capacity").Quantity(name), $"status.capacity[{name}]", errors);
        }

        ValidateResizeStatuses(status, errors);
        ValidateAllocated(status, errors);
    }

    private static void Request(JsonObject spec, string path, FieldErrors errors)
    {
        var field = $"{path}.resources[storage]";
        switch (spec.Object("resources").Object("requests").Quantity("storage"))
        {
            case null:
                errors.Required(field);
                break;
            case { Sign: <= 0 } quantity:
                errors.Invalid(field, quantity.ToString(), "must be greater than zero");
                break;
        }
    }

    private static void ClassName(JsonObject spec, string field, string path, FieldErrors errors)
    {
        if (spec.Text(field) is { Length: > 0 } name)
        {
            errors.Invalid($"{path}.{field}", name, ObjectNames.Subdomain(name));
        }
    }

    private static void DataSources(JsonObject spec, string path, bool checkGroup, FieldErrors errors)
    {
        var source = spec.Object("dataSource");
        var reference = spec.Object("dataSourceRef");
        DataSource(source, $"{path}.dataSource", checkGroup, errors);
        DataSource(reference, $"{path}.dataSourceRef", checkGroup, errors);
        if (source is null || reference is null)
        {
            return;
        }

        if (reference.Text("namespace") is { Length: > 0 })
        {
            errors.Invalid(path, $"{path}.dataSource", "may not be specified when dataSourceRef.namespace is specified");
        }
        else if (SourceParts.Any(part => source.Text(part) != reference.Text(part)))
        {
            errors.Invalid(path, $"{path}.dataSource", "must match dataSourceRef");
        }
    }

    private static void DataSource(JsonObject? source, string path, bool checkGroup, FieldErrors errors)
    {
        if (source is null)
        {
            return;
        }

        foreach (var part in new[] { "name", "kind" })
        {
            if (string.IsNullOrEmpty(source.Text(part)))
            {
                errors.Required($"{path}.{part}");
            }
        }

        var group = source.Text("apiGroup") ?? "";
        if (group.Length == 0 && source.Text("kind") != "PersistentVolumeClaim")
        {
            errors.Invalid(path, source.Text("kind") ?? "", "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        }
        else if (group.Length > 0 && checkGroup)
        {
            errors.Invalid($"{path}.apiGroup", group, ObjectNames.Subdomain(group));
        }
    }

    // KEP-1495: dataSource only ever takes claims and snapshots, anything else is dropped unless it was there before; the two fields mirror
    // each other as long as no namespace is named (which is an alpha feature, so a reference with one is dropped).
    private static void PrepareDataSources(JsonObject spec, JsonObject? existing)
    {
        if (spec.Object("dataSourceRef").Text("namespace") is { Length: > 0 } && !existing.Has("dataSourceRef"))
        {
            spec.Remove("dataSourceRef");
        }

        var hadSource = existing.Has("dataSource") || existing.Has("dataSourceRef");
        if (!hadSource && !spec.Has("dataSourceRef") && !IsClaimOrSnapshot(spec.Object("dataSource")))
        {
            spec.Remove("dataSource");
        }

        Mirror(spec, "dataSource", "dataSourceRef");
        if (string.IsNullOrEmpty(spec.Object("dataSourceRef").Text("namespace")))
        {
            Mirror(spec, "dataSourceRef", "dataSource");
        }
    }

    private static bool IsClaimOrSnapshot(JsonObject? source) => (source.Text("kind"), source.Text("apiGroup") ?? "") is
        ("PersistentVolumeClaim", "") or ("VolumeSnapshot", "snapshot.storage.k8s.io");

    private static void Mirror(JsonObject spec, string from, string to)
    {
        if (spec.Object(from) is { } source && !spec.Has(to))
        {
            spec[to] = source.DeepClone();
        }
    }

    private static void ValidateImmutableSpec(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        var candidate = updated.Object("spec")!.DeepClone().AsObject();
        var old = existing.Object("spec")!.DeepClone().AsObject();
        if (string.IsNullOrEmpty(old.Text("volumeName")))
        {
            old.Restore(candidate, "volumeName");
        }

        ValidateClassChange(candidate, old, updated, existing, errors);
        if (updated.Object("status").Text("phase") == "Bound")
        {
            candidate.Restore(old, "volumeAttributesClassName");
            if (candidate.Object("resources").Object("requests") is { } requests)
            {
                requests.Restore(old.Object("resources").Object("requests") ?? [], "storage");
            }
        }

        if (!JsonReading.Same(candidate, old))
        {
            errors.Forbidden("spec",
                "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
    }

    // A class may go from the old annotation to the field of the same value, and from none to one; in all other cases it is compared.
    private static void ValidateClassChange(JsonObject candidate, JsonObject old, JsonObject updated, JsonObject existing,
        FieldErrors errors)
    {
        var annotated = existing.Annotation(ClassAnnotation);
        var annotation = updated.Annotation(ClassAnnotation);
        var from = old.Text("storageClassName");
        var to = candidate.Text("storageClassName");
        if (annotated is not null && from is null && to == annotated && (annotation is null || annotation == annotated))
        {
            candidate.Remove("storageClassName");
            return;
        }

        if ((annotation ?? "") != (annotated ?? ""))
        {
            errors.Invalid($"metadata.annotations.{ClassAnnotation}", annotation ?? "", "field is immutable");
        }

        if (to is not null && from is null && (annotated is null || to == annotated))
        {
            candidate.Remove("storageClassName");
        }
    }

    private static void ValidateShrinking(JsonObject spec, JsonObject old, JsonObject existing, FieldErrors errors)
    {
        var requested = spec.Object("resources").Object("requests").Quantity("storage").GetValueOrDefault();
        var before = old.Object("resources").Object("requests").Quantity("storage").GetValueOrDefault();
        var granted = existing.Object("status").Object("capacity").Quantity("storage").GetValueOrDefault();
        if (requested < before && requested <= granted)
        {
            errors.Forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
        }
    }

    private static void ValidateAttributesClass(JsonObject spec, JsonObject old, JsonObject existing, FieldErrors errors)
    {
        const string field = "volumeAttributesClassName";
        if (spec.Text(field) == old.Text(field) || existing.Object("status").Text("currentVolumeAttributesClassName") is null)
        {
            return;
        }

        if (spec.Text(field) is null)
        {
            errors.Forbidden($"spec.{field}", "update to nil is forbidden when status.currentVolumeAttributesClassName is not nil");
        }
        else if (spec.Text(field) is "")
        {
            errors.Forbidden($"spec.{field}", "update to empty string is forbidden when status.currentVolumeAttributesClassName is not nil");
        }
    }

    private static void ValidateResizeStatuses(JsonObject? status, FieldErrors errors)
    {
        const string field = "status.allocatedResourceStatuses";
        foreach (var (resource, value) in status.TextMap("allocatedResourceStatuses"))
        {
            ResourceKey(resource, field, errors);
            if (!ResizeStatuses.Contains(value))
            {
                errors.NotSupported(field, resource, [.. ResizeStatuses.Order(StringComparer.Ordinal)]);
            }
        }
    }

    private static void ValidateAllocated(JsonObject? status, FieldErrors errors)
    {
        foreach (var (resource, _) in status.Object("allocatedResources") ?? [])
        {
            var field = $"status.allocatedResources[{resource}]";
            if (!ResourceKey(resource, "status.allocatedResources", errors))
            {
                continue;
            }

            VolumeRules.NotNegative(status.Object("allocatedResources").Quantity(resource), field, errors);
        }
    }

    private static bool ResourceKey(string resource, string field, FieldErrors errors)
    {
        var problems = ObjectNames.QualifiedName(resource);
        errors.Invalid(field, resource, problems);
        var native = !resource.Contains('/') || resource.Contains("kubernetes.io/", StringComparison.Ordinal);
        if (problems.Count == 0 && native && resource != "storage")
        {
            errors.NotSupported(field, resource, "storage");
            return false;
        }

        return problems.Count == 0;
    }
}
