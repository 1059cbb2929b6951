using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Deletes a scrubber pod that has ended, or one left over from an earlier release.</summary>
/// <param name="Pod">The pod; its UID is the precondition.</param>
public sealed record DeletePod(PodEntry Pod) : Step;
