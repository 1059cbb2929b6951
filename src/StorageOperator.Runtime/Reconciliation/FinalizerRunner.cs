using System.Buffers;
using System.Globalization;
using System.Text.Json;
using StorageOperator.Model;
using StorageOperator.Runtime.Api;
using StorageOperator.Runtime.Stores;

namespace StorageOperator.Runtime.Reconciliation;

/// <summary>Runs the finalizers of one kind, one a pass.</summary>
internal abstract class FinalizerRunner<TEntity>
    where TEntity : class, IEntry
{
    /// <summary>
    /// Runs the first registered finalizer that a terminating object still has, and takes it off; null when there is none.
    /// </summary>
    public abstract Task<ReconciliationResult<TEntity>?> RunAsync(TEntity entity, CancellationToken ct);
}

/// <summary>The runner for entries that show their finalizers.</summary>
internal sealed class FinalizableRunner<TEntity>(
    ResourceType type, EntryDecoder<TEntity> decode, IApiClient client, IEntityStore<TEntity> store,
    IReadOnlyDictionary<string, IEntityFinalizer<TEntity>> finalizers)
    : FinalizerRunner<TEntity>
    where TEntity : class, IFinalizableEntry
{
    public override async Task<ReconciliationResult<TEntity>?> RunAsync(TEntity entity, CancellationToken ct)
    {
        if (!entity.IsTerminating || entity.Finalizers.FirstOrDefault(finalizers.ContainsKey) is not { } identifier)
        {
            return null;
        }

        var result = await finalizers[identifier].FinalizeAsync(entity, ct);
        if (result.IsSuccess && result.RequeueAfter is null)
        {
            var without = await client.PatchAsync(type, entity.Key, null, Without(result.Entity, identifier), decode, ct);
            store.Assume(without);
        }

        return result;
    }

    /// <summary>
    /// A merge patch replaces the list as a whole, so it carries the version: a finalizer added meanwhile must not be lost.
    /// </summary>
    private static ReadOnlyMemory<byte> Without(TEntity entity, string identifier)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartObject("metadata"u8);
        json.WriteString("resourceVersion"u8, entity.ResourceVersion.ToString(CultureInfo.InvariantCulture));
        json.WriteStartArray("finalizers"u8);
        foreach (var other in entity.Finalizers.Where(f => f != identifier))
        {
            json.WriteStringValue(other);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
