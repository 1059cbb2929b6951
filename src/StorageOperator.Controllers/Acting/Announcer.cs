using StorageOperator.Model;
using StorageOperator.Planning.Plans;
using StorageOperator.Runtime.Events;

namespace StorageOperator.Controllers.Acting;

/// <summary>Tells people what plans say, once: an object's event is repeated only when it reads differently from the last.</summary>
internal sealed class Announcer(IEventRecorder recorder)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Reason, string Note)> _last = new(StringComparer.Ordinal);

    public void Tell(IEnumerable<PlannedEvent> events)
    {
        foreach (var told in events)
        {
            if (IsNews(told))
            {
                recorder.Record(
                    new EventSubject(told.About, told.Key, told.Uid, told.ResourceVersion),
                    told.IsWarning ? EventType.Warning : EventType.Normal, told.Reason, "Reconcile", told.Note);
            }
        }
    }

    /// <summary>Forgets what was told about an object that is gone or has moved on.</summary>
    public void Forget(IEntry entry)
    {
        lock (_gate)
        {
            _last.Remove(entry.Uid);
        }
    }

    private bool IsNews(PlannedEvent told)
    {
        lock (_gate)
        {
            if (_last.TryGetValue(told.Uid, out var last) && last == (told.Reason, told.Note))
            {
                return false;
            }

            _last[told.Uid] = (told.Reason, told.Note);
            return true;
        }
    }
}
