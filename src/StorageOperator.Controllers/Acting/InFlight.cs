using StorageOperator.Model;

namespace StorageOperator.Controllers.Acting;

/// <summary>The objects of one kind that plans under way touch, and who waits for them.</summary>
internal sealed class InFlight
{
    private readonly Dictionary<ObjectKey, List<Waiter>?> _touched = [];

    /// <summary>Marks an object as touched.</summary>
    public void Begin(ObjectKey key) => _touched.Add(key, null);

    /// <summary>Whether an object is touched; if so the waiter is called when it no longer is.</summary>
    public bool WaitFor(ObjectKey key, Waiter waiter)
    {
        if (!_touched.TryGetValue(key, out var waiters))
        {
            return false;
        }

        if (waiters is null)
        {
            _touched[key] = [waiter];
        }
        else if (!waiters.Contains(waiter))
        {
            waiters.Add(waiter);
        }

        return true;
    }

    /// <summary>Ends the mark.</summary>
    /// <returns>Who waits.</returns>
    public IEnumerable<Waiter> Release(ObjectKey key) => _touched.Remove(key, out var waiters) && waiters is not null ? waiters : [];
}
