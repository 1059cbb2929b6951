namespace StorageOperator.DevCluster.Schema;

/// <summary>What kind an object is.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version, such as v1.</param>
/// <param name="Kind">The kind, such as PersistentVolume.</param>
public readonly record struct GroupVersionKind(string Group, string Version, string Kind)
{
    /// <summary>The object's apiVersion: the version alone in the core group, else group/version.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;

    /// <summary>The kind with its apiVersion, as Go's schema package prints it: <c>storage.k8s.io/v1, Kind=StorageClass</c>.</summary>
    public override string ToString() => $"{ApiVersion}, Kind={Kind}";
}
