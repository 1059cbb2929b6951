using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Objects;

/// <summary>How to delete: metav1.DeleteOptions, from the body or the query.</summary>
/// <param name="Uid">The object must have this uid.</param>
/// <param name="ResourceVersion">The object must be at this version.</param>
/// <param name="GracePeriodSeconds">Null for the kind's default.</param>
/// <param name="PropagationPolicy">Foreground, Background, Orphan or null for the default.</param>
/// <param name="OrphanDependents">The older form of the policy.</param>
internal sealed record DeleteOptions(
    string? Uid = null,
    string? ResourceVersion = null,
    long? GracePeriodSeconds = null,
    string? PropagationPolicy = null,
    bool? OrphanDependents = null)
{
    /// <summary>Whether dependents go first.</summary>
    public bool IsForeground => PropagationPolicy == "Foreground";

    /// <summary>Whether dependents stay.</summary>
    public bool IsOrphan => PropagationPolicy == "Orphan" || OrphanDependents == true;

    /// <summary>Reads a body; what it lacks comes from the query.</summary>
    public static DeleteOptions Read(JsonObject? body, Func<string, string?> query) => new(
        (string?)body?["preconditions"]?["uid"],
        (string?)body?["preconditions"]?["resourceVersion"],
        body?["gracePeriodSeconds"]?.GetValue<long>() ?? (long.TryParse(query("gracePeriodSeconds"), out long seconds) ? seconds : null),
        (string?)body?["propagationPolicy"] ?? query("propagationPolicy"),
        body?["orphanDependents"]?.GetValue<bool>() ?? (bool.TryParse(query("orphanDependents"), out bool orphan) ? orphan : null));
}
