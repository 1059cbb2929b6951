using System.Globalization;
using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Resources;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Objects;

/// <summary>
/// Every write to an object, whoever asks for it: the order of steps is the real server's (decode, admission, strategy, validation,
/// compare-and-swap), see k/k:staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go.
/// </summary>
internal sealed class ObjectWriter(ObjectStore store, ObjectRules rules, TimeProvider time)
{
    /// <summary>How often a write without a resourceVersion is tried again when others were faster.</summary>
    private const int MaxAttempts = 20;

    /// <summary>Creates an object.</summary>
    public StoredObject Create(ResourceKind kind, string ns, JsonObject value, WriteContext context)
    {
        JsonObject metadata = ObjectMeta.MetadataOf(value);
        if (ObjectMeta.TextOf(metadata["resourceVersion"]) is { Length: > 0 } and not "0")
        {
            throw new ApiException(500, "", "resourceVersion should not be set on objects to be created");
        }
        SetNamespace(kind, ns, metadata);
        bool generates = ObjectMeta.TextOf(metadata["name"]).Length == 0 && ObjectMeta.TextOf(metadata["generateName"]).Length > 0;
        for (int attempt = 1; ; attempt++)
        {
            JsonObject created = (JsonObject)value.DeepClone();
            if (generates)
            {
                created["metadata"]!["name"] = ObjectMeta.GenerateName(ObjectMeta.Text(value, "generateName"));
            }
            if (CreateOnce(kind, ns, created, context) is { } stored)
            {
                return stored;
            }
            if (!generates || attempt == MaxAttempts)
            {
                throw ApiException.AlreadyExists(kind, ObjectMeta.Text(created, "name"));
            }
        }
    }

    /// <summary>
    /// Changes an object: <paramref name="change"/> gets a copy of its present state and gives the new one. It is called again when
    /// another write came between, unless the new state names the resourceVersion it was made from.
    /// </summary>
    /// <param name="kind">The kind, in the version that the change speaks.</param>
    /// <param name="ns">The namespace, or empty.</param>
    /// <param name="name">The name.</param>
    /// <param name="subresource">Empty, <c>status</c> or <c>finalize</c>.</param>
    /// <param name="change">Makes the new state; null leaves the object alone.</param>
    /// <param name="context">Who writes and how.</param>
    /// <param name="isReplacement">Whether the new state comes whole from the client (PUT) rather than from a patch.</param>
    public StoredObject Update(
        ResourceKind kind, string ns, string name, string subresource, Func<JsonObject, JsonObject?> change, WriteContext context,
        bool isReplacement = false)
    {
        string key = StoredObject.KeyOf(ns, name);
        for (int attempt = 1; ; attempt++)
        {
            StoredObject current = store.Get(kind.StorageKey, key) ?? throw ApiException.NotFound(kind, name);
            JsonObject existing = ToKind(kind, current);
            if (change((JsonObject)existing.DeepClone()) is not { } updated)
            {
                return current;
            }
            bool isConditional = CheckPreconditions(kind, current, updated, subresource, isReplacement);
            if (UpdateOnce(kind, current, existing, updated, subresource, context) is { } stored)
            {
                return stored;
            }
            if (isConditional || attempt == MaxAttempts)
            {
                throw ApiException.Modified(kind, name);
            }
        }
    }

    /// <summary>Like <see cref="Update"/>, but an object that does not exist is created from what the change makes of null.</summary>
    public StoredObject CreateOrUpdate(
        ResourceKind kind, string ns, string name, Func<JsonObject?, JsonObject?> change, WriteContext context, out bool created,
        bool isReplacement = false)
    {
        for (int attempt = 1; ; attempt++)
        {
            created = store.Get(kind.StorageKey, StoredObject.KeyOf(ns, name)) is null;
            try
            {
                return created
                    ? Create(kind, ns, change(null)!, context)
                    : Update(kind, ns, name, "", change, context, isReplacement);
            }
            catch (ApiException race) when (race.Reason == (created ? "AlreadyExists" : "NotFound") && attempt < MaxAttempts)
            {
                // It came or went in between: the other way then.
            }
        }
    }

    /// <summary>Assigns a pod to a node: what the scheduler writes through the binding subresource.</summary>
    public void Bind(ResourceKind kind, string ns, string name, string node, WriteContext context)
    {
        string key = StoredObject.KeyOf(ns, name);
        ResourceKind binding = kind.AsReported("pods/binding");
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            StoredObject current = store.Get(kind.StorageKey, key) ?? throw ApiException.NotFound(kind, name);
            JsonObject pod = ToKind(kind, current);
            JsonObject spec = pod["spec"]!.AsObject();
            if (current.IsTerminating)
            {
                throw ApiException.Conflict(binding, name, $"pod {name} is being deleted, cannot be assigned to a host");
            }
            if (ObjectMeta.TextOf(spec["nodeName"]) is { Length: > 0 } assigned)
            {
                throw ApiException.Conflict(binding, name, $"pod {name} is already assigned to node \"{assigned}\"");
            }
            spec["nodeName"] = node;
            pod["status"] ??= new JsonObject();
            pod["status"]!["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "PodScheduled",
                ["status"] = "True",
                ["lastProbeTime"] = null,
                ["lastTransitionTime"] = ObjectMeta.Timestamp(time.GetUtcNow()),
            });
            if (context.DryRun || store.Replace(kind.StorageKey, current, pod) is not null)
            {
                return;
            }
        }
        throw ApiException.Modified(kind, name);
    }

    /// <summary>Deletes an object, or marks it for deletion while something still holds it.</summary>
    /// <returns>The object's state now and whether it is gone.</returns>
    public (StoredObject State, bool IsGone) Delete(ResourceKind kind, string ns, string name, DeleteOptions options, WriteContext context)
    {
        string key = StoredObject.KeyOf(ns, name);
        ObjectRules.AdmitDeletion(kind, name);
        for (int attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            StoredObject current = store.Get(kind.StorageKey, key) ?? throw ApiException.NotFound(kind, name);
            Deletion.CheckPreconditions(kind, current, options);
            JsonObject value = ToKind(kind, current);
            bool wasTerminating = current.IsTerminating;
            bool holds = Deletion.Mark(kind, value, options, time.GetUtcNow());
            if (holds && wasTerminating && JsonNode.DeepEquals(value, ToKind(kind, current)))
            {
                return (current, false);
            }
            if (context.DryRun)
            {
                return (StoredObject.Preview(key, current.Revision, ToStored(kind, value)), !holds);
            }
            StoredObject? written = holds
                ? store.Replace(kind.StorageKey, current, ToStored(kind, value))
                : store.Remove(kind.StorageKey, current, ToStored(kind, value));
            if (written is not null)
            {
                rules.AfterWrite(kind, written, isGone: !holds);
                return (written, !holds);
            }
        }
        throw ApiException.Modified(kind, name);
    }

    /// <summary>A stored object in the form of a kind, with kind and apiVersion, to be changed by the caller.</summary>
    public static JsonObject ToKind(ResourceKind kind, StoredObject stored)
    {
        JsonObject value = stored.ToJson();
        return kind.Stamp(kind.FromStored?.Invoke(value) ?? value);
    }

    private static JsonObject ToStored(ResourceKind kind, JsonObject value) => kind.ToStored?.Invoke(value) ?? value;

    private StoredObject? CreateOnce(ResourceKind kind, string ns, JsonObject value, WriteContext context)
    {
        JsonObject metadata = (JsonObject)value["metadata"]!;
        DateTimeOffset now = time.GetUtcNow();
        foreach (string systemField in (string[])["resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            metadata.Remove(systemField);
        }
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = ObjectMeta.Timestamp(now);
        ObjectRules.Decode(kind, value, context);
        // Like the real server: what admission and strategy add belongs to nobody.
        ObjectRules.TrackCreation(kind, value, context, now);
        string name = ObjectMeta.Text(value, "name");
        rules.AdmitCreation(kind, ns, value);
        ObjectRules.BeforeCreate(kind, value, context, now);
        string key = StoredObject.KeyOf(ns, name);
        if (context.DryRun)
        {
            return store.Get(kind.StorageKey, key) is null ? StoredObject.Preview(key, 0, ToStored(kind, value)) : null;
        }
        StoredObject? stored = store.Create(kind.StorageKey, key, ToStored(kind, value));
        if (stored is not null)
        {
            rules.AfterWrite(kind, stored, isGone: false);
        }
        return stored;
    }

    private StoredObject? UpdateOnce(
        ResourceKind kind, StoredObject current, JsonObject existing, JsonObject updated, string subresource, WriteContext context)
    {
        DateTimeOffset now = time.GetUtcNow();
        ObjectRules.Decode(kind, updated, context);
        ObjectRules.BeforeUpdate(kind, updated, existing, subresource, context, now);
        if (subresource.Length == 0)
        {
            // Admission that only refuses comes last: an invalid change is told what is wrong with it.
            rules.AdmitUpdate(kind, updated, existing);
        }
        ObjectRules.Track(kind, existing, updated, subresource, context, now);
        bool isLastRelease = Deletion.IsReleased(updated);
        if (!isLastRelease && IsSame(updated, existing))
        {
            return current;
        }
        if (context.DryRun)
        {
            return StoredObject.Preview(current.Key, current.Revision, ToStored(kind, updated));
        }
        StoredObject? written = isLastRelease
            ? store.Remove(kind.StorageKey, current, ToStored(kind, updated))
            : store.Replace(kind.StorageKey, current, ToStored(kind, updated));
        if (written is not null)
        {
            rules.AfterWrite(kind, written, isLastRelease);
        }
        return written;
    }

    // Times of managers alone are no change: otherwise every repeated apply would be a write.
    private static bool IsSame(JsonObject updated, JsonObject existing)
    {
        if (updated.Count != existing.Count
            || updated.Any(member => member.Key != "metadata" && !IsSame(member.Value, existing, member.Key)))
        {
            return false;
        }
        JsonObject metadata = (JsonObject)updated["metadata"]!, before = (JsonObject)existing["metadata"]!;
        return metadata.Count == before.Count
            && metadata.All(member => member.Key is "resourceVersion" or "managedFields" || IsSame(member.Value, before, member.Key))
            && JsonNode.DeepEquals(WithoutTimes(metadata["managedFields"]), WithoutTimes(before["managedFields"]));
    }

    private static bool IsSame(JsonNode? value, JsonObject other, string name) =>
        other.TryGetPropertyValue(name, out JsonNode? counterpart) && JsonNode.DeepEquals(value, counterpart);

    private static JsonArray? WithoutTimes(JsonNode? managers)
    {
        JsonArray? copy = (JsonArray?)managers?.DeepClone();
        foreach (JsonNode? manager in copy ?? [])
        {
            (manager as JsonObject)?.Remove("time");
        }
        return copy;
    }

    // Returns whether the client has bound the write to a version.
    private static bool CheckPreconditions(
        ResourceKind kind, StoredObject current, JsonObject updated, string subresource, bool isReplacement)
    {
        string uid = ObjectMeta.Text(updated, "uid");
        if (isReplacement && uid.Length > 0 && uid != current.Uid)
        {
            throw ApiException.Conflict(
                kind, current.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }
        string version = ObjectMeta.Text(updated, "resourceVersion");
        if (version.Length == 0)
        {
            if (isReplacement && subresource.Length == 0 && !ObjectRules.AllowsUnconditionalUpdate(kind))
            {
                // The real server names the resource here, not the kind (store.go#Update).
                throw ApiException.Invalid(kind.AsReported(kind.Plural), current.Name, [new StatusCause(
                    "FieldValueInvalid", "Invalid value: 0: must be specified for an update", "metadata.resourceVersion")]);
            }
            ObjectMeta.MetadataOf(updated)["resourceVersion"] = StoredObject.RevisionText(current.Revision);
            return false;
        }
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out long revision))
        {
            throw ApiException.Invalid(kind, current.Name, [new StatusCause(
                "FieldValueInvalid", $"Invalid value: \"{version}\": must be an unsigned integer", "metadata.resourceVersion")]);
        }
        if (revision != current.Revision && revision != 0)
        {
            throw ApiException.Modified(kind, current.Name);
        }
        // A patch starts from the present state and so carries its version without having asked for it.
        return isReplacement && revision != 0;
    }

    private static void SetNamespace(ResourceKind kind, string ns, JsonObject metadata)
    {
        string own = ObjectMeta.TextOf(metadata["namespace"]);
        if (kind.Namespaced && own.Length > 0 && own != ns)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }
        if (kind.Namespaced)
        {
            metadata["namespace"] = ns;
        }
        else
        {
            metadata.Remove("namespace");
        }
    }
}
