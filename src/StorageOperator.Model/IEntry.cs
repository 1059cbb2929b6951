namespace StorageOperator.Model;

/// <summary>
/// A lean, immutable view of one version of one API object: the fields this program decides by, nothing else.
/// An entry is never written back whole; every write is a patch of the fields that change.
/// </summary>
public interface IEntry
{
    /// <summary>Namespace and name.</summary>
    ObjectKey Key { get; }

    /// <summary>The API server's identity of this object: a re-created object of the same name has another.</summary>
    string Uid { get; }

    /// <summary>
    /// The version of this object. Versions of one kind are comparable as integers (promised for all of Kubernetes' own kinds
    /// and custom resources since 1.35, true in practice since 1.0); 0 for an entry that never came from a server.
    /// </summary>
    ulong ResourceVersion { get; }
}
