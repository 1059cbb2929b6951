namespace StorageOperator.DevCluster.Validation;

/// <summary>Finds the rules of a kind.</summary>
public static class ResourceStrategies
{
    private static readonly Dictionary<(string Group, string Resource), ResourceStrategy> Known = new()
    {
        [("", "persistentvolumes")] = new PersistentVolumeStrategy(),
        [("", "persistentvolumeclaims")] = new PersistentVolumeClaimStrategy(),
        [("storage.k8s.io", "storageclasses")] = new StorageClassStrategy(),
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
