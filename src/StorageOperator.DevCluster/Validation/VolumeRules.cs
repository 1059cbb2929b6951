using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Validation;

/// <summary>What volumes and claims have in common. Source: kubernetes pkg/apis/core/validation.</summary>
internal static class VolumeRules
{
    private const string OncePod = "ReadWriteOncePod";
    private static readonly string[] Modes = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", OncePod];

    public static void AccessModes(JsonObject spec, string path, FieldErrors errors)
    {
        var modes = spec.Texts("accessModes");
        foreach (var mode in modes.Except(Modes))
        {
            errors.NotSupported($"{path}.accessModes", mode, Modes);
        }

        if (modes.Contains(OncePod) && modes.Any(mode => mode != OncePod && Modes.Contains(mode)))
        {
            errors.Forbidden($"{path}.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
    }

    public static void VolumeMode(JsonObject spec, string path, FieldErrors errors)
    {
        if (spec.Text("volumeMode") is { } mode and not ("Block" or "Filesystem"))
        {
            errors.NotSupported($"{path}.volumeMode", mode, "Block", "Filesystem");
        }
    }

    public static void NotNegative(ResourceQuantity? quantity, string field, FieldErrors errors)
    {
        if (quantity is { Sign: < 0 })
        {
            errors.Invalid(field, quantity.ToString(), "must be a valid resource quantity");
        }
    }

    public static void NoBacksteps(string path, string field, FieldErrors errors)
    {
        if (path.Split('/').Contains(".."))
        {
            errors.Invalid(field, path, "must not contain '..'");
        }
    }

    /// <summary>The name of a CSI driver: a DNS subdomain of any case, at most 63 bytes.</summary>
    public static void DriverName(string? name, string field, FieldErrors errors)
    {
        if (string.IsNullOrEmpty(name))
        {
            errors.Required(field);
            return;
        }

        if (name.Length > 63)
        {
            errors.TooLong(field, 63);
        }

        errors.Invalid(field, name, ObjectNames.Subdomain(name.ToLowerInvariant()));
    }
}
