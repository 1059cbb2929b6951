using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// A custom resource: its schema is checked elsewhere. The generation counts changes of everything but metadata, and of everything but
/// status where the status subresource is on. Source: apiextensions-apiserver pkg/registry/customresource/strategy.go.
/// </summary>
/// <param name="namespaced">The definition's scope.</param>
/// <param name="hasStatus">Whether the version has the status subresource.</param>
public sealed class CustomResourceStrategy(bool namespaced, bool hasStatus) : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => namespaced;

    /// <inheritdoc/>
    public override bool AllowsUnconditionalUpdate => false;

    /// <inheritdoc/>
    public override string? Decode(JsonObject decoded) => null;

    /// <inheritdoc/>
    protected override void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        if (hasStatus)
        {
            created.Remove("status");
        }

        created.Ensure("metadata")["generation"] = 1L;
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        ArgumentNullException.ThrowIfNull(updated);
        if (hasStatus)
        {
            updated.Restore(existing, "status");
        }

        if (!JsonReading.Same(Content(updated), Content(existing)))
        {
            updated.Ensure("metadata")["generation"] = (existing.Metadata().Number("generation") ?? 0) + 1;
        }
    }

    // Only status and the record of who manages which field come from a status update.
    /// <inheritdoc/>
    protected override void PrepareForStatusUpdate(JsonObject updated, JsonObject existing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(updated);
        ArgumentNullException.ThrowIfNull(existing);
        foreach (var field in updated.Select(entry => entry.Key).Union(existing.Select(entry => entry.Key)).ToList())
        {
            if (field is not ("status" or "metadata"))
            {
                updated.Restore(existing, field);
            }
        }

        var sent = updated.Metadata();
        var metadata = existing.Metadata().DeepClone().AsObject();
        metadata.Restore(sent, "managedFields");
        metadata.Restore(sent, "resourceVersion");
        updated["metadata"] = metadata;
    }

    private static JsonObject Content(JsonObject resource)
    {
        var copy = resource.DeepClone().AsObject();
        copy.Remove("metadata");
        copy.Remove("status");
        return copy;
    }
}
