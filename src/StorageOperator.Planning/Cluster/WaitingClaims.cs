using StorageOperator.Model;

namespace StorageOperator.Planning.Cluster;

/// <summary>The claims of one class that wait for a volume, by the size they ask for.</summary>
internal sealed class WaitingClaims
{
    private readonly SizeOrderedList<ClaimEntry> _bySize = new(claim => new SizeKey(claim.Request?.Bytes ?? 0, claim.Key));

    public int Count => _bySize.Count;

    public IEnumerable<ClaimEntry> All => _bySize.Ascending(long.MinValue);

    public void Add(ClaimEntry claim) => _bySize.Add(claim);

    public void Remove(ClaimEntry claim) => _bySize.Remove(claim);

    /// <summary>
    /// The claims that the volume satisfies, those that ask for most first: a new volume goes where least of it is wasted, which
    /// mirrors the rule that a claim takes the smallest volume that fits.
    /// </summary>
    public IEnumerable<ClaimEntry> FittingIn(VolumeEntry volume, Quantity capacity) => _bySize
        .Descending(capacity.Bytes)
        .Where(claim => claim.Defect is null
            && claim.VolumeMode == volume.VolumeMode
            && claim.AttributesClassName == volume.AttributesClassName
            && volume.AccessModes.Offers(claim.AccessModes.Set)
            && claim.Selector?.Matches(volume.Labels) != false);
}
