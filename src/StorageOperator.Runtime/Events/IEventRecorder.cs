using StorageOperator.Model;

namespace StorageOperator.Runtime.Events;

/// <summary>The two types of event that Kubernetes knows.</summary>
public enum EventType
{
    /// <summary>Things go as they should.</summary>
    Normal,

    /// <summary>Somebody should look.</summary>
    Warning,
}

/// <summary>The object an event is about.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Key">Its name; events of cluster-scoped objects go to the namespace <c>default</c>.</param>
/// <param name="Uid">Its identity.</param>
/// <param name="ResourceVersion">Its version, 0 for none.</param>
public sealed record EventSubject(ResourceType Type, ObjectKey Key, string Uid, ulong ResourceVersion);

/// <summary>
/// Tells people what happened to an object, as events.k8s.io/v1 Events. Returns at once and never fails: events are sent in the
/// background, repeated ones as a series, and are dropped and counted when too many wait.
/// </summary>
public interface IEventRecorder
{
    /// <summary>Records an event.</summary>
    /// <param name="about">The object it is about (<c>regarding</c>).</param>
    /// <param name="type">Normal or Warning.</param>
    /// <param name="reason">Why, in CamelCase, at most 128 characters.</param>
    /// <param name="action">What was done or tried, in CamelCase, at most 128 characters.</param>
    /// <param name="note">The sentence for a person; cut to 1024 bytes.</param>
    /// <param name="related">Another object that matters.</param>
    void Record(EventSubject about, EventType type, string reason, string action, string note, EventSubject? related = null);
}
