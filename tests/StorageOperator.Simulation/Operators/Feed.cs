using StorageOperator.Model;
using StorageOperator.Runtime.Stores;
using StorageOperator.Simulation.Cluster;

namespace StorageOperator.Simulation.Operators;

/// <summary>What fills one of a process' stores: a list, then watch events one by one, whenever the network delivers them.</summary>
internal interface IFeed
{
    /// <summary>Whether the first list is in.</summary>
    bool HasListed { get; }

    /// <summary>How many changes have happened that the store has not heard of.</summary>
    int Behind { get; }

    /// <summary>Takes a list in place of all events up to now: what came and went meanwhile is never heard of.</summary>
    void List();

    /// <summary>Delivers the first list, or the next event.</summary>
    void Next();
}

/// <inheritdoc cref="IFeed"/>
/// <param name="server">The API server.</param>
/// <param name="table">What truly happened.</param>
/// <param name="store">The product's store.</param>
internal sealed class Feed<T>(ModelServer server, Table<T> table, EntityStore<T> store) : IFeed
    where T : class, IEntry
{
    private static readonly HashSet<ObjectKey> None = [];

    private int _position;

    public bool HasListed { get; private set; }

    public int Behind => HasListed ? table.Log.Count - _position : 1;

    public void List()
    {
        (HasListed, _position) = (true, table.Log.Count);
        store.Replace(table.All.ToArray(), None, server.Version);
    }

    public void Next()
    {
        if (!HasListed)
        {
            List();
            return;
        }

        var change = table.Log[_position++];
        if (change.After is { } entry)
        {
            store.ApplyEvent(entry);
        }
        else
        {
            store.ApplyDelete(change.Before!.Key, change.Before.Uid, change.Version);
        }
    }
}
