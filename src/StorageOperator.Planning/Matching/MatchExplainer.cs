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

    // In the order in which they are asked: what a later one excludes was nearer to a match.
    private enum Rule
    {
        Class,
        Unusable,
        Failed,
        Released,
        Deleting,
        Claimed,
        VolumeMode,
        AttributesClass,
        AccessModes,
        Size,
        Selector,
        Scheduler,
        Reservation,
    }

    /// <summary>
    /// Counts every volume under the first rule that excludes it: class, standing, volume mode, attributes class, access modes, size,
    /// selector. Volumes that point to the claim come first and are asked less, as in matching. The same volumes give the same report,
    /// in whatever order they became known.
    /// </summary>
    /// <param name="volumes">All volumes.</param>
    /// <param name="claim">
    /// A claim for which <see cref="VolumeMatcher.Find"/> has found nothing, so that whatever fits it was left to the scheduler.
    /// </param>
    public static MatchReport Explain(VolumeIndex volumes, ClaimEntry claim)
    {
        var misses = new List<(Rule Rule, Miss Miss)>();
        var pointing = volumes.PointingTo(claim.Key).Where(volume => volume.ClaimRef!.PointsTo(claim)).ToArray();
        AddPointing(misses, pointing, claim);
        AddOtherClasses(misses, volumes, pointing, claim);
        if (volumes.OfClass(claim.ClassName) is { } ofClass)
        {
            AddStandings(misses, volumes, ofClass, [.. pointing.Where(volume => volume.ClassName == claim.ClassName)]);
            foreach (var ((mode, attributes), partition) in ofClass.Partitions)
            {
                AddPartition(misses, claim, mode, attributes, partition);
            }
        }

        AddRest(misses, volumes.Count - misses.Sum(counted => counted.Miss.Count));
        return new MatchReport(volumes.Count, [.. NearestFirst(misses)]);
    }

    private static void AddPointing(List<(Rule Rule, Miss Miss)> misses, VolumeEntry[] pointing, ClaimEntry claim)
    {
        foreach (var misfit in pointing.Select(volume => Fit.MisfitOfReserved(volume, claim)).OfType<string>())
        {
            Add(misses, Rule.Reservation, 1, $"are reserved for this claim but do not suit it ({misfit})", $"is reserved for this claim but does not suit it ({misfit})");
        }
    }

    private static void AddOtherClasses(List<(Rule Rule, Miss Miss)> misses, VolumeIndex volumes, VolumeEntry[] pointing, ClaimEntry claim)
    {
        var count = volumes.Count - (volumes.OfClass(claim.ClassName)?.Count ?? 0) - pointing.Count(volume => volume.ClassName != claim.ClassName);
        var names = volumes.Classes.Count <= MostClassesNamed + 1
            ? volumes.Classes.Where(name => name != claim.ClassName).Order(StringComparer.Ordinal).Select(Named).ToArray()
            : [];
        var where = names switch
        {
            [] => "other classes",
            [var only] => only,
            _ => $"other classes ({string.Join(", ", names)})",
        };
        Add(misses, Rule.Class, count, $"are in {where}", $"is in {where}");

        static string Named(string name) => name.Length == 0 ? "no class" : $"class \"{name}\"";
    }

    private static void AddStandings(List<(Rule Rule, Miss Miss)> misses, VolumeIndex volumes, ClassVolumes ofClass, VolumeEntry[] pointing)
    {
        Count(VolumeStanding.Unusable, Rule.Unusable, "cannot be used as they are", "cannot be used as it is");
        Count(VolumeStanding.Failed, Rule.Failed, "have failed to be reclaimed", "has failed to be reclaimed");
        Count(VolumeStanding.Released, Rule.Released, "are Released and still hold an earlier claim's data", "is Released and still holds an earlier claim's data");
        Count(VolumeStanding.Deleting, Rule.Deleting, "are being deleted", "is being deleted");
        Count(VolumeStanding.Claimed, Rule.Claimed, "are bound to or reserved for other claims", "is bound to or reserved for another claim");

        void Count(VolumeStanding standing, Rule rule, string plural, string singular) =>
            Add(misses, rule, ofClass.CountOf(standing) - pointing.Count(volume => volumes.StandingOf(volume) == standing), plural, singular);
    }

    private static void AddPartition(List<(Rule Rule, Miss Miss)> misses, ClaimEntry claim, VolumeMode mode, string attributes, VolumePartition partition)
    {
        if (mode != claim.VolumeMode || mode == VolumeMode.Unknown)
        {
            Add(misses, Rule.VolumeMode, partition.Count, $"have volume mode {mode}", $"has volume mode {mode}");
        }
        else if (attributes != claim.AttributesClassName)
        {
            Add(misses, Rule.AttributesClass, partition.Count, "have another VolumeAttributesClass", "has another VolumeAttributesClass");
        }
        else
        {
            AddCandidates(misses, claim, partition);
        }
    }

    private static void AddCandidates(List<(Rule Rule, Miss Miss)> misses, ClaimEntry claim, VolumePartition partition)
    {
        var request = claim.Request?.Bytes ?? long.MaxValue;
        var (tooSmall, unlabelled) = (0, 0);
        VolumeEntry? largest = null;
        foreach (var (modes, volumes) in partition.ByModes)
        {
            // A mode that is not known is lacking even where it is offered: nobody can tell whether it is the same.
            if ((claim.AccessModes.Set & ~(modes & ~AccessModes.Unknown)) is not AccessModes.None and var lacking)
            {
                var named = lacking.ToString().Replace(", ", " and ", StringComparison.Ordinal);
                Add(misses, Rule.AccessModes, volumes.Count, $"lack {named}", $"lacks {named}");
                continue;
            }

            tooSmall += volumes.CountBelow(request);
            largest = volumes.LargestBelow(request) is { } candidate && (largest is null || candidate.Capacity > largest.Capacity) ? candidate : largest;
            unlabelled += claim.Selector is { } selector ? volumes.Ascending(request).Count(volume => !selector.Matches(volume.Labels)) : 0;
        }

        Add(misses, Rule.Size, tooSmall, $"are too small (largest {largest?.CapacityText})", $"is too small ({largest?.CapacityText})");
        Add(misses, Rule.Selector, unlabelled, $"do not match the selector {claim.Selector}", $"does not match the selector {claim.Selector}");
    }

    private static void AddRest(List<(Rule Rule, Miss Miss)> misses, int count) =>
        Add(misses, Rule.Scheduler, count, "fit, but their choice is left to the scheduler", "fits, but its choice is left to the scheduler");

    private static void Add(List<(Rule Rule, Miss Miss)> misses, Rule rule, int count, string plural, string singular)
    {
        if (count > 0)
        {
            misses.Add((rule, new Miss(count, plural, singular)));
        }
    }

    // Several access-mode sets can lack the same mode.
    private static IEnumerable<Miss> NearestFirst(List<(Rule Rule, Miss Miss)> misses) => misses
        .GroupBy(counted => (counted.Rule, counted.Miss.Reason))
        .OrderByDescending(group => group.Key.Rule)
        .ThenBy(group => group.Key.Reason, StringComparer.Ordinal)
        .Select(group => group.First().Miss with { Count = group.Sum(counted => counted.Miss.Count) });
}
