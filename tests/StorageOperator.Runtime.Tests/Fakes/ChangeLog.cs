using StorageOperator.Runtime.Stores;

namespace StorageOperator.Runtime.Tests.Fakes;

/// <summary>Writes down a store's changes as <c>+a=1</c>, <c>~a=2</c>, <c>-a</c>.</summary>
internal sealed class ChangeLog : IStoreObserver<Widget>
{
    private readonly Lock _gate = new();
    private readonly List<StoreChange<Widget>> _changes = [];

    public IReadOnlyList<StoreChange<Widget>> Changes
    {
        get
        {
            lock (_gate)
            {
                return [.. _changes];
            }
        }
    }

    public string Text => string.Join(' ', Changes.Select(c => (c.Before, c.After) switch
    {
        (null, { } after) => $"+{after.Key.Name}={after.ResourceVersion}",
        ({ }, { } after) => $"~{after.Key.Name}={after.ResourceVersion}",
        ({ } before, null) => $"-{before.Key.Name}",
        _ => "?",
    }));

    public void OnChange(in StoreChange<Widget> change)
    {
        lock (_gate)
        {
            _changes.Add(change);
        }
    }
}
