using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Printing;

/// <summary>
/// The tables of the built-in kinds, with the columns people know. Source: kubernetes 1.36 pkg/printers/internalversion/printers.go.
/// </summary>
public static class TablePrinters
{
    private const string None = "<none>";
    private const string Unset = "<unset>";
    private const string Unknown = "<unknown>";
    private const string RolePrefix = "node-role.kubernetes.io/";

    private static readonly TableColumn AgeColumn = new("Age", Description: "Time since the object was created.");

    private static readonly TableColumn[] ContainerColumns =
        [new("Containers", Priority: 1, Description: "Names of each container in the template."), new("Images", Priority: 1,
            Description: "Images referenced by each container in the template.")];

    private static readonly TableColumn SelectorColumn = new("Selector", Priority: 1, Description: "Selector of the pods.");

    private static readonly Dictionary<(string Group, string Resource), TablePrinter> Known = new()
    {
        [("", "configmaps")] = new([Name, new("Data"), AgeColumn], ConfigMap),
        [("", "events")] = new(EventColumns(), Event),
        [("", "namespaces")] = new([Name, new("Status"), AgeColumn], Namespace),
        [("", "nodes")] = new(
            [Name, new("Status"), new("Roles"), AgeColumn, new("Version"), new("Internal-IP", Priority: 1), new("External-IP", Priority: 1),
                new("OS-Image", Priority: 1), new("Kernel-Version", Priority: 1), new("Container-Runtime", Priority: 1)],
            Node),
        [("", "persistentvolumeclaims")] = new(
            [Name, new("Status"), new("Volume"), new("Capacity"), new("Access Modes"), new("StorageClass"), new("VolumeAttributesClass"),
                AgeColumn, new("VolumeMode", Priority: 1)],
            Claim),
        [("", "persistentvolumes")] = new(
            [Name, new("Capacity"), new("Access Modes"), new("Reclaim Policy"), new("Status"), new("Claim"), new("StorageClass"),
                new("VolumeAttributesClass"), new("Reason"), AgeColumn, new("VolumeMode", Priority: 1)],
            Volume),
        [("", "pods")] = new(
            [Name, new("Ready"), new("Status"), new("Restarts"), AgeColumn, new("IP", Priority: 1), new("Node", Priority: 1),
                new("Nominated Node", Priority: 1), new("Readiness Gates", Priority: 1)],
            PodTable.Cells),
        [("", "secrets")] = new([Name, new("Type"), new("Data"), AgeColumn], Secret),
        [("", "serviceaccounts")] = new([Name, AgeColumn], NameAndAge),
        [("", "services")] = new(
            [Name, new("Type"), new("Cluster-IP"), new("External-IP"), new("Port(s)"), AgeColumn, SelectorColumn], Service),
        [("apps", "daemonsets")] = new(
            [Name, new("Desired", "integer"), new("Current", "integer"), new("Ready", "integer"), new("Up-to-date", "integer"),
                new("Available", "integer"), new("Node Selector"), AgeColumn, .. ContainerColumns, SelectorColumn],
            DaemonSet),
        [("apps", "deployments")] = new(
            [Name, new("Ready"), new("Up-to-date"), new("Available"), AgeColumn, .. ContainerColumns, SelectorColumn], Deployment),
        [("apps", "replicasets")] = new(
            [Name, new("Desired", "integer"), new("Current", "integer"), new("Ready", "integer"), AgeColumn, .. ContainerColumns,
                SelectorColumn], ReplicaSet),
        [("apps", "statefulsets")] = new([Name, new("Ready"), AgeColumn, .. ContainerColumns], StatefulSet),
        [("apiextensions.k8s.io", "customresourcedefinitions")] = CreatedAt(),
        [("batch", "cronjobs")] = new(
            [Name, new("Schedule"), new("Timezone"), new("Suspend", "boolean"), new("Active", "integer"), new("Last Schedule"), AgeColumn,
                .. ContainerColumns, SelectorColumn],
            CronJob),
        [("batch", "jobs")] = new(
            [Name, new("Status"), new("Completions"), new("Duration"), AgeColumn, .. ContainerColumns, SelectorColumn], Job),
        [("coordination.k8s.io", "leases")] = new([Name, new("Holder"), AgeColumn], Lease),
        [("events.k8s.io", "events")] = new(EventColumns(), Event),
        [("rbac.authorization.k8s.io", "clusterroles")] = CreatedAt(),
        [("rbac.authorization.k8s.io", "roles")] = CreatedAt(),
        [("storage.k8s.io", "csidrivers")] = new(
            [Name, new("AttachRequired", "boolean"), new("PodInfoOnMount", "boolean"), new("StorageCapacity", "boolean"),
                new("TokenRequests"), new("RequiresRepublish", "boolean"), new("Modes"), AgeColumn],
            CsiDriver),
        [("storage.k8s.io", "csinodes")] = new([Name, new("Drivers", "integer"), AgeColumn], CsiNode),
        [("storage.k8s.io", "csistoragecapacities")] = new([Name, new("StorageClassName"), new("Capacity")], CsiStorageCapacity),
        [("storage.k8s.io", "storageclasses")] = new(
            [Name, new("Provisioner"), new("ReclaimPolicy"), new("VolumeBindingMode"), new("AllowVolumeExpansion"), AgeColumn],
                StorageClass),
        [("storage.k8s.io", "volumeattachments")] = new(
            [Name, new("Attacher", Format: "name"), new("PV"), new("Node"), new("Attached", "boolean"), AgeColumn], VolumeAttachment),
        [("storage.k8s.io", "volumeattributesclasses")] = new([Name, new("DriverName"), AgeColumn], AttributesClass),
    };

    private static readonly TablePrinter Plain = new([Name, AgeColumn], NameAndAge);

    internal static TableColumn Name => new("Name", Format: "name", Description: "Name must be unique within a namespace.");

    /// <summary>The printer of a built-in kind: name and age where there is nothing better.</summary>
    /// <param name="group">API group, empty for core.</param>
    /// <param name="resource">Plural name.</param>
    public static TablePrinter For(string group, string resource) => Known.GetValueOrDefault((group, resource), Plain);

    private static TableColumn[] EventColumns() =>
        [new("Last Seen"), new("Type"), new("Reason"), new("Object"), new("Subobject", Priority: 1), new("Source", Priority: 1),
            new("Message"), new("First Seen", Priority: 1), new("Count", Priority: 1), new("Name", Priority: 1, Format: "name")];

    private static TablePrinter CreatedAt() => new(
        [Name, new("Created At", "date", Description: "When the object was created.")],
        (resource, _) => [resource.Name(), resource.Metadata().Text("creationTimestamp")]);

    private static IEnumerable<JsonNode?> NameAndAge(JsonObject resource, Clock clock) => [resource.Name(), clock.Age(resource)];

    private static IEnumerable<JsonNode?> Volume(JsonObject volume, Clock clock)
    {
        var spec = volume.Object("spec");
        var claim = spec.Object("claimRef");
        return
        [
            volume.Name(), Size(spec.Object("capacity")), AccessModes(spec), spec.Text("persistentVolumeReclaimPolicy") ?? "",
                Phase(volume),
            claim is null ? ""
                : $"{claim.Text("namespace")}/{claim.Text("name")}", ClassOf(volume), spec.Text("volumeAttributesClassName") ?? Unset,
            volume.Object("status").Text("reason") ?? "", clock.Age(volume), spec.Text("volumeMode") ?? Unset,
        ];
    }

    private static IEnumerable<JsonNode?> Claim(JsonObject claim, Clock clock)
    {
        var spec = claim.Object("spec");
        var status = claim.Object("status");
        var volume = spec.Text("volumeName") ?? "";
        var bound = volume.Length > 0;
        return
        [
            claim.Name(), Phase(claim), volume, bound ? Size(status.Object("capacity")) : "", bound ? AccessModes(status) : "",
                ClassOf(claim),
            spec.Text("volumeAttributesClassName") ?? Unset, clock.Age(claim), spec.Text("volumeMode") ?? Unset,
        ];
    }

    private static IEnumerable<JsonNode?> StorageClass(JsonObject storageClass, Clock clock)
    {
        var isDefault = storageClass.Annotation("storageclass.kubernetes.io/is-default-class") == "true"
            || storageClass.Annotation("storageclass.beta.kubernetes.io/is-default-class") == "true";
        return
        [
            isDefault ? $"{storageClass.Name()} (default)" : storageClass.Name(), storageClass.Text("provisioner") ?? "",
            storageClass.Text("reclaimPolicy") ?? "Delete", storageClass.Text("volumeBindingMode") ?? "Immediate",
            storageClass.Flag("allowVolumeExpansion") ?? false, clock.Age(storageClass),
        ];
    }

    private static IEnumerable<JsonNode?> AttributesClass(JsonObject attributes, Clock clock) =>
        [attributes.Name(), attributes.Text("driverName") ?? "", clock.Age(attributes)];

    private static IEnumerable<JsonNode?> VolumeAttachment(JsonObject attachment, Clock clock)
    {
        var spec = attachment.Object("spec");
        return
        [
            attachment.Name(), spec.Text("attacher") ?? "", spec.Object("source").Text("persistentVolumeName") ?? "", spec.Text("nodeName")
                ?? "",
            attachment.Object("status").Flag("attached") ?? false, clock.Age(attachment),
        ];
    }

    private static IEnumerable<JsonNode?> CsiDriver(JsonObject driver, Clock clock)
    {
        var spec = driver.Object("spec");
        var modes = string.Join(",", spec.Texts("volumeLifecycleModes"));
        var tokens = spec.Has("tokenRequests") ? string.Join(",", spec.Objects("tokenRequests").Select(entry =>
            entry.Item.Text("audience"))) : Unset;
        return
        [
            driver.Name(), spec.Flag("attachRequired") ?? true, spec.Flag("podInfoOnMount") ?? false, spec.Flag("storageCapacity") ?? false,
                tokens,
            spec.Flag("requiresRepublish") ?? false, modes.Length == 0 ? None : modes, clock.Age(driver),
        ];
    }

    private static IEnumerable<JsonNode?> CsiNode(JsonObject node, Clock clock) =>
        [node.Name(), (long)(node.Object("spec").Array("drivers")?.Count ?? 0), clock.Age(node)];

    private static IEnumerable<JsonNode?> CsiStorageCapacity(JsonObject capacity, Clock clock) =>
        [capacity.Name(), capacity.Text("storageClassName") ?? "", capacity.Quantity("capacity")?.ToString() ?? Unset];

    private static IEnumerable<JsonNode?> Namespace(JsonObject space, Clock clock) =>
        [space.Name(), space.Object("status").Text("phase") ?? "", clock.Age(space)];

    private static IEnumerable<JsonNode?> Lease(JsonObject lease, Clock clock) =>
        [lease.Name(), lease.Object("spec").Text("holderIdentity") ?? "", clock.Age(lease)];

    private static IEnumerable<JsonNode?> ConfigMap(JsonObject map, Clock clock) =>
        [map.Name(), (long)((map.Object("data")?.Count ?? 0) + (map.Object("binaryData")?.Count ?? 0)), clock.Age(map)];

    private static IEnumerable<JsonNode?> Secret(JsonObject secret, Clock clock) =>
        [secret.Name(), secret.Text("type") ?? "", (long)(secret.Object("data")?.Count ?? 0), clock.Age(secret)];

    private static IEnumerable<JsonNode?> Node(JsonObject node, Clock clock)
    {
        var status = node.Object("status");
        var info = status.Object("nodeInfo");
        var ready = status.Objects("conditions").Select(entry => entry.Item).FirstOrDefault(condition => condition.Text("type") == "Ready");
        var state = ready is null ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        if (node.Object("spec").Flag("unschedulable") == true)
        {
            state += ",SchedulingDisabled";
        }

        var kernel = OrUnknown(info.Text("kernelVersion"));
        if (info.Text("architecture") is { Length: > 0 } architecture)
        {
            kernel += $" ({architecture})";
        }

        return
        [
            node.Name(), state, Roles(node), clock.Age(node), info.Text("kubeletVersion") ?? "", Address(status, "InternalIP"),
                Address(status, "ExternalIP"),
            OrUnknown(info.Text("osImage")), kernel, OrUnknown(info.Text("containerRuntimeVersion")),
        ];
    }

    private static string Roles(JsonObject node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Metadata().TextMap("labels"))
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length)
            {
                roles.Add(key[RolePrefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value.Length > 0)
            {
                roles.Add(value);
            }
        }

        return roles.Count == 0 ? None : string.Join(",", roles);
    }

    private static string Address(JsonObject? status, string type) =>
        status.Objects("addresses").FirstOrDefault(entry => entry.Item.Text("type") == type).Item.Text("address") ?? None;

    // Both groups of events are printed here: the names of their fields differ.
    private static IEnumerable<JsonNode?> Event(JsonObject occurred, Clock clock)
    {
        var about = occurred.Object("involvedObject") ?? occurred.Object("regarding");
        var source = occurred.Object("source") ?? occurred.Object("deprecatedSource");
        var first = clock.Since(occurred.Text("firstTimestamp") ?? occurred.Text("deprecatedFirstTimestamp") ?? occurred.Text("eventTime"));
        var last = occurred.Text("lastTimestamp") ?? occurred.Text("deprecatedLastTimestamp");
        var count = occurred.Number("count") ?? occurred.Number("deprecatedCount") ?? 0;
        var lastSeen = last is null ? first : clock.Since(last);
        if (occurred.Object("series") is { } series)
        {
            lastSeen = clock.Since(series.Text("lastObservedTime"));
            count = series.Number("count") ?? 0;
        }
        else if (count == 0)
        {
            count = 1;
        }

        var kind = (about.Text("kind") ?? "").ToLowerInvariant();
        var component = FirstOf(source.Text("component"), occurred.Text("reportingComponent"), occurred.Text("reportingController"));
        var instance = FirstOf(source.Text("host"), occurred.Text("reportingInstance"));
        return
        [
            lastSeen, occurred.Text("type") ?? "", occurred.Text("reason") ?? "",
            about.Text("name") is { Length: > 0 } name ? $"{kind}/{name}" : kind, about.Text("fieldPath") ?? "",
            instance.Length == 0 ? component : $"{component}, {instance}", (occurred.Text("message") ?? occurred.Text("note") ?? "").Trim(),
            first, count, occurred.Name(),
        ];
    }

    private static IEnumerable<JsonNode?> Deployment(JsonObject deployment, Clock clock)
    {
        var status = deployment.Object("status");
        return
        [
            deployment.Name(),
                $"{Count(status, "readyReplicas")}/{Count(deployment.Object("spec"), "replicas")}", Count(status, "updatedReplicas"),
            Count(status, "availableReplicas"), clock.Age(deployment), .. Containers(deployment), LabelSelector(deployment),
        ];
    }

    private static IEnumerable<JsonNode?> StatefulSet(JsonObject set, Clock clock) =>
    [
        set.Name(), $"{Count(set.Object("status"), "readyReplicas")}/{Count(set.Object("spec"), "replicas")}", clock.Age(set), .. Containers(set),
    ];

    private static IEnumerable<JsonNode?> ReplicaSet(JsonObject set, Clock clock) =>
    [
        set.Name(), Count(set.Object("spec"), "replicas"), Count(set.Object("status"), "replicas"), Count(set.Object("status"),
            "readyReplicas"),
        clock.Age(set), .. Containers(set), LabelSelector(set),
    ];

    private static IEnumerable<JsonNode?> DaemonSet(JsonObject set, Clock clock)
    {
        var status = set.Object("status");
        return
        [
            set.Name(), Count(status, "desiredNumberScheduled"), Count(status, "currentNumberScheduled"), Count(status, "numberReady"),
            Count(status, "updatedNumberScheduled"), Count(status, "numberAvailable"),
            Labels(set.Object("spec").Object("template").Object("spec"), "nodeSelector"), clock.Age(set), .. Containers(set),
                LabelSelector(set),
        ];
    }

    private static IEnumerable<JsonNode?> Job(JsonObject job, Clock clock)
    {
        var spec = job.Object("spec");
        var status = job.Object("status");
        var done = Count(status, "succeeded");
        var parallelism = Count(spec, "parallelism");
        var completions = spec.Number("completions") is { } wanted
            ? $"{done}/{wanted}" : parallelism > 1 ? $"{done}/1 of {parallelism}" : $"{done}/1";
        return [job.Name(), JobStatus(job), completions, JobDuration(status, clock), clock.Age(job), .. Containers(job),
            LabelSelector(job)];
    }

    private static string JobStatus(JsonObject job)
    {
        var conditions = job.Object("status").Objects("conditions")
            .Where(entry => entry.Item.Text("status") == "True").Select(entry => entry.Item.Text("type")).ToHashSet();
        return conditions.Contains("Complete") ? "Complete"
            : conditions.Contains("Failed") ? "Failed"
            : job.Metadata().Has("deletionTimestamp") ? "Terminating"
            : new[] { ("Suspended", "Suspended"), ("FailureTarget", "FailureTarget"), ("SuccessCriteriaMet", "SuccessCriteriaMet") }
                .FirstOrDefault(entry => conditions.Contains(entry.Item1), ("", "Running")).Item2;
    }

    private static string JobDuration(JsonObject? status, Clock clock)
    {
        if (!Timestamps.TryParse(status.Text("startTime"), out var start))
        {
            return "";
        }

        return HumanDuration.Print((Timestamps.TryParse(status.Text("completionTime"), out var end) ? end : clock.Now) - start);
    }

    private static IEnumerable<JsonNode?> CronJob(JsonObject job, Clock clock)
    {
        var spec = job.Object("spec");
        var status = job.Object("status");
        var template = spec.Object("jobTemplate") ?? [];
        return
        [
            job.Name(), spec.Text("schedule") ?? "", spec.Text("timeZone") ?? None, spec.Flag("suspend") ?? false,
                (long)(status.Array("active")?.Count ?? 0),
            status.Text("lastScheduleTime") is { } last ? clock.Since(last) : None, clock.Age(job), .. Containers(template),
                LabelSelector(template),
        ];
    }

    private static IEnumerable<JsonNode?> Service(JsonObject service, Clock clock)
    {
        var spec = service.Object("spec");
        var address = (spec.Texts("clusterIPs") is [var first, ..] ? first : null) ?? spec.Text("clusterIP") ?? None;
        var ports = string.Join(",", spec.Objects("ports").Select(entry => Port(entry.Item)));
        return
        [
            service.Name(), spec.Text("type") ?? "", address, ExternalAddress(service), ports.Length == 0 ? None : ports,
                clock.Age(service),
            Labels(spec, "selector"),
        ];
    }

    private static string Port(JsonObject port) => port.Number("nodePort") is > 0 and var nodePort
        ? $"{port.Number("port")}:{nodePort}/{port.Text("protocol")}"
        : $"{port.Number("port")}/{port.Text("protocol")}";

    private static string ExternalAddress(JsonObject service)
    {
        var spec = service.Object("spec");
        var ingress = service.Object("status").Object("loadBalancer").Objects("ingress").Select(entry => entry.Item.Text("ip")
            ?? entry.Item.Text("hostname") ?? "");
        var addresses = spec.Text("type") == "LoadBalancer" ? ingress.Concat(spec.Texts("externalIPs")) : spec.Texts("externalIPs");
        var text = string.Join(",", addresses.Where(address => address.Length > 0));
        return (spec.Text("type"), text.Length > 0) switch
        {
            ("ExternalName", _) => spec.Text("externalName") ?? "",
            (_, true) => text,
            ("LoadBalancer", false) => "<pending>",
            _ => None,
        };
    }

    private static string[] Containers(JsonObject owner)
    {
        var containers = owner.Object("spec").Object("template").Object("spec").Objects("containers").Select(entry => entry.Item).ToList();
        return [string.Join(",", containers.Select(container => container.Text("name"))), string.Join(",", containers.Select(container =>
            container.Text("image")))];
    }

    private static string LabelSelector(JsonObject owner)
    {
        var selector = owner.Object("spec").Object("selector");
        var equal = selector.TextMap("matchLabels").Select(label => (label.Key, Text: $"{label.Key}={label.Value}"));
        var expressions = selector.Objects("matchExpressions").Select(entry => (Key: entry.Item.Text("key") ?? "",
            Text: Expression(entry.Item)));
        var parts = equal.Concat(expressions).OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => part.Text).ToList();
        return parts.Count == 0 ? None : string.Join(",", parts);
    }

    private static string Expression(JsonObject requirement)
    {
        var key = requirement.Text("key");
        var values = string.Join(",", requirement.Texts("values").Order(StringComparer.Ordinal));
        return requirement.Text("operator") switch
        {
            "In" => $"{key} in ({values})",
            "NotIn" => $"{key} notin ({values})",
            "Exists" => $"{key}",
            _ => $"!{key}",
        };
    }

    private static string Labels(JsonObject? parent, string field)
    {
        var labels = string.Join(",", parent.TextMap(field).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label =>
            $"{label.Key}={label.Value}"));
        return labels.Length == 0 ? None : labels;
    }

    private static string Phase(JsonObject resource) =>
        resource.Metadata().Has("deletionTimestamp") ? "Terminating" : resource.Object("status").Text("phase") ?? "";

    private static string Size(JsonObject? capacity) => capacity.Quantity("storage").GetValueOrDefault().ToString();

    private static string ClassOf(JsonObject resource) =>
        resource.Annotation("volume.beta.kubernetes.io/storage-class") ?? resource.Object("spec").Text("storageClassName") ?? "";

    private static string AccessModes(JsonObject? parent)
    {
        var modes = parent.Texts("accessModes");
        var known = new[] { ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP") };
        return string.Join(",", known.Where(mode => modes.Contains(mode.Item1)).Select(mode => mode.Item2));
    }

    private static long Count(JsonObject? parent, string field) => parent.Number(field) ?? 0;

    private static string FirstOf(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }

        return "";
    }

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? Unknown : text;
}
