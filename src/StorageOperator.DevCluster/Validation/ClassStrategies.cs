using System.Text;
using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>StorageClass. Source: kubernetes pkg/apis/storage/validation, pkg/apis/storage/v1/defaults.go.</summary>
public sealed class StorageClassStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    protected override void Default(JsonObject decoded)
    {
        decoded.Default("reclaimPolicy", "Delete");
        decoded.Default("volumeBindingMode", "Immediate");
    }

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        ClassRules.Driver(created.Text("provisioner"), "provisioner", errors);
        ClassRules.Parameters(created, required: false, errors);
        if (created.Text("reclaimPolicy") is { Length: > 0 } policy and not ("Delete" or "Retain"))
        {
            errors.NotSupported("reclaimPolicy", policy, "Delete", "Retain");
        }

        if (created.Text("volumeBindingMode") is not ("Immediate" or "WaitForFirstConsumer"))
        {
            errors.NotSupported("volumeBindingMode", created["volumeBindingMode"], "Immediate", "WaitForFirstConsumer");
        }

        AllowedTopologies(created, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        Validate(updated, errors);
        foreach (var field in new[] { "parameters", "provisioner", "reclaimPolicy", "volumeBindingMode" })
        {
            ObjectMetaRules.Immutable(updated[field], existing[field], field, errors);
        }
    }

    private static void AllowedTopologies(JsonObject storageClass, FieldErrors errors)
    {
        var seen = new List<JsonNode?>();
        foreach (var (index, term) in storageClass.Objects("allowedTopologies"))
        {
            var path = $"allowedTopologies[{index}]";
            TopologyTerm(term, path, errors);
            if (seen.Any(earlier => JsonReading.Same(earlier, term["matchLabelExpressions"])))
            {
                errors.Duplicate($"{path}.matchLabelExpressions", "");
            }

            seen.Add(term["matchLabelExpressions"]);
        }
    }

    private static void TopologyTerm(JsonObject term, string path, FieldErrors errors)
    {
        var keys = new HashSet<string>();
        foreach (var (index, expression) in term.Objects("matchLabelExpressions"))
        {
            var at = $"{path}.matchLabelExpressions[{index}]";
            var key = expression.Text("key") ?? "";
            var values = expression.Texts("values");
            if (values.Count == 0)
            {
                errors.Required($"{at}.values");
            }

            var distinct = new HashSet<string>();
            for (var i = 0; i < values.Count; i++)
            {
                if (!distinct.Add(values[i]))
                {
                    errors.Duplicate($"{at}.values[{i}]", values[i]);
                }
            }

            errors.Invalid($"{at}.key", key, ObjectNames.QualifiedName(key));
            if (!keys.Add(key))
            {
                errors.Duplicate($"{at}.key", key);
            }
        }
    }
}

/// <summary>VolumeAttributesClass: driver and parameters can never change. Source: kubernetes pkg/apis/storage/validation.</summary>
public sealed class VolumeAttributesClassStrategy : ResourceStrategy
{
    /// <inheritdoc/>
    public override bool Namespaced => false;

    /// <inheritdoc/>
    protected override void PrepareForUpdate(JsonObject updated, JsonObject existing)
    {
    }

    /// <inheritdoc/>
    protected override void Validate(JsonObject created, FieldErrors errors)
    {
        ClassRules.Driver(created.Text("driverName"), "driverName", errors);
        ClassRules.Parameters(created, required: true, errors);
    }

    /// <inheritdoc/>
    protected override void ValidateUpdate(JsonObject updated, JsonObject existing, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        foreach (var field in new[] { "driverName", "parameters" })
        {
            if (!JsonReading.Same(updated[field], existing[field]))
            {
                errors.Forbidden(field, $"updates to {field} are forbidden.");
            }
        }

        Validate(updated, errors);
    }
}

/// <summary>What the two kinds of class have in common.</summary>
internal static class ClassRules
{
    private const int ParameterCount = 512;
    private const int ParameterBytes = 256 * 1024;

    public static void Driver(string? driver, string field, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(driver))
        {
            errors.Required(field);
        }
        else
        {
            errors.Invalid(field, driver, ObjectNames.QualifiedName(driver.ToLowerInvariant()));
        }
    }

    public static void Parameters(JsonObject owner, bool required, FieldErrors errors)
    {
        var parameters = owner.TextMap("parameters").ToList();
        if (parameters.Count > ParameterCount)
        {
            errors.TooLong("parameters", ParameterCount);
            return;
        }

        foreach (var (key, _) in parameters.Where(parameter => parameter.Key.Length == 0))
        {
            errors.Invalid("parameters", key, "field can not be empty.");
        }

        if (parameters.Sum(parameter =>
            Encoding.UTF8.GetByteCount(parameter.Key) + Encoding.UTF8.GetByteCount(parameter.Value)) > ParameterBytes)
        {
            errors.TooLong("parameters", ParameterBytes);
        }

        if (required && parameters.Count == 0)
        {
            errors.Required("parameters", "must contain at least one key/value pair");
        }
    }
}
