using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// Pod, as far as storage touches it: volumes, mounts and devices in full, the rest of the spec by its defaults and required fields.
/// Source: kubernetes 1.36 pkg/registry/core/pod/strategy.go, pkg/apis/core/v1/defaults.go, pkg/apis/core/validation.
/// </summary>
public sealed class PodStrategy : ResourceStrategy
{
    private const string Updatable = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

    private static readonly string[] QosResources = ["cpu", "memory"];
    private static readonly string[] QosLists = ["containers", "initContainers"];

    /// <inheritdoc/>
    public override bool Namespaced => true;

    /// <summary>How long a deletion lets the pod live on, in seconds.</summary>
    /// <param name="pod">The stored pod.</param>
    /// <param name="requested">The deletion's <c>gracePeriodSeconds</c>, or null.</param>
    /// <returns>0 for a pod that is on no node or has ended: it goes at once. Negative requests mean 1.</returns>
    public static long GracePeriod(JsonObject pod, long? requested)
    {
        if (string.IsNullOrEmpty(pod.Object("spec").Text("nodeName")) || pod.Object("status").Text("phase") is "Failed" or "Succeeded")
        {
            return 0;
        }

        var period = requested ?? pod.Object("spec").Number("terminationGracePeriodSeconds") ?? 0;
        return period < 0 ? 1 : period;
    }

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        var spec = decoded.Ensure("spec");
        PodSpecRules.Default(spec);
        spec.Default("enableServiceLinks", true);
        foreach (var list in new[] { "containers", "initContainers" })
        {
            foreach (var (_, container) in spec.Objects(list))
            {
                DefaultRequests(container.Ensure("resources"));
                if (spec.Flag("hostNetwork") == true)
                {
                    DefaultHostPorts(container);
                }
            }
        }

        decoded.Ensure("status").DefaultConditionTimes("lastProbeTime", "lastTransitionTime");
    }

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created.Ensure("metadata")["generation"] = 1L;
        created["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = QualityOfService(created.Object("spec") ?? []) };
        if (created.Object("spec").Array("schedulingGates") is { Count: > 0 })
        {
            created["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "False",
                ["reason"] = "SchedulingGated",
                ["message"] = "Scheduling is blocked due to non-empty scheduling gates",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = null,
            });
        }
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        base.PrepareForUpdate(updated, existing);
        CountGeneration(updated, existing, "spec");
    }

    /// <inheritdoc/>
    protected override void PrepareForStatusUpdate(JsonObject updated, JsonObject existing, DateTimeOffset now)
    {
        base.PrepareForStatusUpdate(updated, existing, now);
        updated.Metadata().Remove("deletionTimestamp");
        updated.Metadata().Restore(existing.Metadata(), "ownerReferences");
        var status = updated.Ensure("status");
        if (string.IsNullOrEmpty(status.Text("qosClass")))
        {
            status.Restore(existing.Object("status") ?? [], "qosClass");
        }
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors) =>
        PodSpecRules.Validate(created.Object("spec") ?? [], created.Name(), "spec", errors);

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        var spec = updated.Object("spec")!.DeepClone().AsObject();
        var old = existing.Object("spec") ?? [];
        if (!SameContainers(spec, old, "containers", errors) || !SameContainers(spec, old, "initContainers", errors))
        {
            return;
        }

        ValidateDeadline(spec, old, errors);
        ValidateTolerations(spec, old, errors);
        ValidateSchedulingGates(spec, old, errors);
        foreach (var field in new[] { "activeDeadlineSeconds", "schedulingGates", "tolerations" })
        {
            spec.Restore(old, field);
        }

        if (old.Number("terminationGracePeriodSeconds") is < 0 && spec.Number("terminationGracePeriodSeconds") == 1)
        {
            spec.Restore(old, "terminationGracePeriodSeconds");
        }

        if (!JsonReading.Same(spec, old))
        {
            errors.Forbidden("spec", Updatable);
        }
    }

    /// <inheritdoc/>
    protected override void ValidateStatusUpdate(JsonObject updated, JsonObject existing, FieldErrors errors) =>
        ObjectMetaRules.Immutable(updated.Object("status")?["qosClass"], existing.Object("status")?["qosClass"], "status.qosClass", errors);

    private static void DefaultRequests(JsonObject resources)
    {
        foreach (var (name, limit) in resources.Object("limits") ?? [])
        {
            resources.Ensure("requests").Default(name, limit!.DeepClone());
        }
    }

    private static void DefaultHostPorts(JsonObject container)
    {
        foreach (var (_, port) in container.Objects("ports"))
        {
            if (port.Number("hostPort") is null or 0 && port.Has("containerPort"))
            {
                port["hostPort"] = port["containerPort"]!.DeepClone();
            }
        }
    }

    private static string QualityOfService(JsonObject spec)
    {
        var containers = QosLists.SelectMany(list => spec.Objects(list)).Select(entry => entry.Item.Object("resources")).ToList();
        var asksForNothing = containers.All(container => QosResources.All(name =>
            container.Object("requests").Quantity(name) is not { Sign: > 0 } && container.Object("limits")
                .Quantity(name) is not { Sign: > 0 }));
        if (asksForNothing)
        {
            return "BestEffort";
        }

        var isGuaranteed = containers.All(container => QosResources.All(name =>
            container.Object("limits").Quantity(name) is { Sign: > 0 } limit && container.Object("requests").Quantity(name) == limit));
        return isGuaranteed ? "Guaranteed" : "Burstable";
    }

    // Images may change; everything is compared after they are put back.
    private static bool SameContainers(JsonObject spec, JsonObject old, string list, FieldErrors errors)
    {
        if ((spec.Array(list)?.Count ?? 0) != (old.Array(list)?.Count ?? 0))
        {
            errors.Forbidden($"spec.{list}", "pod updates may not add or remove containers");
            return false;
        }

        foreach (var ((index, container), (_, stored)) in spec.Objects(list).Zip(old.Objects(list)))
        {
            if (string.IsNullOrEmpty(container.Text("image")))
            {
                errors.Required($"spec.{list}[{index}].image");
            }

            container.Restore(stored, "image");
        }

        return true;
    }

    private static void ValidateDeadline(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        const string field = "spec.activeDeadlineSeconds";
        var before = old.Number("activeDeadlineSeconds");
        if (spec.Number("activeDeadlineSeconds") is not { } deadline)
        {
            if (before is not null)
            {
                errors.Invalid(field, null, "must not update from a positive integer to nil value");
            }
        }
        else if (deadline is < 0 or > int.MaxValue)
        {
            errors.Invalid(field, deadline, "must be between 0 and 2147483647, inclusive");
        }
        else if (before < deadline)
        {
            errors.Invalid(field, deadline, "must be less than or equal to previous value");
        }
    }

    private static void ValidateTolerations(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        var kept = spec.Objects("tolerations").Select(entry => WithoutSeconds(entry.Item)).ToList();
        if (old.Objects("tolerations").Any(entry => !kept.Any(toleration => JsonReading.Same(toleration, WithoutSeconds(entry.Item)))))
        {
            errors.Forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
        }
    }

    private static void ValidateSchedulingGates(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        var before = old.Objects("schedulingGates").Select(entry => entry.Item.Text("name")).ToHashSet();
        foreach (var (_, gate) in spec.Objects("schedulingGates").Where(entry => !before.Contains(entry.Item.Text("name"))))
        {
            errors.Forbidden("spec.schedulingGates", $"only deletion is allowed, but found new scheduling gate '{gate.Text("name")}'");
        }
    }

    private static JsonObject WithoutSeconds(JsonObject toleration)
    {
        var copy = toleration.DeepClone().AsObject();
        copy.Remove("tolerationSeconds");
        return copy;
    }
}
