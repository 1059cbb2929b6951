using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Simulation;

/// <summary>A kind that the stand-in for scheduler and kubelet works with.</summary>
/// <param name="Group">API group, empty for core.</param>
/// <param name="Plural">Resource name in paths.</param>
public readonly record struct SimulatedResource(string Group, string Plural)
{
    /// <summary>core/v1 pods.</summary>
    public static readonly SimulatedResource Pods = new("", "pods");

    /// <summary>core/v1 persistentvolumeclaims.</summary>
    public static readonly SimulatedResource Claims = new("", "persistentvolumeclaims");

    /// <summary>core/v1 persistentvolumes.</summary>
    public static readonly SimulatedResource Volumes = new("", "persistentvolumes");

    /// <summary>core/v1 nodes.</summary>
    public static readonly SimulatedResource Nodes = new("", "nodes");

    /// <summary>core/v1 events.</summary>
    public static readonly SimulatedResource Events = new("", "events");

    /// <summary>storage.k8s.io/v1 storageclasses.</summary>
    public static readonly SimulatedResource Classes = new("storage.k8s.io", "storageclasses");

    /// <summary>storage.k8s.io/v1 csinodes.</summary>
    public static readonly SimulatedResource CsiNodes = new("storage.k8s.io", "csinodes");
}

/// <summary>How an update is addressed.</summary>
public enum SimulatedEndpoint
{
    /// <summary>The object itself.</summary>
    Main,

    /// <summary>Its status.</summary>
    Status,

    /// <summary>A pod's binding: sets <c>spec.nodeName</c>, once.</summary>
    Binding,
}

/// <summary>Something was written.</summary>
/// <param name="Resource">Its kind.</param>
/// <param name="Object">Its new state, or the last one of an object that is gone.</param>
/// <param name="IsGone">Whether it no longer exists.</param>
public sealed record SimulatedChange(SimulatedResource Resource, JsonObject Object, bool IsGone);

/// <summary>
/// What the stand-in for scheduler and kubelet needs from the API server: present states, conditional writes, and news of every write.
/// Objects that are given out belong to the caller.
/// </summary>
public interface ISimulationApi
{
    /// <summary>The object, or null. <paramref name="ns"/> is empty for kinds outside of namespaces.</summary>
    JsonObject? Get(SimulatedResource resource, string ns, string name);

    /// <summary>All objects of a kind, in every namespace.</summary>
    IReadOnlyList<JsonObject> List(SimulatedResource resource);

    /// <summary>Creates an object; false if one of that name exists or the server refuses it.</summary>
    bool Create(SimulatedResource resource, JsonObject created);

    /// <summary>Writes an object that was read before; false if it has changed or gone since, or the server refuses it.</summary>
    bool Update(SimulatedResource resource, JsonObject updated, SimulatedEndpoint endpoint);

    /// <summary>Removes a pod whose containers have ended, if it is still the one with this uid.</summary>
    void RemovePod(string ns, string name, string uid);

    /// <summary>Every write from the call on, until cancelled.</summary>
    IAsyncEnumerable<SimulatedChange> WatchAsync(CancellationToken cancellation);
}
