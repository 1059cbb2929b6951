using StorageOperator.Model;

namespace StorageOperator.Runtime.Events;

/// <summary>What makes two events the same one.</summary>
internal sealed record EventIdentity(ResourceType Type, ObjectKey Key, string Uid, EventType EventType, string Reason, string Action, string Note);

/// <summary>Who reports events.</summary>
/// <param name="Controller">The reporting controller, such as <c>storageoperator.io/controller</c>.</param>
/// <param name="Instance">This process.</param>
internal sealed record EventSource(string Controller, string Instance);

/// <summary>One event, and how often it has happened.</summary>
internal sealed class EventSeries(EventIdentity about, string name, ulong version, EventSubject? related, DateTimeOffset first)
{
    public EventIdentity Event { get; } = about;

    public string Name { get; } = name;

    /// <summary>Events of cluster-scoped objects live in the namespace <c>default</c>: the API server accepts no other.</summary>
    public string Namespace { get; } = about.Key.Namespace.Length == 0 ? "default" : about.Key.Namespace;

    public ulong SubjectVersion { get; } = version;

    public EventSubject? Related { get; } = related;

    public DateTimeOffset First { get; } = first;

    public DateTimeOffset Last { get; set; } = first;

    public int Count { get; set; } = 1;

    public int ToldCount { get; set; } = 1;

    public DateTimeOffset? ToldAt { get; set; }
}
