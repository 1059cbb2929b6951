using StorageOperator.Model;

namespace StorageOperator.Planning.Tests;

/// <summary>
/// The rules of matching as they are written down for Kubernetes, one volume after another, with the two differences this program
/// promises: a volume that points to the claim wins, and equals are told apart by name.
/// </summary>
internal static class NaiveMatcher
{
    private static readonly string[] KnownModes = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

    public static VolumeEntry? Find(IEnumerable<VolumeEntry> volumes, ClaimEntry claim, bool onlyPointing, Func<string, bool>? isReserved = null)
    {
        var suitable = volumes.Where(volume => Suits(volume, claim)).ToArray();
        var pointing = suitable.Where(volume => Points(volume, claim)).ToArray();
        if (pointing.Length > 0)
        {
            return pointing.OrderBy(volume => volume.ClaimRef!.Uid.Length == 0).ThenBy(volume => volume.Capacity!.Value.Bytes).ThenBy(volume => volume.Name, StringComparer.Ordinal).First();
        }

        return onlyPointing
            ? null
            : suitable
                .Where(volume => IsFree(volume, isReserved?.Invoke(volume.Name) == true) && volume.ClassName == claim.ClassName && claim.Selector?.Matches(volume.Labels) != false)
                .OrderBy(volume => volume.AccessModes.Written.Distinct().Count())
                .ThenBy(volume => volume.Capacity!.Value.Bytes)
                .ThenBy(volume => volume.Name, StringComparer.Ordinal)
                .FirstOrDefault();
    }

    public static bool IsFree(VolumeEntry volume, bool isReserved) =>
        volume is { ClaimRef: null, IsDeleting: false, Defect: null, Capacity: not null, Phase: "" or "Pending" or "Available" } && !isReserved;

    public static bool Points(VolumeEntry volume, ClaimEntry claim) =>
        volume.ClaimRef is { } pointer && pointer.Namespace == claim.Key.Namespace && pointer.Name == claim.Key.Name && (pointer.Uid.Length == 0 || pointer.Uid == claim.Uid);

    public static bool Offers(VolumeEntry volume, ClaimEntry claim) => claim.AccessModes.Written.All(mode => KnownModes.Contains(mode) && volume.AccessModes.Written.Contains(mode));

    public static bool Suits(VolumeEntry volume, ClaimEntry claim) => volume.Capacity is { } capacity && claim.Request is { } request
        && capacity.Bytes >= request.Bytes
        && volume.VolumeMode == claim.VolumeMode && claim.VolumeMode != VolumeMode.Unknown
        && volume.AttributesClassName == claim.AttributesClassName
        && !volume.IsDeleting
        && Offers(volume, claim);
}
