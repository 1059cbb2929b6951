using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>Namespace: always labelled with its name, held by the finalizer <c>kubernetes</c>. Source: kubernetes pkg/registry/core/namespace.</summary>
public sealed class NamespaceStrategy : ResourceStrategy
{
    private const string NameLabel = "kubernetes.io/metadata.name";
    private const string Finalizer = "kubernetes";

    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NameRule(string name) => ObjectNames.Label(name);

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        decoded.Ensure("spec");
        var status = decoded.Ensure("status");
        status.DefaultText("phase", "Active");
        status.DefaultConditionTimes("lastTransitionTime");
        Canonicalize(decoded);
    }

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created["status"] = new JsonObject { ["phase"] = "Active" };
        var spec = created.Ensure("spec");
        if (!spec.Texts("finalizers").Contains(Finalizer))
        {
            spec["finalizers"] = new JsonArray([.. spec.Texts("finalizers").Append(Finalizer).Select(name => (JsonNode)name)]);
        }
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        base.PrepareForUpdate(updated, existing);
        updated.Ensure("spec").Restore(existing.Object("spec") ?? [], "finalizers");
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        foreach (var finalizer in created.Object("spec").Texts("finalizers"))
        {
            errors.Invalid("spec.finalizers", finalizer, ObjectNames.QualifiedName(finalizer));
            if (!finalizer.Contains('/') && finalizer is not (Finalizer or "orphan" or "foregroundDeletion"))
            {
                errors.Invalid("spec.finalizers", finalizer, "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors) => Validate(updated, errors);

    /// <inheritdoc/>
    protected override void ValidateStatusUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var deleting = updated.Metadata().Has("deletionTimestamp");
        var phase = updated.Object("status").Text("phase");
        if (!deleting && phase != "Active")
        {
            errors.Invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty");
        }
        else if (deleting && phase != "Terminating")
        {
            errors.Invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
        }
    }

    /// <inheritdoc/>
    protected override void Canonicalize(JsonObject valid)
    {
        if (valid.Name() is { Length: > 0 } name)
        {
            valid.Ensure("metadata").Ensure("labels")[NameLabel] = name;
        }
    }
}

/// <summary>Node: its status may be given on creation. Source: kubernetes pkg/registry/core/node, pkg/apis/core/validation.</summary>
public sealed class NodeStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        decoded.Ensure("spec");
        var status = decoded.Ensure("status");
        status.DefaultConditionTimes("lastHeartbeatTime", "lastTransitionTime");
        status.Default("daemonEndpoints", new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 0 } });
        var info = status.Ensure("nodeInfo");
        foreach (var field in new[] { "architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion",
            "kubeletVersion", "machineID", "operatingSystem", "osImage", "systemUUID" })
        {
            info.Default(field, "");
        }

        if (!status.Has("allocatable") && status.Has("capacity"))
        {
            status["allocatable"] = status["capacity"]!.DeepClone();
        }
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors) => Taints(created, errors);

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Taints(updated, errors);
        var spec = updated.Object("spec");
        var old = existing.Object("spec");
        if (old.Array("podCIDRs") is { Count: > 0 } ranges && !JsonReading.Same(ranges, spec?["podCIDRs"]))
        {
            errors.Forbidden("spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
        }

        if (old.Text("providerID") is { Length: > 0 } provider && provider != spec.Text("providerID"))
        {
            errors.Forbidden("spec.providerID", "node updates may not change providerID except from \"\" to valid");
        }
    }

    private static void Taints(JsonObject node, FieldErrors errors)
    {
        var seen = new HashSet<(string?, string?)>();
        foreach (var (index, taint) in node.Object("spec").Objects("taints"))
        {
            var path = $"metadata.taints[{index}]";
            errors.Invalid($"{path}.key", taint.Text("key"), ObjectNames.QualifiedName(taint.Text("key") ?? ""));
            errors.Invalid($"{path}.value", taint.Text("value"), ObjectNames.LabelValue(taint.Text("value") ?? ""));
            switch (taint.Text("effect"))
            {
                case "NoSchedule" or "PreferNoSchedule" or "NoExecute":
                    break;
                case null or "":
                    errors.Required($"{path}.effect");
                    break;
                default:
                    errors.NotSupported($"{path}.effect", taint["effect"], "NoSchedule", "PreferNoSchedule", "NoExecute");
                    break;
            }

            if (!seen.Add((taint.Text("key"), taint.Text("effect"))))
            {
                errors.Duplicate(path, taint);
            }
        }
    }
}

/// <summary>Lease. Source: kubernetes pkg/apis/coordination/validation.</summary>
public sealed class LeaseStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => true;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    public override bool CreatesOnUpdate => true;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded) => decoded.Ensure("spec");

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var spec = created.Object("spec");
        if (spec.Number("leaseDurationSeconds") is <= 0 and var duration)
        {
            errors.Invalid("spec.leaseDurationSeconds", duration, "must be greater than 0");
        }

        if (spec.Number("leaseTransitions") is < 0 and var transitions)
        {
            errors.Invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0");
        }

        if (spec.Text("preferredHolder") is { Length: > 0 } && string.IsNullOrEmpty(spec.Text("strategy")))
        {
            errors.Forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined");
        }
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors) => Validate(updated, errors);
}
