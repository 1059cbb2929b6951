using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Starts the pod that empties a volume for reuse.</summary>
/// <param name="Volume">The volume to empty.</param>
/// <param name="Deadline">How long the pod may run.</param>
public sealed record CreateScrubber(VolumeEntry Volume, TimeSpan Deadline) : Step;
