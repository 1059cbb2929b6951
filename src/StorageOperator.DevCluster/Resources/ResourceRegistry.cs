using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Resources;

/// <summary>Which kinds are served right now: the built-in ones and those of the custom resource definitions.</summary>
internal sealed class ResourceRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);
    private volatile Table _table = Table.Of(BuiltInKinds.All);

    /// <summary>All kinds served, built-in ones first; another list as soon as something else is served.</summary>
    public IReadOnlyList<ResourceKind> Kinds => _table.Kinds;

    /// <summary>The custom resource definitions in force, by name.</summary>
    public IReadOnlyList<JsonObject> Definitions
    {
        get
        {
            lock (_gate)
            {
                return [.. _definitions.Values];
            }
        }
    }

    /// <summary>The kind served at a path, or null.</summary>
    public ResourceKind? Find(string group, string version, string plural) => _table.ByPath.GetValueOrDefault((group, version, plural));

    /// <summary>The kind of an object, or null.</summary>
    public ResourceKind? FindKind(string apiVersion, string kind) => _table.ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>Any served version of what is stored under a key, or null.</summary>
    public ResourceKind? FindStored(string storageKey) => _table.ByStorage.GetValueOrDefault(storageKey);

    /// <summary>Serves the versions of a definition, instead of what it defined before.</summary>
    public void Define(JsonObject definition)
    {
        lock (_gate)
        {
            _definitions[(string)definition["metadata"]!["name"]!] = definition;
            Rebuild_NeedsLock();
        }
    }

    /// <summary>Stops serving a definition's kinds.</summary>
    public void Undefine(string name)
    {
        lock (_gate)
        {
            _definitions.Remove(name);
            Rebuild_NeedsLock();
        }
    }

    private void Rebuild_NeedsLock() =>
        _table = Table.Of([.. BuiltInKinds.All, .. _definitions.Values.SelectMany(CustomResources.KindsOf)]);

    private sealed record Table(
        IReadOnlyList<ResourceKind> Kinds,
        FrozenDictionary<(string Group, string Version, string Plural), ResourceKind> ByPath,
        FrozenDictionary<(string ApiVersion, string Kind), ResourceKind> ByKind,
        FrozenDictionary<string, ResourceKind> ByStorage)
    {
        public static Table Of(IReadOnlyList<ResourceKind> kinds) => new(
            kinds,
            kinds.DistinctBy(PathOf).ToFrozenDictionary(PathOf),
            kinds.DistinctBy(TypeOf).ToFrozenDictionary(TypeOf),
            kinds.Where(kind => kind.FromStored is null).DistinctBy(kind => kind.StorageKey).ToFrozenDictionary(kind => kind.StorageKey));

        // Definitions may claim what is taken already; the first keeps it.
        private static (string Group, string Version, string Plural) PathOf(ResourceKind kind) => (kind.Group, kind.Version, kind.Plural);

        private static (string ApiVersion, string Kind) TypeOf(ResourceKind kind) => (kind.ApiVersion, kind.Kind);
    }
}
