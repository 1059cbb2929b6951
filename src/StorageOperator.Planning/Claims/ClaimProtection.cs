using System.Collections.Immutable;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Claims;

/// <summary>Keeps a claim from disappearing while a pod on a node uses it (kube-controller-manager's pvc-protection controller).</summary>
internal static class ClaimProtection
{
    /// <summary>The claim's finalizers with the protection it should have: one that is not being deleted always has it.</summary>
    public static ImmutableArray<string> Keep(ClaimEntry claim) =>
        claim.IsDeleting || IsProtected(claim) ? claim.Finalizers : claim.Finalizers.Add(WellKnown.ClaimProtection);

    /// <summary>
    /// The plan that lets go of a claim that is being deleted and that no pod on a node uses; null when it must be held, or is not
    /// held by this finalizer.
    /// </summary>
    /// <remarks>
    /// The pod cache may lag behind a pod that was just given a node, so an unused claim is asked about once more, at the API server
    /// itself, before it is let go.
    /// </remarks>
    public static Plan? PlanRelease(ClaimEntry claim, Observation seen)
    {
        if (!claim.IsDeleting || !IsProtected(claim) || IsUsed(claim, seen))
        {
            return null;
        }

        var proof = new Proof.ClaimIsUnused(claim.Key);
        if (!seen.Proves(proof))
        {
            return new Plan(Verdict.NeedsProof) { Needs = proof };
        }

        var draft = new PlanDraft();
        draft.Write(claim, claim with { Finalizers = claim.Finalizers.Remove(WellKnown.ClaimProtection) }, ObjectPart.Spec);
        return draft.Finish(Verdict.Released);
    }

    private static bool IsProtected(ClaimEntry claim) => claim.Finalizers.Contains(WellKnown.ClaimProtection);

    // A pod without a node does not count: the scheduler refuses pods whose claim is being deleted. A finished pod counts until its
    // object is gone, since its volumes may still be mounted.
    private static bool IsUsed(ClaimEntry claim, Observation seen) => seen.State.Pods
        .Using(claim)
        .Any(pod => pod.NodeName.Length > 0 && pod.Claims.Any(use => use.ClaimName == claim.Key.Name && !(use.IsEphemeral && pod.IsForceDeleted)));
}
