using System.Collections.Immutable;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>Plans as text: one line a step, saying what it changes and which step it waits for, so that a test shows the whole plan.</summary>
internal static class PlanText
{
    /// <summary>Such as <c>claim ns/c spec: volumeName=v +bind-completed (after 0)</c>.</summary>
    public static string[] Lines(this Plan plan) => [.. plan.Steps.Select(step => Text(step) + (step.After is { } after ? $" (after {after})" : ""))];

    /// <summary>Such as <c>Warning FailedBinding on ns/c</c>.</summary>
    public static string[] EventLines(this Plan plan) =>
        [.. plan.Events.Concat(plan.EventsWhenDone).Select(told => $"{(told.IsWarning ? "Warning" : "Normal")} {told.Reason} on {told.Key}")];

    private static string Text(Step step) => step switch
    {
        WriteClaim write => $"claim {write.Before.Key} {Part(write.Part)}: {string.Join(' ', Changes(write))}",
        WriteVolume write => $"volume {write.Before.Name} {Part(write.Part)}: {string.Join(' ', Changes(write))}",
        DeletePod delete => $"delete pod {delete.Pod.Key}",
        DeleteVolume delete => $"delete volume {delete.Volume.Name}",
        DeleteHostPath delete => $"delete directory {delete.Path}",
        CreateScrubber create => $"scrub {create.Volume.Name} within {create.Deadline.TotalSeconds:0} s",
        _ => throw new ArgumentException($"no text for {step}", nameof(step)),
    };

    private static string Part(ObjectPart part) => part == ObjectPart.Spec ? "spec" : "status";

    // A write changes the half it is addressed to; whatever else its states differ in belongs to another step.
    private static IEnumerable<string> Changes(WriteClaim write)
    {
        var (before, after) = (write.Before, write.Desired);
        return write.Part == ObjectPart.Spec
            ? [
                .. Changed("volumeName", before.VolumeName, after.VolumeName),
                .. Changed("class", before.SpecClassName, after.SpecClassName),
                .. Marks(before.Annotations, after.Annotations),
                .. Finalizers(before.Finalizers, after.Finalizers),
            ]
            : [
                .. Changed("phase", before.Phase, after.Phase),
                .. Changed("capacity", before.StatusCapacityText, after.StatusCapacityText),
                .. Changed("modes", before.StatusAccessModes.ToString(), after.StatusAccessModes.ToString()),
                .. Changed("attributes", before.CurrentAttributesClassName, after.CurrentAttributesClassName),
            ];
    }

    private static IEnumerable<string> Changes(WriteVolume write)
    {
        var (before, after) = (write.Before, write.Desired);
        return write.Part == ObjectPart.Spec
            ? [
                .. Changed("claimRef", Pointer(before.ClaimRef), Pointer(after.ClaimRef)),
                .. Marks(before.Annotations, after.Annotations),
                .. Finalizers(before.Finalizers, after.Finalizers),
            ]
            : [.. Changed("phase", before.Phase, after.Phase), .. Changed("message", before.Message, after.Message)];
    }

    private static string Pointer(ClaimReference? pointer) => pointer is null ? "" : $"{pointer.Key}#{pointer.Uid}";

    private static string[] Changed(string field, string? before, string? after) => before == after ? [] : [$"{field}={after}"];

    private static IEnumerable<string> Marks(KeyValueSet before, KeyValueSet after) =>
        after.Where(pair => before[pair.Key] != pair.Value).Select(pair => $"+{Short(pair.Key)}{(pair.Value == WellKnown.Yes ? "" : "=" + pair.Value)}")
            .Concat(before.Where(pair => !after.Contains(pair.Key)).Select(pair => $"-{Short(pair.Key)}"));

    private static IEnumerable<string> Finalizers(ImmutableArray<string> before, ImmutableArray<string> after) =>
        after.Except(before).Select(name => $"+finalizer {name}").Concat(before.Except(after).Select(name => $"-finalizer {name}"));

    private static string Short(string key) => key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..];
}
