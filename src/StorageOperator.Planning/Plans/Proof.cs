using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>
/// Something that must be known for certain, not only from a cache that may lag, before a plan can be made: planning stops with the
/// question, the caller reads the API server itself, puts the answer into the state, and plans again.
/// </summary>
public abstract record Proof
{
    private Proof()
    {
    }

    /// <summary>Whether the claim of this UID is gone. Answered through <see cref="Cluster.DepartedClaims"/> or by a newer claim.</summary>
    /// <param name="Claim">The claim's key.</param>
    /// <param name="Uid">The UID the volume remembers.</param>
    public sealed record ClaimIsGone(ObjectKey Claim, string Uid) : Proof;

    /// <summary>That the claim is just as known. Answered by a read that no cache serves; if it is gone, also through <see cref="Cluster.DepartedClaims"/>.</summary>
    /// <param name="Claim">The claim's key.</param>
    /// <param name="Uid">Its UID.</param>
    /// <param name="ResourceVersion">The version it is known at.</param>
    public sealed record ClaimIsCurrent(ObjectKey Claim, string Uid, ulong ResourceVersion) : Proof
    {
        /// <summary>That a claim is just as it is here.</summary>
        public static ClaimIsCurrent Of(ClaimEntry claim) => new(claim.Key, claim.Uid, claim.ResourceVersion);
    }

    /// <summary>That no pod on a node uses the claim. Answered by a fresh list of the namespace's pods.</summary>
    /// <param name="Claim">The claim's key.</param>
    public sealed record ClaimIsUnused(ObjectKey Claim) : Proof;

    /// <summary>That the volume is just as known. Answered by a read that no cache serves.</summary>
    /// <param name="Volume">The volume's name.</param>
    /// <param name="ResourceVersion">The version it is known at.</param>
    public sealed record VolumeIsCurrent(string Volume, ulong ResourceVersion) : Proof;

    /// <summary>That a volume does not exist. Answered by a read that no cache serves.</summary>
    /// <param name="Volume">The volume's name.</param>
    public sealed record VolumeIsGone(string Volume) : Proof;
}
