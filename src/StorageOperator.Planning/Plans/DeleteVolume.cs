using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Deletes the volume object, when its bytes are gone.</summary>
/// <param name="Volume">The volume; its UID is the precondition.</param>
public sealed record DeleteVolume(VolumeEntry Volume) : Step;
