using StorageOperator.Model;

namespace StorageOperator.Runtime.Events;

/// <summary>What makes two events the same one.</summary>
internal sealed record EventIdentity(ResourceType Type, ObjectKey Key, string Uid, EventType EventType, string Reason, string Action, string Note);

/// <summary>Who reports events.</summary>
/// <param name="Controller">The reporting controller, such as <c>storageoperator.io/controller</c>.</param>
/// <param name="Instance">This process.</param>
internal sealed record EventSource(string Controller, string Instance);

/// <summary>One event, and how often it has happened.</summary>
internal sealed class EventSeries(EventIdentity about, string name, ulong version, EventSubject? related, DateTimeOffset first, string clusterNamespace)
{
    public EventIdentity Event { get; } = about;

    public string Name { get; } = name;

    /// <summary>The object's namespace; for a cluster-scoped one <c>default</c>, or <c>kube-system</c> on old servers.</summary>
    public string Namespace { get; set; } = about.Key.Namespace.Length == 0 ? clusterNamespace : about.Key.Namespace;

    public ulong SubjectVersion { get; } = version;

    public EventSubject? Related { get; } = related;

    public DateTimeOffset First { get; } = first;

    public DateTimeOffset Last { get; set; } = first;

    public int Count { get; set; } = 1;

    public int ToldCount { get; set; } = 1;

    public DateTimeOffset? ToldAt { get; set; }
}
