namespace StorageOperator.DevCluster.Resources;

/// <summary>The kinds that are served without a definition, with the names and traits that a Kubernetes API server gives them.</summary>
internal static class BuiltInKinds
{
    /// <summary>All of them, in the order of discovery.</summary>
    public static IReadOnlyList<ResourceKind> All { get; } =
    [
        .. Core(), .. Apps(), .. Batch(), .. Storage(), .. Coordination(), .. Events(), .. Rbac(), .. PolicyAndNetworking(),
        .. Extensions(), .. Reviews(),
    ];

    private static ResourceKind[] Core() =>
    [
        Of("", "v1", "bindings", "Binding", true) with { Verbs = ["create"] },
        Of("", "v1", "configmaps", "ConfigMap", true, "cm"),
        Of("", "v1", "endpoints", "Endpoints", true, "ep"),
        Of("", "v1", "events", "Event", true, "ev"),
        Of("", "v1", "limitranges", "LimitRange", true, "limits"),
        Of("", "v1", "namespaces", "Namespace", false, "ns") with
        {
            HasStatus = true,
            Verbs = ["create", "delete", "get", "list", "patch", "update", "watch"],
        },
        Of("", "v1", "nodes", "Node", false, "no") with { HasStatus = true },
        Of("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", true, "pvc") with
        {
            HasStatus = true,
            AnswersDeletionWithObject = true,
        },
        Of("", "v1", "persistentvolumes", "PersistentVolume", false, "pv") with { HasStatus = true, AnswersDeletionWithObject = true },
        Of("", "v1", "pods", "Pod", true, "po") with
        {
            HasStatus = true,
            CountsGenerations = true,
            AnswersDeletionWithObject = true,
            Categories = ["all"],
        },
        Of("", "v1", "podtemplates", "PodTemplate", true) with { AnswersDeletionWithObject = true, CountsGenerations = true },
        Workload("", "v1", "replicationcontrollers", "ReplicationController", "rc") with { HasScale = true },
        Of("", "v1", "resourcequotas", "ResourceQuota", true, "quota") with { HasStatus = true, AnswersDeletionWithObject = true },
        Of("", "v1", "secrets", "Secret", true),
        Of("", "v1", "serviceaccounts", "ServiceAccount", true, "sa") with { AnswersDeletionWithObject = true },
        Of("", "v1", "services", "Service", true, "svc") with
        {
            HasStatus = true,
            AnswersDeletionWithObject = true,
            Categories = ["all"],
        },
    ];

    private static ResourceKind[] Apps() =>
    [
        Of("apps", "v1", "controllerrevisions", "ControllerRevision", true),
        Workload("apps", "v1", "daemonsets", "DaemonSet", "ds"),
        Workload("apps", "v1", "deployments", "Deployment", "deploy") with { HasScale = true },
        Workload("apps", "v1", "replicasets", "ReplicaSet", "rs") with { HasScale = true },
        Workload("apps", "v1", "statefulsets", "StatefulSet", "sts") with { HasScale = true },
    ];

    private static ResourceKind[] Batch() =>
    [
        Workload("batch", "v1", "cronjobs", "CronJob", "cj"),
        Workload("batch", "v1", "jobs", "Job"),
    ];

    private static ResourceKind[] Storage() =>
    [
        Of("storage.k8s.io", "v1", "csidrivers", "CSIDriver", false) with { AnswersDeletionWithObject = true, CountsGenerations = true },
        Of("storage.k8s.io", "v1", "csinodes", "CSINode", false) with { AnswersDeletionWithObject = true },
        Of("storage.k8s.io", "v1", "csistoragecapacities", "CSIStorageCapacity", true) with
        {
            ListKind = "CSIStorageCapacityList",
            AnswersDeletionWithObject = true,
        },
        Of("storage.k8s.io", "v1", "storageclasses", "StorageClass", false, "sc") with { AnswersDeletionWithObject = true },
        Of("storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false) with
        {
            HasStatus = true,
            AnswersDeletionWithObject = true,
        },
        Of("storage.k8s.io", "v1", "volumeattributesclasses", "VolumeAttributesClass", false, "vac") with
        {
            AnswersDeletionWithObject = true,
        },
    ];

    private static ResourceKind[] Coordination() => [Of("coordination.k8s.io", "v1", "leases", "Lease", true)];

    private static ResourceKind[] Events() =>
    [
        Of("events.k8s.io", "v1", "events", "Event", true, "ev") with
        {
            StorageKey = "/events",
            FromStored = EventConversion.FromCore,
            ToStored = EventConversion.ToCore,
        },
    ];

    private static ResourceKind[] Rbac() =>
    [
        Of("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", false),
        Of("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", false),
        Of("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", true),
        Of("rbac.authorization.k8s.io", "v1", "roles", "Role", true),
    ];

    private static ResourceKind[] PolicyAndNetworking() =>
    [
        Of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", true, "pdb") with { HasStatus = true, CountsGenerations = true },
        Of("networking.k8s.io", "v1", "ingressclasses", "IngressClass", false) with { CountsGenerations = true },
        Of("networking.k8s.io", "v1", "ingresses", "Ingress", true, "ing") with { HasStatus = true, CountsGenerations = true },
        Of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", true, "netpol") with { CountsGenerations = true },
        Of("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false, "pc") with { CountsGenerations = true },
    ];

    private static ResourceKind[] Extensions() =>
    [
        Of("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false, "crd", "crds") with
        {
            HasStatus = true,
            CountsGenerations = true,
            Categories = ["api-extensions"],
        },
        Of("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", false) with
        {
            HasStatus = true,
            CountsGenerations = true,
            Categories = ["api-extensions"],
        },
        Of("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", false) with
        {
            CountsGenerations = true,
            Categories = ["api-extensions"],
        },
    ];

    private static ResourceKind[] Reviews() =>
    [
        Review("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
        Review("authentication.k8s.io", "tokenreviews", "TokenReview"),
        Review("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview") with { Namespaced = true },
        Review("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        Review("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        Review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"),
    ];

    private static ResourceKind Of(string group, string version, string plural, string kind, bool namespaced, params string[] shortNames) =>
        new(group, version, plural, kind, namespaced) { ShortNames = shortNames };

    private static ResourceKind Workload(string group, string version, string plural, string kind, params string[] shortNames) =>
        Of(group, version, plural, kind, true, shortNames) with { HasStatus = true, CountsGenerations = true, Categories = ["all"] };

    // Reviews are asked, not stored.
    private static ResourceKind Review(string group, string plural, string kind) =>
        Of(group, "v1", plural, kind, false) with { Verbs = ["create"] };
}
