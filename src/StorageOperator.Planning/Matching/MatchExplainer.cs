using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning.Matching;

/// <summary>
/// Makes the report of a claim that no volume matches, from counts the index keeps: its cost grows with the number of classes and
/// access-mode sets, not of volumes (only a selector has to look at the volumes it is asked of).
/// </summary>
public static class MatchExplainer
{
    private const int MostClassesNamed = 3;

    /// <summary>Counts every volume under the first rule that excludes it: class, standing, volume mode, attributes class, access modes, size, selector.</summary>
    public static MatchReport Explain(VolumeIndex volumes, ClaimEntry claim)
    {
        // Collected from the rule asked first to the one asked last, then turned round: what was excluded last was nearest.
        var misses = new List<Miss>();
        var ofClass = volumes.OfClass(claim.ClassName);
        AddOtherClasses(misses, volumes, claim, volumes.Count - (ofClass?.Count ?? 0));
        if (ofClass is not null)
        {
            AddStandings(misses, ofClass);
            foreach (var ((mode, attributes), partition) in ofClass.Partitions)
            {
                AddPartition(misses, claim, mode, attributes, partition);
            }
        }

        misses.Reverse();
        return new MatchReport(volumes.Count, [.. Merge(misses)]);
    }

    private static void AddOtherClasses(List<Miss> misses, VolumeIndex volumes, ClaimEntry claim, int count)
    {
        var names = volumes.Classes.Count <= MostClassesNamed + 1
            ? volumes.Classes.Where(name => name != claim.ClassName).Order(StringComparer.Ordinal).Select(Named).ToArray()
            : [];
        Add(misses, count, names switch
        {
            [] => "other classes",
            [var only] => only,
            _ => $"other classes ({string.Join(", ", names)})",
        });

        static void Add(List<Miss> misses, int count, string where)
        {
            if (count > 0)
            {
                misses.Add(new Miss(count, $"are in {where}", $"is in {where}"));
            }
        }

        static string Named(string name) => name.Length == 0 ? "no class" : $"class \"{name}\"";
    }

    private static void AddStandings(List<Miss> misses, ClassVolumes volumes)
    {
        Add(VolumeStanding.Unusable, "cannot be used as they are", "cannot be used as it is");
        Add(VolumeStanding.Failed, "have failed to be reclaimed", "has failed to be reclaimed");
        Add(VolumeStanding.Released, "are Released and still hold an earlier claim's data", "is Released and still holds an earlier claim's data");
        Add(VolumeStanding.Deleting, "are being deleted", "is being deleted");
        Add(VolumeStanding.Claimed, "are bound to or reserved for other claims", "is bound to or reserved for another claim");

        void Add(VolumeStanding standing, string plural, string singular)
        {
            if (volumes.CountOf(standing) is > 0 and var count)
            {
                misses.Add(new Miss(count, plural, singular));
            }
        }
    }

    private static void AddPartition(List<Miss> misses, ClaimEntry claim, VolumeMode mode, string attributes, VolumePartition partition)
    {
        if (mode != claim.VolumeMode || mode == VolumeMode.Unknown)
        {
            misses.Add(new Miss(partition.Count, $"have volume mode {mode}", $"has volume mode {mode}"));
        }
        else if (attributes != claim.AttributesClassName)
        {
            misses.Add(new Miss(partition.Count, "have another VolumeAttributesClass", "has another VolumeAttributesClass"));
        }
        else
        {
            foreach (var (modes, volumes) in partition.ByModes)
            {
                AddCandidates(misses, claim, modes, volumes);
            }
        }
    }

    private static void AddCandidates(List<Miss> misses, ClaimEntry claim, AccessModes modes, SizeOrderedList<VolumeEntry> volumes)
    {
        if (volumes.Count == 0)
        {
            return;
        }

        if ((claim.AccessModes.Set & ~modes) is not AccessModes.None and var lacking)
        {
            misses.Add(new Miss(volumes.Count, $"lack {lacking}", $"lacks {lacking}"));
            return;
        }

        var request = claim.Request?.Bytes ?? long.MaxValue;
        var tooSmall = volumes.CountBelow(request);
        if (volumes.Count > tooSmall && claim.Selector is { } selector)
        {
            var unlabelled = volumes.Ascending(request).Count(volume => !selector.Matches(volume.Labels));
            if (unlabelled > 0)
            {
                misses.Add(new Miss(unlabelled, $"do not match the selector {selector}", $"does not match the selector {selector}"));
            }
        }

        if (tooSmall > 0)
        {
            var largest = volumes.LargestBelow(request)!.CapacityText;
            misses.Add(new Miss(tooSmall, $"are too small (largest {largest})", $"is too small ({largest})"));
        }
    }

    // Several access-mode sets can lack the same mode.
    private static IEnumerable<Miss> Merge(List<Miss> misses) => misses
        .GroupBy(miss => miss.Reason, StringComparer.Ordinal)
        .Select(group => group.First() with { Count = group.Sum(miss => miss.Count) });
}
