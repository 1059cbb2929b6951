using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Removes the directory of a hostPath volume on the operator's own machine. That it does not exist is success.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="Path">The directory, already checked to lie below /tmp and to be in its shortest form.</param>
public sealed record DeleteHostPath(VolumeEntry Volume, string Path) : Step;
