using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>
/// What every object's <c>metadata</c> must satisfy, whatever its kind. Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go
/// and pkg/apis/core/validation (ValidateObjectMeta, validateKubeFinalizerName).
/// </summary>
public static class ObjectMetaRules
{
    private const int AnnotationBytes = 256 * 1024;
    private static readonly string[] StandardFinalizers = ["kubernetes", "orphan", "foregroundDeletion"];

    /// <summary>Checks a new object's metadata after its name was generated.</summary>
    /// <param name="metadata">The object's <c>metadata</c>.</param>
    /// <param name="namespaced">Whether the kind lives in namespaces.</param>
    /// <param name="nameRule">What its name must satisfy.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public static void Validate(JsonObject metadata, bool namespaced, Func<string, IReadOnlyList<string>> nameRule, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        ArgumentNullException.ThrowIfNull(nameRule);
        if (metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            errors.Invalid("metadata.generateName", prefix, ObjectNames.Prefix(nameRule, prefix));
        }

        if (metadata.Text("name") is { Length: > 0 } name)
        {
            errors.Invalid("metadata.name", name, nameRule(name));
        }
        else
        {
            errors.Required("metadata.name", "name or generateName is required");
        }

        ValidateNamespace(metadata, namespaced, errors);
        Labels(metadata, "metadata", errors);
        Annotations(metadata, "metadata", errors);
        OwnerReferences(metadata, errors);
        Finalizers(metadata, errors);
    }

    /// <summary>Checks changed metadata against what is stored.</summary>
    public static void ValidateUpdate(JsonObject metadata, JsonObject existing, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (existing.Has("deletionTimestamp"))
        {
            NoNewFinalizers(metadata, existing, errors);
        }

        if (string.IsNullOrEmpty(metadata.Text("resourceVersion")))
        {
            errors.Invalid("metadata.resourceVersion", "", "must be specified for an update");
        }

        foreach (var field in new[] { "name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds" })
        {
            Immutable(metadata[field], existing[field], $"metadata.{field}", errors);
        }

        Labels(metadata, "metadata", errors);
        Annotations(metadata, "metadata", errors);
        OwnerReferences(metadata, errors);
        KubernetesFinalizers(metadata, errors);
    }

    /// <summary>An error if two values differ. Absent and null are the same.</summary>
    public static void Immutable(JsonNode? value, JsonNode? existing, string field, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (!JsonReading.Same(value, existing))
        {
            errors.Invalid(field, value, "field is immutable");
        }
    }

    /// <summary>Checks <c>labels</c> of <paramref name="metadata"/>.</summary>
    public static void Labels(JsonObject metadata, string path, FieldErrors errors) => Labels(metadata, "labels", $"{path}.labels", errors);

    internal static void Labels(JsonObject? parent, string name, string field, FieldErrors errors)
    {
        foreach (var (key, value) in parent.TextMap(name))
        {
            errors.Invalid(field, key, ObjectNames.QualifiedName(key));
            errors.Invalid(field, value, ObjectNames.LabelValue(value));
        }
    }

    /// <summary>Checks <c>annotations</c> of <paramref name="metadata"/>: qualified names of any case, 256 KiB in all.</summary>
    public static void Annotations(JsonObject metadata, string path, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var size = 0;
        foreach (var (key, value) in metadata.TextMap("annotations"))
        {
            errors.Invalid($"{path}.annotations", key, ObjectNames.QualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > AnnotationBytes)
        {
            errors.TooLong($"{path}.annotations", AnnotationBytes);
        }
    }

    private static void ValidateNamespace(JsonObject metadata, bool namespaced, FieldErrors errors)
    {
        var value = metadata.Text("namespace") ?? "";
        if (!namespaced)
        {
            if (value.Length > 0)
            {
                errors.Forbidden("metadata.namespace", "not allowed on this type");
            }
        }
        else if (value.Length == 0)
        {
            errors.Required("metadata.namespace");
        }
        else
        {
            errors.Invalid("metadata.namespace", value, ObjectNames.Label(value));
        }
    }

    private static void OwnerReferences(JsonObject metadata, FieldErrors errors)
    {
        const string field = "metadata.ownerReferences";
        string? controller = null;
        foreach (var (_, reference) in metadata.Objects("ownerReferences"))
        {
            OwnerReference(reference, field, errors);
            if (reference.Flag("controller") != true)
            {
                continue;
            }

            var named = $"{reference.Text("kind")}/{reference.Text("name")}";
            if (controller is not null)
            {
                errors.Invalid(field, metadata["ownerReferences"],
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {named}");
            }

            controller ??= named;
        }
    }

    private static void OwnerReference(JsonObject reference, string field, FieldErrors errors)
    {
        var apiVersion = reference.Text("apiVersion") ?? "";
        if (apiVersion.Length == 0 || apiVersion.EndsWith('/'))
        {
            errors.Invalid($"{field}.apiVersion", apiVersion, "version must not be empty");
        }

        foreach (var name in new[] { "kind", "name", "uid" })
        {
            if (string.IsNullOrEmpty(reference.Text(name)))
            {
                errors.Invalid($"{field}.{name}", "", "must not be empty");
            }
        }

        if (apiVersion == "v1" && reference.Text("kind") == "Event")
        {
            errors.Invalid(field, reference, "/v1, Kind=Event is disallowed from being an owner");
        }
    }

    private static void Finalizers(JsonObject metadata, FieldErrors errors)
    {
        var finalizers = metadata.Texts("finalizers");
        foreach (var finalizer in finalizers)
        {
            errors.Invalid("metadata.finalizers", finalizer, ObjectNames.QualifiedName(finalizer));
        }

        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            errors.Invalid("metadata.finalizers", metadata["finalizers"], "finalizer orphan and foregroundDeletion cannot be both set");
        }

        KubernetesFinalizers(metadata, errors);
    }

    private static void KubernetesFinalizers(JsonObject metadata, FieldErrors errors)
    {
        var finalizers = metadata.Texts("finalizers");
        for (var i = 0; i < finalizers.Count; i++)
        {
            if (!finalizers[i].Contains('/') && !StandardFinalizers.Contains(finalizers[i]))
            {
                errors.Invalid($"metadata.finalizers[{i}]", finalizers[i], "name is neither a standard finalizer name nor is it fully qualified");
            }
        }
    }

    private static void NoNewFinalizers(JsonObject metadata, JsonObject existing, FieldErrors errors)
    {
        var added = metadata.Texts("finalizers").Except(existing.Texts("finalizers")).Order(StringComparer.Ordinal).ToList();
        if (added.Count > 0)
        {
            var listed = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
            errors.Forbidden("metadata.finalizers",
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}");
        }
    }
}
