using StorageOperator.Model;

namespace StorageOperator.Planning.Plans;

/// <summary>Whether two states of an object differ in what this program writes.</summary>
internal static class Difference
{
    public static bool Between(ClaimEntry before, ClaimEntry after, ObjectPart part) => part == ObjectPart.Spec
        ? before.Annotations != after.Annotations
            || !before.Finalizers.AsSpan().SequenceEqual(after.Finalizers.AsSpan())
            || before.VolumeName != after.VolumeName
            || before.SpecClassName != after.SpecClassName
        : before.Phase != after.Phase
            || before.StatusCapacityText != after.StatusCapacityText
            || !before.StatusAccessModes.Equals(after.StatusAccessModes)
            || before.CurrentAttributesClassName != after.CurrentAttributesClassName;

    public static bool Between(VolumeEntry before, VolumeEntry after, ObjectPart part) => part == ObjectPart.Spec
        ? before.Annotations != after.Annotations
            || !before.Finalizers.AsSpan().SequenceEqual(after.Finalizers.AsSpan())
            || before.ClaimRef != after.ClaimRef
        : before.Phase != after.Phase || before.Message != after.Message;
}
