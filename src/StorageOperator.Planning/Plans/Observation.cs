using System.Collections.Immutable;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning.Plans;

/// <summary>What a plan is made from, beside the object itself.</summary>
/// <param name="State">The cluster as known.</param>
/// <param name="Options">The administrator's choices.</param>
/// <param name="Proven">What was proved for this plan; a proof holds for one plan only.</param>
/// <param name="MayReclaim">
/// False while an attempt to reclaim this volume failed a short time ago: the caller has a clock and keeps the back-off, planning does not.
/// </param>
public sealed record Observation(ClusterState State, PlanningOptions Options, ImmutableHashSet<Proof> Proven, bool MayReclaim = true)
{
    /// <summary>An observation with nothing proved.</summary>
    public static Observation Of(ClusterState state, PlanningOptions options) => new(state, options, []);

    /// <summary>The same with one more thing proved.</summary>
    public Observation With(Proof proof) => this with { Proven = Proven.Add(proof) };

    internal bool Proves(Proof proof) => Proven.Contains(proof);
}
