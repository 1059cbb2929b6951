using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>What pods and pod templates share. Source: kubernetes pkg/apis/core/v1/defaults.go, pkg/apis/core/validation (ValidatePodSpec).</summary>
internal static class PodSpecRules
{
    private const int FileMode = 420; // 0644, which JSON can only write in decimal

    private static readonly string[] ContainerLists = ["containers", "initContainers", "ephemeralContainers"];

    public static void Default(JsonObject spec)
    {
        spec.DefaultText("dnsPolicy", "ClusterFirst");
        spec.DefaultText("restartPolicy", "Always");
        spec.Default("securityContext", new JsonObject());
        spec.Default("terminationGracePeriodSeconds", 30);
        spec.DefaultText("schedulerName", "default-scheduler");
        MirrorServiceAccount(spec);
        foreach (var list in ContainerLists)
        {
            foreach (var (_, container) in spec.Objects(list))
            {
                DefaultContainer(container);
            }
        }

        foreach (var (_, volume) in spec.Objects("volumes"))
        {
            DefaultVolume(volume);
        }
    }

    public static void Validate(JsonObject spec, string? podName, string path, FieldErrors errors)
    {
        var volumes = Volumes(spec, podName, path, errors);
        if (spec.Array("containers") is not { Count: > 0 })
        {
            errors.Required($"{path}.containers");
        }

        var names = new HashSet<string>();
        foreach (var list in ContainerLists)
        {
            foreach (var (index, container) in spec.Objects(list))
            {
                Container(container, $"{path}.{list}[{index}]", volumes, names, errors);
            }
        }

        OneOf(spec, "restartPolicy", path, errors, "Always", "Never", "OnFailure");
        OneOf(spec, "dnsPolicy", path, errors, "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        ObjectMetaRules.Labels(spec, "nodeSelector", $"{path}.nodeSelector", errors);
        Subdomain(spec, "serviceAccountName", path, errors);
        Subdomain(spec, "nodeName", path, errors);
        Subdomain(spec, "priorityClassName", path, errors);
        if (spec.Number("activeDeadlineSeconds") is < 1 or > int.MaxValue)
        {
            errors.Invalid($"{path}.activeDeadlineSeconds", spec["activeDeadlineSeconds"], "must be between 1 and 2147483647, inclusive");
        }

        foreach (var field in new[] { "hostname", "subdomain" })
        {
            if (spec.Text(field) is { Length: > 0 } label)
            {
                errors.Invalid($"{path}.{field}", label, ObjectNames.Label(label));
            }
        }

        NodeAffinity(spec, path, errors);
        Tolerations(spec, path, errors);
    }

    private static void MirrorServiceAccount(JsonObject spec)
    {
        var account = spec.Text("serviceAccountName") is { Length: > 0 } named ? named : spec.Text("serviceAccount");
        if (!string.IsNullOrEmpty(account))
        {
            spec["serviceAccountName"] = account;
            spec["serviceAccount"] = account;
        }
    }

    private static void DefaultContainer(JsonObject container)
    {
        container.DefaultText("terminationMessagePath", "/dev/termination-log");
        container.DefaultText("terminationMessagePolicy", "File");
        container.DefaultText("imagePullPolicy", IsLatest(container.Text("image") ?? "") ? "Always" : "IfNotPresent");
        container.Default("resources", new JsonObject());
        foreach (var (_, port) in container.Objects("ports"))
        {
            port.DefaultText("protocol", "TCP");
        }

        foreach (var (_, variable) in container.Objects("env"))
        {
            variable.Object("valueFrom").Object("fieldRef")?.DefaultText("apiVersion", "v1");
        }

        foreach (var probe in new[] { "livenessProbe", "readinessProbe", "startupProbe" })
        {
            DefaultProbe(container.Object(probe));
        }
    }

    private static void DefaultProbe(JsonObject? probe)
    {
        if (probe is null)
        {
            return;
        }

        foreach (var (field, value) in new[] { ("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold",
            3) })
        {
            if (probe.Number(field) is null or 0)
            {
                probe[field] = value;
            }
        }

        if (probe.Object("httpGet") is { } get)
        {
            get.DefaultText("path", "/");
            get.DefaultText("scheme", "HTTP");
        }
    }

    private static bool IsLatest(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains('@') && (!name.Contains(':') || name.EndsWith(":latest", StringComparison.Ordinal));
    }

    private static void DefaultVolume(JsonObject volume)
    {
        if (volume.All(field => field.Key == "name" || field.Value is null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        VolumeSourceRules.Default(volume);
        foreach (var source in new[] { "secret", "configMap", "downwardAPI", "projected" })
        {
            volume.Object(source)?.Default("defaultMode", FileMode);
        }

        foreach (var (_, projection) in volume.Object("projected").Objects("sources"))
        {
            projection.Object("serviceAccountToken")?.Default("expirationSeconds", 3600);
        }

        if (volume.Object("ephemeral").Object("volumeClaimTemplate") is { } template)
        {
            template.Default("metadata", new JsonObject());
            PersistentVolumeClaimStrategy.DefaultSpec(template.Ensure("spec"));
        }
    }

    private static Dictionary<string, JsonObject> Volumes(JsonObject spec, string? podName, string path, FieldErrors errors)
    {
        var made = spec.Objects("volumes").Where(entry => entry.Item.Has("ephemeral")).Select(entry =>
            $"{podName}-{entry.Item.Text("name")}").ToHashSet();
        var volumes = new Dictionary<string, JsonObject>();
        foreach (var (index, volume) in spec.Objects("volumes"))
        {
            var at = $"{path}.volumes[{index}]";
            var name = volume.Text("name") ?? "";
            var before = errors.Count;
            VolumeSourceRules.ValidateInline(volume, at, errors);
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }
            else
            {
                errors.Invalid($"{at}.name", name, ObjectNames.Label(name));
            }

            if (volumes.ContainsKey(name))
            {
                errors.Duplicate($"{at}.name", name);
            }

            if (errors.Count == before)
            {
                volumes[name] = volume;
            }

            if (podName is not null && volume.Object("persistentVolumeClaim").Text("claimName") is { } claim && made.Contains(claim))
            {
                errors.Invalid($"{at}.persistentVolumeClaim.claimName", claim, "must not reference a PVC that gets created for an ephemeral volume");
            }
        }

        return volumes;
    }

    private static void Container(
        JsonObject container, string path, Dictionary<string, JsonObject> volumes, HashSet<string> names, FieldErrors errors)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
        {
            errors.Required($"{path}.name");
        }
        else
        {
            errors.Invalid($"{path}.name", name, ObjectNames.Label(name));
            if (!names.Add(name))
            {
                errors.Duplicate($"{path}.name", name);
            }
        }

        if (string.IsNullOrEmpty(container.Text("image")))
        {
            errors.Required($"{path}.image");
        }

        OneOf(container, "terminationMessagePolicy", path, errors, "File", "FallbackToLogsOnError");
        OneOf(container, "imagePullPolicy", path, errors, "Always", "IfNotPresent", "Never");
        Ports(container, path, errors);
        Mounts(container, path, volumes, errors);
        Devices(container, path, volumes, errors);
        Resources(container.Object("resources"), $"{path}.resources", errors);
    }

    private static void Ports(JsonObject container, string path, FieldErrors errors)
    {
        foreach (var (index, port) in container.Objects("ports"))
        {
            var at = $"{path}.ports[{index}]";
            if (port.Number("containerPort") is null or 0)
            {
                errors.Required($"{at}.containerPort");
            }
            else if (port.Number("containerPort") is < 1 or > 65535)
            {
                errors.Invalid($"{at}.containerPort", port["containerPort"], "must be between 1 and 65535, inclusive");
            }

            OneOf(port, "protocol", at, errors, "SCTP", "TCP", "UDP");
        }
    }

    private static void Mounts(JsonObject container, string path, Dictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        var devices = container.Objects("volumeDevices").Select(entry => entry.Item.Text("name")).ToHashSet();
        var taken = new HashSet<string>();
        foreach (var (index, mount) in container.Objects("volumeMounts"))
        {
            var at = $"{path}.volumeMounts[{index}]";
            var name = mount.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }

            if (!volumes.ContainsKey(name))
            {
                errors.NotFound($"{at}.name", name);
            }

            if (mount.Text("mountPath") is not { Length: > 0 } mountPath)
            {
                errors.Required($"{at}.mountPath");
            }
            else if (!taken.Add(mountPath))
            {
                errors.Invalid($"{at}.mountPath", mountPath, "must be unique");
            }

            if (devices.Contains(name))
            {
                errors.Invalid($"{at}.name", name, "must not already exist in volumeDevices");
            }

            if (mount.Text("subPath") is { Length: > 0 } subPath)
            {
                Descending(subPath, $"{path}.volumeMounts.subPath", errors);
            }
        }
    }

    private static void Descending(string subPath, string field, FieldErrors errors)
    {
        if (subPath.StartsWith('/'))
        {
            errors.Invalid(field, subPath, "must be a relative path");
        }

        VolumeRules.NoBacksteps(subPath, field, errors);
    }

    private static void Devices(JsonObject container, string path, Dictionary<string, JsonObject> volumes, FieldErrors errors)
    {
        var names = new HashSet<string>();
        foreach (var (index, device) in container.Objects("volumeDevices"))
        {
            var at = $"{path}.volumeDevices[{index}]";
            var name = device.Text("name") ?? "";
            if (name.Length == 0)
            {
                errors.Required($"{at}.name");
            }

            if (!volumes.TryGetValue(name, out var volume))
            {
                errors.NotFound($"{at}.name", name);
            }
            else if (!volume.Has("persistentVolumeClaim") && !volume.Has("ephemeral"))
            {
                errors.Invalid($"{at}.name", name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode");
            }

            if (!names.Add(name))
            {
                errors.Invalid($"{at}.name", name, "must be unique");
            }

            if (string.IsNullOrEmpty(device.Text("devicePath")))
            {
                errors.Required($"{at}.devicePath");
            }
        }
    }

    private static void Resources(JsonObject? resources, string path, FieldErrors errors)
    {
        foreach (var list in new[] { "limits", "requests" })
        {
            foreach (var (name, _) in resources.Object(list) ?? [])
            {
                var field = $"{path}.{list}[{name}]";
                var quantity = resources.Object(list).Quantity(name);
                if (quantity is { Sign: < 0 })
                {
                    errors.Invalid(field, quantity.ToString(), "must be greater than or equal to 0");
                }

                if (list == "requests" && resources.Object("limits").Quantity(name) is { } limit && quantity > limit)
                {
                    errors.Invalid($"{path}.requests", quantity.ToString(), $"must be less than or equal to {name} limit of {limit}");
                }
            }
        }
    }

    private static void NodeAffinity(JsonObject spec, string path, FieldErrors errors)
    {
        const string required = "requiredDuringSchedulingIgnoredDuringExecution";
        if (spec.Object("affinity").Object("nodeAffinity").Object(required) is { } selector)
        {
            SelectorRules.NodeSelector(selector, $"{path}.affinity.nodeAffinity.{required}", errors);
        }
    }

    private static void Tolerations(JsonObject spec, string path, FieldErrors errors)
    {
        foreach (var (index, toleration) in spec.Objects("tolerations"))
        {
            var at = $"{path}.tolerations[{index}]";
            if (toleration.Text("key") is { Length: > 0 } key)
            {
                errors.Invalid($"{at}.key", key, ObjectNames.QualifiedName(key));
            }
            else if (toleration.Text("operator") != "Exists")
            {
                errors.Invalid($"{at}.operator", toleration["operator"] ?? "", "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
            }

            if (toleration.Has("tolerationSeconds") && toleration.Text("effect") != "NoExecute")
            {
                errors.Invalid($"{at}.effect", toleration["effect"] ?? "", "effect must be 'NoExecute' when `tolerationSeconds` is set");
            }
        }
    }

    private static void Subdomain(JsonObject spec, string field, string path, FieldErrors errors)
    {
        if (spec.Text(field) is { Length: > 0 } value)
        {
            errors.Invalid($"{path}.{field}", value, ObjectNames.Subdomain(value));
        }
    }

    private static void OneOf(JsonObject parent, string field, string path, FieldErrors errors, params ReadOnlySpan<string> supported)
    {
        if (parent.Text(field) is not { Length: > 0 } value)
        {
            errors.Required($"{path}.{field}");
        }
        else if (!supported.Contains(value))
        {
            errors.NotSupported($"{path}.{field}", value, supported);
        }
    }
}
