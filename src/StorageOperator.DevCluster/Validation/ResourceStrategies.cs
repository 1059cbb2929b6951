namespace StorageOperator.DevCluster.Validation;

/// <summary>Finds the rules of a kind.</summary>
public static class ResourceStrategies
{
    private static readonly Dictionary<(string Group, string Resource), ResourceStrategy> Known = new()
    {
        [("", "configmaps")] = ManifestStrategy.Plain,
        [("", "events")] = EventStrategy.Core,
        [("", "namespaces")] = new NamespaceStrategy(),
        [("", "nodes")] = new NodeStrategy(),
        [("", "persistentvolumeclaims")] = new PersistentVolumeClaimStrategy(),
        [("", "persistentvolumes")] = new PersistentVolumeStrategy(),
        [("", "pods")] = new PodStrategy(),
        [("", "secrets")] = ManifestStrategy.Secret,
        [("", "serviceaccounts")] = ManifestStrategy.Plain,
        [("", "services")] = ManifestStrategy.Service,
        [("apps", "daemonsets")] = ManifestStrategy.DaemonSet,
        [("apps", "deployments")] = ManifestStrategy.Deployment,
        [("apps", "replicasets")] = ManifestStrategy.ReplicaSet,
        [("apps", "statefulsets")] = ManifestStrategy.StatefulSet,
        [("batch", "cronjobs")] = ManifestStrategy.CronJob,
        [("batch", "jobs")] = ManifestStrategy.Job,
        [("coordination.k8s.io", "leases")] = new LeaseStrategy(),
        [("events.k8s.io", "events")] = EventStrategy.Events,
        [("networking.k8s.io", "networkpolicies")] = ManifestStrategy.WithGeneration,
        [("policy", "poddisruptionbudgets")] = ManifestStrategy.WithGeneration,
        [("storage.k8s.io", "csidrivers")] = new CsiDriverStrategy(),
        [("storage.k8s.io", "csinodes")] = new CsiNodeStrategy(),
        [("storage.k8s.io", "csistoragecapacities")] = new CsiStorageCapacityStrategy(),
        [("storage.k8s.io", "storageclasses")] = new StorageClassStrategy(),
        [("storage.k8s.io", "volumeattachments")] = new VolumeAttachmentStrategy(),
        [("storage.k8s.io", "volumeattributesclasses")] = new VolumeAttributesClassStrategy(),
    };

    /// <summary>The rules of a built-in kind.</summary>
    /// <param name="group">API group, empty for core.</param>
    /// <param name="resource">Plural name, such as <c>persistentvolumeclaims</c>.</param>
    /// <param name="namespaced">For kinds without rules of their own: whether they live in namespaces.</param>
    public static ResourceStrategy For(string group, string resource, bool namespaced) =>
        Known.TryGetValue((group, resource), out var strategy) ? strategy
        : namespaced ? PlainStrategy.InNamespaces
        : PlainStrategy.ClusterWide;
}

/// <summary>A kind for which only the rules of metadata are known: everything else is stored as it is sent.</summary>
public sealed class PlainStrategy : ResourceStrategy
{
    private PlainStrategy(bool namespaced) => Namespaced = namespaced;

    /// <summary>For kinds in namespaces.</summary>
    public static PlainStrategy InNamespaces { get; } = new(namespaced: true);

    /// <summary>For kinds outside of namespaces.</summary>
    public static PlainStrategy ClusterWide { get; } = new(namespaced: false);

    /// <inheritdoc/>
    public override bool Namespaced { get; }

    /// <inheritdoc/>
    protected override IReadOnlyList<string> NameRule(string name) => ObjectNames.PathSegment(name);
}
