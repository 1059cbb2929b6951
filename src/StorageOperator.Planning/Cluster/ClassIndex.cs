using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>All known classes.</summary>
public sealed class ClassIndex
{
    private readonly Dictionary<string, ClassEntry> _byName = new(StringComparer.Ordinal);

    /// <summary>The class of a name, or null.</summary>
    public ClassEntry? Get(string name) => _byName.GetValueOrDefault(name);

    /// <summary>
    /// The default class, or null: of several the newest, then the first by name, as the API server's admission and
    /// kube-controller-manager choose.
    /// </summary>
    public ClassEntry? Default { get; private set; }

    /// <summary>Takes in a new or changed class.</summary>
    public void Set(ClassEntry entry)
    {
        _byName[entry.Name] = entry;
        Default = ChooseDefault();
    }

    /// <summary>Forgets a class; nothing happens if it is unknown.</summary>
    public void Remove(string name)
    {
        _byName.Remove(name);
        Default = ChooseDefault();
    }

    private ClassEntry? ChooseDefault() => _byName.Values
        .Where(entry => entry.IsDefault)
        .OrderByDescending(entry => entry.CreatedAt, StringComparer.Ordinal)
        .ThenBy(entry => entry.Name, StringComparer.Ordinal)
        .FirstOrDefault();
}
