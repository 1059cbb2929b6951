using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Lifecycle;

/// <summary>Removes events an hour after they were last seen, as kube-apiserver does (<c>--event-ttl</c>).</summary>
internal sealed class EventExpiry(ObjectStore store, ResourceRegistry registry, ObjectWriter writer, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1), Interval = TimeSpan.FromMinutes(5);

    private readonly WriteContext _context = WriteContext.Internal("kube-apiserver");
    private ITimer? _timer;

    /// <summary>Looks for expired events from now on.</summary>
    public void Start() => _timer = time.CreateTimer(_ => Sweep(), null, Interval, Interval);

    /// <summary>Removes the events that have expired.</summary>
    public void Sweep()
    {
        ResourceKind kind = registry.Find("", "v1", "events")!;
        DateTimeOffset oldest = time.GetUtcNow() - Life;
        foreach (StoredObject stored in store.Read(kind.StorageKey).Objects.Where(stored => LastSeen(stored.ToJson()) < oldest))
        {
            try
            {
                writer.Delete(kind, stored.Namespace, stored.Name, new DeleteOptions(stored.Uid), _context);
            }
            catch (ApiException)
            {
                // Gone or replaced meanwhile.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private static DateTimeOffset LastSeen(JsonObject stored) => new[]
    {
        stored["metadata"]?["creationTimestamp"], stored["lastTimestamp"], stored["eventTime"], stored["series"]?["lastObservedTime"],
    }.Max(Read);

    private static DateTimeOffset Read(JsonNode? text) => DateTimeOffset.TryParse(
        ObjectMeta.TextOf(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
        ? moment
        : DateTimeOffset.MinValue;
}
