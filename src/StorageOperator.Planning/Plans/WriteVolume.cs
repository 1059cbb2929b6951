using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Patches what differs between two states of a volume.</summary>
/// <param name="Before">The state planned against; its version and UID are the precondition.</param>
/// <param name="Desired">The state wanted.</param>
/// <param name="Part">Which half of the object: the API server takes the two at different endpoints and ignores the other half.</param>
public sealed record WriteVolume(VolumeEntry Before, VolumeEntry Desired, ObjectPart Part) : Step;
