using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Validation;

namespace StorageOperator.DevCluster.Tests.Validation;

/// <summary>One kind a section: what is filled in, what is refused, what never changes.</summary>
public class KindRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ResourceStrategy Volumes = ResourceStrategies.For("", "persistentvolumes", namespaced: false);
    private static readonly ResourceStrategy Classes = ResourceStrategies.For("storage.k8s.io", "storageclasses", namespaced: false);
    private static readonly ResourceStrategy Pods = ResourceStrategies.For("", "pods", namespaced: true);
    private static readonly ResourceStrategy Namespaces = ResourceStrategies.For("", "namespaces", namespaced: false);
    private static readonly ResourceStrategy CoreEvents = ResourceStrategies.For("", "events", namespaced: true);
    private static readonly ResourceStrategy NewEvents = ResourceStrategies.For("events.k8s.io", "events", namespaced: true);
    private static readonly ResourceStrategy Leases = ResourceStrategies.For("coordination.k8s.io", "leases", namespaced: true);

    private const string HostPath = """{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/data"}}""";

    [Fact]
    public void A_new_volume_is_pending_retained_and_a_file_system()
    {
        var volume = Made(Volumes, Volume(HostPath));
        Assert.Equal("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/data","type":""},"persistentVolumeReclaimPolicy":"Retain","volumeMode":"Filesystem"}""", volume["spec"]!.ToJsonString());
        Assert.Equal("""{"phase":"Pending","lastPhaseTransitionTime":"2026-01-02T03:04:05Z"}""", volume["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}""", "spec.capacity: Required value", "spec.capacity: Unsupported value: {}: supported values: \"storage\"")]
    [InlineData("""{"capacity":{"storage":"0"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"}}""", "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}""", "spec.accessModes: Required value")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}""", "spec: Required value: must specify a volume type")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"nfs":{"server":"s","path":"/p"}}""", "spec.nfs: Forbidden: may not specify more than 1 volume type")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x/../y"}}""", "spec.hostPath.path: Invalid value: \"/x/../y\": must not contain '..'")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/x"}}""", "spec.nodeAffinity: Required value: Local volume requires node affinity")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/"},"persistentVolumeReclaimPolicy":"Recycle"}""", "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"d.example","volumeHandle":""}}""", "spec.csi.volumeHandle: Required value")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"volumeAttributesClassName":"gold"}""", "spec.csi: Required value: has to be specified when using volumeAttributesClassName")]
    [InlineData("""{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"nodeAffinity":{}}""", "spec.nodeAffinity.required: Required value: must specify required node constraints")]
    public void An_impossible_volume_is_refused(string spec, params string[] messages) =>
        Assert.Equal(messages, Refusals(Volumes, Volume(spec)));

    [Fact]
    public void A_volume_keeps_its_source_and_mode_but_may_grow_and_change_class_policy_and_claim()
    {
        var stored = Made(Volumes, Volume(HostPath));
        Assert.Empty(Changed(Volumes, stored, volume =>
        {
            volume["spec"]!["capacity"]!["storage"] = "2Gi";
            volume["spec"]!["storageClassName"] = "slow";
            volume["spec"]!["persistentVolumeReclaimPolicy"] = "Delete";
            volume["spec"]!["claimRef"] = new JsonObject { ["name"] = "a", ["namespace"] = "b" };
        }));
        Assert.Equal(["spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"], Changed(Volumes,
            stored, volume => volume["spec"]!["hostPath"]!["path"] = "/other"));
        Assert.Equal(["volumeMode: Invalid value: \"Block\": field is immutable"], Changed(Volumes, stored, volume =>
            volume["spec"]!["volumeMode"] = "Block"));
    }

    [Fact]
    public void Node_affinity_is_set_once_and_may_only_swap_beta_labels_for_stable_ones()
    {
        var stored = Made(Volumes, Volume(HostPath));
        var pinned = Changed(stored, volume => volume["spec"]!["nodeAffinity"] = Affinity("failure-domain.beta.kubernetes.io/zone", "a"));
        Assert.Empty(Update(Volumes, pinned, stored));
        Assert.Empty(Changed(Volumes, pinned, volume => volume["spec"]!["nodeAffinity"] = Affinity("topology.kubernetes.io/zone", "a")));
        Assert.Single(Changed(Volumes, pinned, volume => volume["spec"]!["nodeAffinity"] = Affinity("topology.kubernetes.io/zone", "b")));
        var renamed = Changed(stored, volume => volume["spec"]!["nodeAffinity"] = Affinity("topology.kubernetes.io/zone", "a"));
        Assert.Single(Changed(Volumes, renamed, volume =>
            volume["spec"]!["nodeAffinity"] = Affinity("failure-domain.beta.kubernetes.io/zone", "a")));
    }

    [Fact]
    public void The_server_keeps_the_time_of_the_last_phase_change()
    {
        var stored = Made(Volumes, Volume(HostPath));
        var later = Now.AddMinutes(1);

        var same = Changed(stored, volume => volume["status"]!.AsObject().Remove("lastPhaseTransitionTime"));
        Assert.Empty(Volumes.BeforeUpdate(same, stored, Endpoint.Status, later));
        Assert.Equal("2026-01-02T03:04:05Z", (string?)same["status"]!["lastPhaseTransitionTime"]);

        var moved = Changed(stored, volume => volume["status"]!["phase"] = "Available");
        Assert.Empty(Volumes.BeforeUpdate(moved, stored, Endpoint.Status, later));
        Assert.Equal("2026-01-02T03:05:05Z", (string?)moved["status"]!["lastPhaseTransitionTime"]);

        var told = Changed(stored, volume => volume["status"] = new JsonObject
        {
            ["phase"] = "Bound",
            ["lastPhaseTransitionTime"] = "2020-01-01T00:00:00Z"
        });
        Assert.Empty(Volumes.BeforeUpdate(told, stored, Endpoint.Status, later));
        Assert.Equal("2020-01-01T00:00:00Z", (string?)told["status"]!["lastPhaseTransitionTime"]);
    }

    [Fact]
    public void A_class_deletes_at_once_by_default_and_only_its_expansion_topology_and_mount_options_change()
    {
        var stored = Made(Classes, Named("StorageClass", "fast", "\"provisioner\":\"example.com/p\""));
        Assert.Equal("Delete", (string?)stored["reclaimPolicy"]);
        Assert.Equal("Immediate", (string?)stored["volumeBindingMode"]);
        Assert.Empty(Changed(Classes, stored, storageClass => storageClass["allowVolumeExpansion"] = true));
        Assert.Equal(["reclaimPolicy: Invalid value: \"Retain\": field is immutable"], Changed(Classes, stored, storageClass =>
            storageClass["reclaimPolicy"] = "Retain"));
        Assert.Equal(["parameters: Invalid value: {\"a\":\"b\"}: field is immutable"], Changed(Classes, stored, storageClass =>
            storageClass["parameters"] = new JsonObject { ["a"] = "b" }));
        Assert.Equal(["provisioner: Required value"], Refusals(Classes, Named("StorageClass", "fast", "\"parameters\":{}")));
    }

    [Fact]
    public void A_new_pod_has_the_defaults_people_see()
    {
        var pod = Made(Pods, Pod("""{"containers":[{"name":"c","image":"busybox"}],"volumes":[{"name":"v"},{"name":"s","secret":{"secretName":"x"}}]}"""));
        var spec = pod["spec"]!;
        Assert.Equal(("Always", "ClusterFirst", "default-scheduler"), ((string?)spec["restartPolicy"], (string?)spec["dnsPolicy"],
            (string?)spec["schedulerName"]));
        Assert.Equal("""{"name":"c","image":"busybox","terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"Always","resources":{}}""", spec["containers"]![0]!.ToJsonString());
        Assert.Equal("""[{"name":"v","emptyDir":{}},{"name":"s","secret":{"secretName":"x","defaultMode":420}}]""", spec["volumes"]!.ToJsonString());
        Assert.Equal("""{"phase":"Pending","qosClass":"BestEffort"}""", pod["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}""", "Guaranteed")]
    [InlineData("""{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"1"}}}]}""", "Burstable")]
    public void Quality_of_service_follows_requests_and_limits(string spec, string expected) =>
        Assert.Equal(expected, (string?)Made(Pods, Pod(spec))["status"]!["qosClass"]);

    [Theory]
    [InlineData("{}", "spec.containers: Required value")]
    [InlineData("""{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"gone","mountPath":"/m"}]}]}""", "spec.containers[0].volumeMounts[0].name: Not found: \"gone\"")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v","persistentVolumeClaim":{}}]}""", "spec.volumes[0].persistentVolumeClaim.claimName: Required value")]
    [InlineData("""{"containers":[{"name":"c","image":"i"}],"volumes":[{"name":"v"},{"name":"v"}]}""", "spec.volumes[1].name: Duplicate value: \"v\"")]
    [InlineData("""{"containers":[{"name":"c","image":"i"},{"name":"c","image":"i"}]}""", "spec.containers[1].name: Duplicate value: \"c\"")]
    public void An_impossible_pod_is_refused(string spec, string message) => Assert.Equal([message], Refusals(Pods, Pod(spec)));

    [Fact]
    public void A_pod_changes_its_image_and_little_else()
    {
        var stored = Made(Pods, Pod("""{"containers":[{"name":"c","image":"i"}]}"""));
        var updated = Changed(stored, pod => pod["spec"]!["containers"]![0]!["image"] = "j:1");
        Assert.Empty(Update(Pods, updated, stored));
        Assert.Equal(2, (long?)updated["metadata"]!["generation"]);
        Assert.Single(Changed(Pods, stored, pod => pod["spec"]!["nodeName"] = "node-1"));
    }

    [Theory]
    [InlineData(null, "Running", null, 0)]
    [InlineData("n", "Succeeded", null, 0)]
    [InlineData("n", "Running", null, 30)]
    [InlineData("n", "Running", 5, 5)]
    [InlineData("n", "Running", -1, 1)]
    public void Only_a_running_pod_is_given_time_to_end(string? node, string phase, int? requested, int expected)
    {
        var pod = Pod("""{"terminationGracePeriodSeconds":30}""");
        pod["spec"]!["nodeName"] = node;
        pod["status"] = new JsonObject { ["phase"] = phase };
        Assert.Equal(expected, PodStrategy.GracePeriod(pod, requested));
    }

    [Fact]
    public void A_namespace_is_active_labelled_and_held()
    {
        var stored = Made(Namespaces, Named("Namespace", "team-a", ""));
        Assert.Equal("team-a", (string?)stored["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
        Assert.Equal("""{"finalizers":["kubernetes"]}""", stored["spec"]!.ToJsonString());
        Assert.Equal("""{"phase":"Active"}""", stored["status"]!.ToJsonString());

        var kept = Changed(stored, space => space["spec"] = new JsonObject());
        Assert.Empty(Update(Namespaces, kept, stored));
        Assert.Equal("""{"finalizers":["kubernetes"]}""", kept["spec"]!.ToJsonString());

        var finalized = Changed(stored, space => space["spec"] = new JsonObject());
        Assert.Empty(Namespaces.BeforeUpdate(finalized, stored, Endpoint.Finalize, Now));
        Assert.Equal("{}", finalized["spec"]!.ToJsonString());
    }

    [Fact]
    public void Events_are_strict_in_their_own_group_only()
    {
        const string about = "\"involvedObject\":{\"kind\":\"Pod\",\"namespace\":\"default\",\"name\":\"p\"},\"reason\":\"R\",\"message\":\"m\"";
        var stored = Made(CoreEvents, InNamespace("Event", "e", about));
        Assert.True(stored.ContainsKey("eventTime") && stored["eventTime"] is null);
        Assert.Equal("", (string?)stored["reportingComponent"]);

        var refusals = Refusals(NewEvents, InNamespace("Event", "e",
            "\"regarding\":{\"namespace\":\"default\"},\"reason\":\"R\",\"type\":\"Odd\""));
        Assert.Equal(["eventTime: Required value", "type: Invalid value: \"\": has invalid value: Odd"], refusals);
        Assert.Equal(["involvedObject.namespace: Invalid value: \"other\": does not match event.namespace"], Refusals(CoreEvents,
            InNamespace("Event", "e", "\"involvedObject\":{\"namespace\":\"other\"}")));
    }

    [Fact]
    public void A_lease_needs_a_positive_duration_and_keeps_microseconds()
    {
        var stored = Made(Leases, InNamespace("Lease", "l",
            "\"spec\":{\"leaseDurationSeconds\":15,\"renewTime\":\"2026-01-02T04:04:05.500000+01:00\"}"));
        Assert.Equal("2026-01-02T03:04:05.500000Z", (string?)stored["spec"]!["renewTime"]);
        Assert.NotNull(Leases.Decode(InNamespace("Lease", "l", "\"spec\":{\"renewTime\":\"2026-01-02T03:04:05Z\"}")));
        Assert.Equal(["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"], Refusals(Leases, InNamespace("Lease", "l",
            "\"spec\":{\"leaseDurationSeconds\":0}")));
    }

    [Fact]
    public void A_custom_resource_counts_changes_of_its_content_only()
    {
        var strategy = new CustomResourceStrategy(namespaced: true, hasStatus: true);
        var stored = Made(strategy, InNamespace("Widget", "w", "\"spec\":{\"a\":1},\"status\":{\"b\":2}"));
        Assert.False(stored.ContainsKey("status"));

        var labelled = Changed(stored, widget => widget["metadata"]!["labels"] = new JsonObject { ["x"] = "y" });
        Assert.Empty(Update(strategy, labelled, stored));
        Assert.Equal(1, (long?)labelled["metadata"]!["generation"]);

        var changed = Changed(stored, widget => widget["spec"]!["a"] = 2);
        Assert.Empty(Update(strategy, changed, stored));
        Assert.Equal(2, (long?)changed["metadata"]!["generation"]);

        var status = Changed(stored, widget =>
        {
            widget["spec"]!["a"] = 3;
            widget["metadata"]!["labels"] = new JsonObject { ["x"] = "y" };
            widget["status"] = new JsonObject { ["b"] = 3 };
        });
        Assert.Empty(strategy.BeforeUpdate(status, stored, Endpoint.Status, Now));
        Assert.Equal("""{"a":1}""", status["spec"]!.ToJsonString());
        Assert.Null(status["metadata"]!["labels"]);
        Assert.Equal("""{"b":3}""", status["status"]!.ToJsonString());
    }

    [Theory]
    [InlineData("Upper",
        "metadata.name: Invalid value: \"Upper\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData("", "metadata.name: Required value: name or generateName is required")]
    public void A_name_is_a_subdomain(string name, string message) =>
        Assert.Equal([message], Refusals(Classes, Named("StorageClass", name, "\"provisioner\":\"example.com/p\"")));

    [Fact]
    public void Labels_annotations_finalizers_and_owners_are_checked()
    {
        var storageClass = Named("StorageClass", "a", "\"provisioner\":\"example.com/p\"");
        storageClass["metadata"]!["labels"] = new JsonObject { ["ok"] = "-bad" };
        storageClass["metadata"]!["annotations"] = new JsonObject { ["Example.com/Fine"] = "", ["not fine"] = "" };
        storageClass["metadata"]!["finalizers"] = new JsonArray("plain");
        storageClass["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["name"] = "p"
        });

        Assert.Null(Classes.Decode(storageClass));
        var fields = Classes.BeforeCreate(storageClass, Now).Select(error => error.Field).Distinct();

        Assert.Equal(["metadata.labels", "metadata.annotations", "metadata.ownerReferences.uid", "metadata.finalizers[0]"], fields);
    }

    private static JsonObject Volume(string spec) => Named("PersistentVolume", "pv-1", "\"spec\":" + spec);

    private static JsonObject Pod(string spec) => InNamespace("Pod", "p", "\"spec\":" + spec);

    private static JsonObject Affinity(string key, string value) => JsonNode.Parse("""
        {"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"KEY","operator":"In","values":["VALUE"]}]}]}}
        """.Replace("KEY", key).Replace("VALUE", value))!.AsObject();

    private static JsonObject Named(string kind, string name, string body)
    {
        var made = JsonNode.Parse("{" + body + "}")!.AsObject();
        made["kind"] = kind;
        made["metadata"] = new JsonObject { ["name"] = name, ["uid"] = "u" };
        return made;
    }

    private static JsonObject InNamespace(string kind, string name, string body)
    {
        var made = Named(kind, name, body);
        made["metadata"]!["namespace"] = "default";
        return made;
    }

    private static JsonObject Made(ResourceStrategy strategy, JsonObject resource)
    {
        Assert.Null(strategy.Decode(resource));
        Assert.Empty(strategy.BeforeCreate(resource, Now));
        resource["metadata"]!["resourceVersion"] = "1";
        return resource;
    }

    private static List<string> Refusals(ResourceStrategy strategy, JsonObject resource)
    {
        Assert.Null(strategy.Decode(resource));
        return strategy.BeforeCreate(resource, Now).Select(error => error.Message).ToList();
    }

    private static JsonObject Changed(JsonObject stored, Action<JsonObject> change)
    {
        var changed = stored.DeepClone().AsObject();
        change(changed);
        return changed;
    }

    private static List<string> Changed(ResourceStrategy strategy, JsonObject stored, Action<JsonObject> change) =>
        Update(strategy, Changed(stored, change), stored);

    private static List<string> Update(ResourceStrategy strategy, JsonObject updated, JsonObject stored)
    {
        Assert.Null(strategy.Decode(updated));
        return strategy.BeforeUpdate(updated, stored, Endpoint.Main, Now).Select(error => error.Message).Distinct().ToList();
    }
}
