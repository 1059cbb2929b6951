using System.Collections.Frozen;

namespace StorageOperator.DevCluster.Schema;

/// <summary>
/// What the client's C# models do not carry: which lists are merged and by what key (strategic merge patch), which are sets or maps
/// (server-side apply), which objects are set as a whole, and which fields must be present. Facts from the Kubernetes API reference;
/// a list that is not named here is atomic in both ways of merging, an object that is not named here is granular.
/// </summary>
internal static class FieldConventions
{
    /// <summary>
    /// One field a line: Type.field and what holds of it. <c>by K</c> is a strategic merge by key K and a map by K for server-side apply
    /// unless <c>map K,K</c> or <c>atomic</c> says otherwise; <c>merge</c> merges a list of scalars; <c>set</c>, <c>retainKeys</c> and
    /// <c>map K</c> stand for themselves. Types are named without group and version: the same name means the same in all of them.
    /// </summary>
    private const string Fields = """
        ObjectMeta.finalizers merge set
        ObjectMeta.ownerReferences by uid
        PodSpec.containers by name required
        PodSpec.initContainers by name
        PodSpec.ephemeralContainers by name
        PodSpec.hostAliases by ip
        PodSpec.imagePullSecrets by name
        PodSpec.resourceClaims by name retainKeys
        PodSpec.schedulingGates by name
        PodSpec.topologySpreadConstraints by topologyKey map topologyKey,whenUnsatisfiable
        PodSpec.volumes by name retainKeys
        PodStatus.hostIPs by ip atomic
        PodStatus.podIPs by ip
        PodStatus.resourceClaimStatuses by name retainKeys
        Container.env by name
        Container.ports by containerPort map containerPort,protocol
        Container.volumeDevices by devicePath
        Container.volumeMounts by mountPath
        EphemeralContainer.env by name
        EphemeralContainer.ports by containerPort map containerPort,protocol
        EphemeralContainer.volumeDevices by devicePath
        EphemeralContainer.volumeMounts by mountPath
        ContainerStatus.allocatedResourcesStatus map name
        ContainerStatus.volumeMounts by mountPath
        ResourceRequirements.claims map name
        ServiceAccount.secrets by name
        ServiceSpec.ports by port map port,protocol
        NodeSpec.podCIDRs merge set
        NodeStatus.addresses by type
        ComponentStatus.conditions by type
        DeploymentSpec.strategy retainKeys
        JobStatus.conditions by type atomic
        CertificateSigningRequestStatus.conditions map type
        CustomResourceDefinitionStatus.conditions map type
        CSIDriverSpec.volumeLifecycleModes set
        CSINodeSpec.drivers by name required
        Endpoint.addresses set required
        MutatingWebhookConfiguration.webhooks by name
        ValidatingWebhookConfiguration.webhooks by name
        MutatingWebhook.matchConditions by name
        ValidatingWebhook.matchConditions by name
        ValidatingAdmissionPolicySpec.matchConditions by name
        ValidatingAdmissionPolicySpec.variables by name
        ResourceClaimStatus.reservedFor by uid
        ResourceClaimStatus.devices map driver,device,pool
        PriorityLevelConfigurationStatus.conditions by type
        """;

    /// <summary>The objects that server-side apply sets as a whole.</summary>
    private const string AtomicMaps = """
        ConfigMapKeySelector CrossVersionObjectReference EndpointAddress EndpointPort LabelSelector LocalObjectReference NodeSelector
        NodeSelectorTerm ObjectFieldSelector ObjectReference OwnerReference ParamKind ParamRef MatchResources NamedRuleWithOperations
        ResourceFieldSelector RoleRef ScopeSelector ScopedResourceSelectorRequirement SecretKeySelector SecretReference Subject
        TopologySelectorTerm TypedLocalObjectReference FileKeySelector FlowDistinguisherMethod
        """;

    /// <summary>Exceptions at single fields: true for atomic, false for granular.</summary>
    private static readonly FrozenDictionary<string, bool> FieldMaps = new Dictionary<string, bool>
    {
        ["PersistentVolumeSpec.claimRef"] = false,
        ["PersistentVolumeClaimStatus.allocatedResourceStatuses"] = false,
        ["PodSpec.nodeSelector"] = true,
        ["ServiceSpec.selector"] = true,
        ["ReplicationControllerSpec.selector"] = true,
        ["Overhead.podFixed"] = false,
    }.ToFrozenDictionary();

    /// <summary>Reference-typed fields that must be present; value types speak for themselves.</summary>
    private const string RequiredFields = """
        StorageClass.provisioner CSIDriver.spec CSINode.spec CSINodeDriver.name CSINodeDriver.nodeID VolumeAttachment.spec
        VolumeAttachmentSpec.attacher VolumeAttachmentSpec.nodeName VolumeAttachmentSpec.source CSIPersistentVolumeSource.driver
        CSIPersistentVolumeSource.volumeHandle CSIVolumeSource.driver HostPathVolumeSource.path LocalVolumeSource.path
        NFSVolumeSource.path NFSVolumeSource.server NodeSelector.nodeSelectorTerms NodeSelectorRequirement.key
        NodeSelectorRequirement.operator LabelSelectorRequirement.key LabelSelectorRequirement.operator Container.name
        EphemeralContainer.name EnvVar.name VolumeMount.name VolumeMount.mountPath VolumeDevice.name VolumeDevice.devicePath Volume.name
        PersistentVolumeClaimVolumeSource.claimName PersistentVolumeClaimTemplate.spec TypedLocalObjectReference.kind
        TypedLocalObjectReference.name TypedObjectReference.kind TypedObjectReference.name OwnerReference.apiVersion OwnerReference.kind
        OwnerReference.name OwnerReference.uid Condition.type Condition.status Condition.lastTransitionTime Condition.reason
        Condition.message PersistentVolumeClaimCondition.type PersistentVolumeClaimCondition.status PodCondition.type PodCondition.status
        NodeCondition.type NodeCondition.status NodeAddress.type NodeAddress.address Taint.key Taint.effect KeyToPath.key KeyToPath.path
        SecretKeySelector.key ConfigMapKeySelector.key ObjectFieldSelector.fieldPath ResourceFieldSelector.resource
        DeploymentSpec.selector DeploymentSpec.template ReplicaSetSpec.selector DaemonSetSpec.selector DaemonSetSpec.template
        StatefulSetSpec.selector StatefulSetSpec.template JobSpec.template CronJobSpec.schedule CronJobSpec.jobTemplate
        RoleRef.apiGroup RoleRef.kind RoleRef.name Subject.kind Subject.name PolicyRule.verbs ClusterRoleBinding.roleRef
        RoleBinding.roleRef CustomResourceDefinition.spec CustomResourceDefinitionSpec.group CustomResourceDefinitionSpec.names
        CustomResourceDefinitionSpec.scope CustomResourceDefinitionSpec.versions CustomResourceDefinitionNames.kind
        CustomResourceDefinitionNames.plural CustomResourceDefinitionVersion.name TopologySelectorLabelRequirement.key
        TopologySelectorLabelRequirement.values VolumeAttributesClass.driverName CSIStorageCapacity.storageClassName
        """;

    private static readonly FrozenDictionary<string, string[]> ByField = Fields
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(line => line.Split(' '))
        .ToFrozenDictionary(words => words[0], words => words[1..]);

    private static readonly FrozenSet<string> Atomic = Words(AtomicMaps);
    private static readonly FrozenSet<string> Required = Words(RequiredFields);

    /// <summary>What holds of a field, beyond its type.</summary>
    internal readonly record struct Convention(
        string? PatchStrategy, string? PatchMergeKey, ListType? ListType, IReadOnlyList<string> ListMapKeys, bool? AtomicMap);

    /// <summary>What holds of <paramref name="field"/> of the type named <paramref name="type"/> (without group and version).</summary>
    /// <param name="type">The name of the type that has the field.</param>
    /// <param name="field">The name of the field in JSON.</param>
    /// <param name="isList">True if the field is a list.</param>
    /// <param name="itemHasType">True if it is a list of objects with a field <c>type</c>.</param>
    internal static Convention Of(string type, string field, bool isList, bool itemHasType)
    {
        var atomicMap = FieldMaps.TryGetValue(type + "." + field, out var atomic) ? atomic : (bool?)null;
        if (!ByField.TryGetValue(type + "." + field, out var words))
        {
            words = field == "conditions" && itemHasType && type.EndsWith("Status", StringComparison.Ordinal) ? ["by", "type"] : [];
        }

        var key = After(words, "by");
        var keys = After(words, "map")?.Split(',') ?? (key is not null && !words.Contains("atomic") ? [key] : []);
        var listType = !isList ? (ListType?)null
            : keys.Length > 0 ? Schema.ListType.Map
            : words.Contains("set") ? Schema.ListType.Set
            : Schema.ListType.Atomic;
        return new Convention(Strategy(words, key), key, listType, keys, atomicMap);
    }

    /// <summary>True if <paramref name="field"/> of <paramref name="type"/> must be present.</summary>
    internal static bool IsRequired(string type, string field)
        => Required.Contains(type + "." + field) || (ByField.TryGetValue(type + "." + field, out var words) && words.Contains("required"));

    /// <summary>True if server-side apply sets an object of <paramref name="type"/> as a whole.</summary>
    internal static bool IsAtomic(string type) => Atomic.Contains(type);

    private static string? Strategy(string[] words, string? key)
    {
        var merge = key is not null || words.Contains("merge");
        var retain = words.Contains("retainKeys");
        return (merge, retain) switch
        {
            (true, true) => "merge,retainKeys",
            (true, false) => "merge",
            (false, true) => "retainKeys",
            _ => null,
        };
    }

    private static string? After(string[] words, string word)
        => Array.IndexOf(words, word) is var at and >= 0 ? words[at + 1] : null;

    private static FrozenSet<string> Words(string text)
        => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
}
