namespace StorageOperator.Model;

/// <summary>A volume's pointer to its claim.</summary>
/// <param name="Namespace">The claim's namespace.</param>
/// <param name="Name">The claim's name.</param>
/// <param name="Uid">The claim's UID; empty when a user reserved the volume by name only.</param>
public sealed record ClaimReference(string Namespace, string Name, string Uid)
{
    /// <summary>The claim's key.</summary>
    public ObjectKey Key => new(Namespace, Name);

    /// <summary>Whether it points to this very claim, or to its name without saying which.</summary>
    public bool PointsTo(ClaimEntry claim) => Key == claim.Key && (Uid.Length == 0 || Uid == claim.Uid);
}
