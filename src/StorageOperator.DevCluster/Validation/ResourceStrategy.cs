using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>What a write is addressed to.</summary>
public enum Endpoint
{
    /// <summary>The object itself.</summary>
    Main,

    /// <summary>Its <c>status</c> subresource.</summary>
    Status,

    /// <summary>A namespace's <c>finalize</c> subresource, which alone writes <c>spec.finalizers</c>.</summary>
    Finalize,
}

/// <summary>
/// The rules of one kind: what the API server fills in, what it lets an endpoint change and what it refuses. Pure: it only changes the
/// object it is given. The server calls <see cref="Decode"/> on everything a client sends (and on the result of every patch), then
/// <see cref="BeforeCreate"/> or <see cref="BeforeUpdate"/> inside its compare-and-swap.
/// Source: the strategies in kubernetes pkg/registry and k8s.io/apiserver/pkg/registry/rest (BeforeCreate, BeforeUpdate).
/// </summary>
public abstract class ResourceStrategy
{
    /// <summary>Whether objects of the kind live in namespaces.</summary>
    public abstract bool Namespaced { get; }

    /// <summary>Whether a PUT without resourceVersion overwrites whatever is there, instead of being refused.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Whether a PUT to a name that does not exist creates the object.</summary>
    public virtual bool CreatesOnUpdate => false;

    /// <summary>
    /// Brings an object from the wire into the form in which the API server keeps it: canonical quantities, no empty optional fields,
    /// defaults. Idempotent.
    /// </summary>
    /// <returns>Null, or why the object cannot be read: the detail of a 400.</returns>
    public virtual string? Decode(JsonObject decoded)
    {
        ArgumentNullException.ThrowIfNull(decoded);
        var problem = CanonicalForm.Apply(decoded);
        if (problem is null)
        {
            Default(decoded);
        }

        return problem;
    }

    /// <summary>
    /// Prepares and checks an object about to be created. Its name, uid and creationTimestamp are already set and its namespace is the
    /// request's.
    /// </summary>
    /// <param name="created">The decoded object; changed in place.</param>
    /// <param name="now">The server's time.</param>
    /// <returns>Why the object is refused (a 422); empty if it may be stored.</returns>
    public IReadOnlyList<FieldError> BeforeCreate(JsonObject created, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(created);
        created.Ensure("metadata");
        PrepareForCreate(created, now);
        var errors = new FieldErrors();
        ObjectMetaRules.Validate(created.Metadata(), Namespaced, NameRule, errors);
        Validate(created, errors);
        Canonicalize(created);
        return errors.Found;
    }

    /// <summary>Prepares and checks a changed object against what is stored.</summary>
    /// <param name="updated">The decoded new object; changed in place. Its resourceVersion is the one that was or will be compared.</param>
    /// <param name="existing">What is stored; not changed.</param>
    /// <param name="endpoint">Where the write is addressed to.</param>
    /// <param name="now">The server's time.</param>
    /// <returns>Why the change is refused (a 422); empty if it may be stored.</returns>
    public IReadOnlyList<FieldError> BeforeUpdate(JsonObject updated, JsonObject existing, Endpoint endpoint, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(updated);
        ArgumentNullException.ThrowIfNull(existing);
        updated.Ensure("metadata").Restore(existing.Metadata(), "generation");
        switch (endpoint)
        {
            case Endpoint.Main:
                PrepareForUpdate(updated, existing);
                break;
            case Endpoint.Status:
                PrepareForStatusUpdate(updated, existing, now);
                break;
            default:
                updated.Restore(existing, "status");
                break;
        }

        KeepSystemMetadata(updated.Metadata(), existing.Metadata());
        var errors = new FieldErrors();
        ObjectMetaRules.Validate(updated.Metadata(), Namespaced, ObjectNames.PathSegment, errors);
        ObjectMetaRules.ValidateUpdate(updated.Metadata(), existing.Metadata(), errors);
        switch (endpoint)
        {
            case Endpoint.Main:
                ValidateUpdate(updated, existing, errors);
                break;
            case Endpoint.Status:
                ValidateStatusUpdate(updated, existing, errors);
                break;
            default:
                Validate(updated, errors);
                break;
        }

        Canonicalize(updated);
        return errors.Found;
    }

    /// <summary>Warnings for the person who wrote the object: the texts of <c>Warning</c> headers.</summary>
    public virtual IReadOnlyList<string> Warnings(JsonObject written) => [];

    /// <summary>What the name must satisfy.</summary>
    protected virtual IReadOnlyList<string> NameRule(string name) => ObjectNames.Subdomain(name);

    /// <summary>Fills in what an omitted field means.</summary>
    protected virtual void Default(JsonObject decoded)
    {
    }

    /// <summary>Clears what a client may not set on creation, sets what the server sets.</summary>
    protected virtual void PrepareForCreate(JsonObject created, DateTimeOffset now)
    {
    }

    /// <summary>Restores what the main endpoint may not change.</summary>
    protected virtual void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
        ArgumentNullException.ThrowIfNull(updated);
        updated.Restore(existing, "status");
    }

    /// <summary>Restores what the status endpoint may not change.</summary>
    protected virtual void PrepareForStatusUpdate(JsonObject updated, JsonObject existing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(updated);
        updated.Restore(existing, "spec");
    }

    /// <summary>Checks a new object; its metadata is checked already.</summary>
    protected virtual void Validate(JsonObject created, FieldErrors errors)
    {
    }

    /// <summary>Checks a change made on the main endpoint; its metadata is checked already.</summary>
    protected virtual void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
    }

    /// <summary>Checks a change made on the status endpoint; its metadata is checked already.</summary>
    protected virtual void ValidateStatusUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
    }

    /// <summary>Brings a valid object into its final form.</summary>
    protected virtual void Canonicalize(JsonObject valid)
    {
    }

    /// <summary>Counts the generation up when one of the fields differs from what is stored.</summary>
    protected static void CountGeneration(JsonObject updated, JsonObject existing, params ReadOnlySpan<string> fields)
    {
        ArgumentNullException.ThrowIfNull(updated);
        foreach (var field in fields)
        {
            if (!JsonReading.Same(updated[field], existing[field]))
            {
                updated.Ensure("metadata")["generation"] = (existing.Metadata().Number("generation") ?? 0) + 1;
                return;
            }
        }
    }

    // An update can neither change nor remove what only the system sets; leaving it out is not an attempt to.
    private static void KeepSystemMetadata(JsonObject metadata, JsonObject existing)
    {
        if (string.IsNullOrEmpty(metadata.Text("uid")))
        {
            metadata.Restore(existing, "uid");
        }

        metadata.Restore(existing, "creationTimestamp");
        if (existing.Has("deletionTimestamp"))
        {
            metadata.Restore(existing, "deletionTimestamp");
        }

        if (!metadata.Has("deletionGracePeriodSeconds"))
        {
            metadata.Restore(existing, "deletionGracePeriodSeconds");
        }
    }
}
