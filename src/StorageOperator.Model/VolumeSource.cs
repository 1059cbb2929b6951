namespace StorageOperator.Model;

/// <summary>Where a volume's bytes are, as far as this program needs to know.</summary>
/// <param name="Plugin">The field's name in the volume's spec, such as <c>hostPath</c>, <c>nfs</c>, <c>csi</c>, <c>local</c>; empty when there is none.</param>
/// <param name="Driver">The CSI driver, for <c>csi</c>.</param>
/// <param name="Path">The path, for <c>hostPath</c>, <c>local</c> and <c>nfs</c>. Attacker's input: never used as a path unchecked.</param>
/// <param name="Server">The server, for <c>nfs</c>.</param>
/// <param name="Handle">The volume handle, for <c>csi</c>.</param>
public sealed record VolumeSource(string Plugin, string? Driver = null, string? Path = null, string? Server = null, string? Handle = null)
{
    /// <summary>No source at all.</summary>
    public static readonly VolumeSource None = new("");
}
