using CsCheck;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;
using StorageOperator.Planning.Matching;

namespace StorageOperator.Planning.Tests;

public sealed class MatchingTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/a");

    [Fact]
    public void The_matcher_chooses_what_a_scan_by_the_rules_chooses() =>
        Gen.Select(Some.Volumes, Some.Claim, Gen.Bool, Gen.Int[0, 40].Array[0, 3]).Sample(
            (volumes, claim, onlyPointing, reserved) =>
            {
                var index = IndexOf(volumes);
                foreach (var number in reserved)
                {
                    index.Reserve($"v{number}", Given.KeyOf("ns/another"));
                }

                Assert.Same(
                    NaiveMatcher.Find(volumes, claim, onlyPointing, name => index.ReservedFor(name) is not null),
                    VolumeMatcher.Find(index, claim, onlyPointing));
            },
            iter: 5_000);

    [Fact]
    public void The_order_of_arrival_decides_nothing() =>
        Gen.Select(Some.Volumes, Some.Claim).SelectMany((volumes, claim) => Gen.Shuffle(volumes).Select(shuffled => (volumes, shuffled, claim))).Sample(
            (volumes, shuffled, claim) =>
            {
                var (index, other) = (IndexOf(volumes), IndexOf(shuffled));
                Assert.Same(VolumeMatcher.Find(index, claim, onlyPointing: false), VolumeMatcher.Find(other, claim, onlyPointing: false));
                Assert.Equal(MatchExplainer.Explain(index, claim).ToString(), MatchExplainer.Explain(other, claim).ToString());
            },
            iter: 2_000);

    [Fact]
    public void The_smallest_volume_that_fits_is_taken() => Assert.Equal("medium", Match(
        Given.Volume("tiny").Holding("1Gi"), Given.Volume("large").Holding("20Gi"), Given.Volume("medium").Holding("6Gi")));

    [Fact]
    public void A_volume_of_just_the_size_fits() => Assert.Equal("v", Match(Given.Volume("v").Holding("5Gi")));

    [Fact]
    public void There_is_no_upper_limit() => Assert.Equal("v", Match(Given.Volume("v").Holding("10Ti")));

    [Fact]
    public void Of_equal_volumes_the_first_by_name_is_taken() => Assert.Equal("a", Match(Given.Volume("c"), Given.Volume("a"), Given.Volume("b")));

    [Fact]
    public void A_narrower_volume_goes_before_a_smaller_one() => Assert.Equal("narrow", Match(
        Given.Volume("narrow").Holding("100Gi"), Given.Volume("wide").Holding("5Gi").WithModes("ReadWriteOnce", "ReadWriteMany")));

    [Fact]
    public void A_volume_that_points_to_the_claim_wins_though_it_is_wider_larger_and_of_another_class() => Assert.Equal("pointing", Match(
        Given.Volume("perfect").Holding("5Gi"),
        Given.Volume("pointing").Holding("50Gi").WithModes("ReadWriteOnce", "ReadWriteMany").InClass("other").ReservedFor("ns/a")));

    [Fact]
    public void A_pointer_with_the_claims_UID_goes_before_a_pointer_by_name() => Assert.Equal("by-uid", Match(
        Given.Volume("by-name").Holding("5Gi").ReservedFor("ns/a"), Given.Volume("by-uid").Holding("50Gi").PointingTo(Claim)));

    [Fact]
    public void A_pointer_to_an_earlier_claim_of_the_name_is_a_pointer_to_another() => Assert.Null(Match(Given.Volume("v").PointingTo("ns/a", "earlier")));

    [Fact]
    public void A_volume_that_points_to_the_claim_must_still_be_large_enough() => Assert.Null(Match(Given.Volume("v").Holding("1Gi").ReservedFor("ns/a")));

    [Fact]
    public void A_reservation_in_memory_keeps_a_volume_from_other_claims()
    {
        var index = IndexOf(Given.Volume("v"));
        index.Reserve("v", Given.KeyOf("ns/b"));
        Assert.Null(VolumeMatcher.Find(index, Claim, onlyPointing: false));

        index.Release("v");
        Assert.Equal("v", VolumeMatcher.Find(index, Claim, onlyPointing: false)?.Name);
    }

    [Fact]
    public void A_claim_without_a_readable_size_matches_nothing() =>
        Assert.Null(VolumeMatcher.Find(IndexOf(Given.Volume("v"), Given.Volume("w").ReservedFor("ns/a")), Claim with { Request = null }, onlyPointing: false));

    [Fact]
    public void Modes_that_are_not_known_never_match_not_even_each_other()
    {
        Assert.Null(VolumeMatcher.Find(IndexOf(Given.Volume("v").WithModes("Future")), Claim.WithModes("Future"), onlyPointing: false));
        Assert.Null(VolumeMatcher.Find(IndexOf(Given.Volume("v").InMode(VolumeMode.Unknown)), Claim.InMode(VolumeMode.Unknown), onlyPointing: false));
        Assert.Null(VolumeMatcher.Find(IndexOf(Given.Volume("v").InMode(VolumeMode.Unknown).ReservedFor("ns/a")), Claim.InMode(VolumeMode.Unknown), onlyPointing: false));
    }

    [Fact]
    public void Every_volume_is_counted_under_the_first_rule_that_excludes_it() => Gen.Select(Some.Volumes, Some.Claim, Gen.Int[0, 40].Array[0, 3]).Sample(
        (volumes, claim, reserved) =>
        {
            var index = IndexOf(volumes);
            foreach (var number in reserved)
            {
                index.Reserve($"v{number}", Given.KeyOf("ns/another"));
            }

            var report = MatchExplainer.Explain(index, claim);

            Assert.Equal(volumes.Length, report.Volumes);
            Assert.Equal(volumes.Length, report.Misses.Sum(miss => miss.Count));
            Assert.All(report.Misses, miss => Assert.True(miss.Count > 0));
            Assert.Equal(
                volumes.GroupBy(volume => Rule(volume, claim, index.ReservedFor(volume.Name) is not null)).OrderBy(group => group.Key).Select(group => (group.Key, group.Count())),
                report.Misses.GroupBy(RuleOf).OrderBy(group => group.Key).Select(group => (group.Key, group.Sum(miss => miss.Count))));
        },
        iter: 5_000);

    public static readonly TheoryData<string, VolumeEntry[]> Reports = new()
    {
        { "0/0 volumes match: there are no volumes.", [] },
        { "0/1 volumes match: 1 is too small (1Gi).", [Given.Volume("v").Holding("1Gi")] },
        { "0/2 volumes match: 2 are too small (largest 2Gi).", [Given.Volume("v").Holding("1Gi"), Given.Volume("w").Holding("2Gi")] },
        { "0/1 volumes match: 1 lacks ReadWriteOnce.", [Given.Volume("v").WithModes("ReadWriteMany")] },
        {
            "0/3 volumes match: 3 are too small (largest 3Gi).",
            [Given.Volume("v").Holding("1Gi"), Given.Volume("w").Holding("3Gi").WithModes("ReadWriteOnce", "ReadWriteMany"), Given.Volume("x").Holding("2Gi")]
        },
        { "0/2 volumes match: 2 lack ReadWriteOnce.", [Given.Volume("v").WithModes("ReadWriteMany"), Given.Volume("w").WithModes("ReadOnlyMany")] },
        { "0/1 volumes match: 1 has volume mode Block.", [Given.Volume("v").InMode(VolumeMode.Block)] },
        { "0/2 volumes match: 2 have volume mode Block.", [Given.Volume("v").InMode(VolumeMode.Block), Given.Volume("w").InMode(VolumeMode.Block).InAttributesClass("gold")] },
        { "0/1 volumes match: 1 has another VolumeAttributesClass.", [Given.Volume("v").InAttributesClass("gold")] },
        { "0/2 volumes match: 2 have another VolumeAttributesClass.", [Given.Volume("v").InAttributesClass("gold"), Given.Volume("w").InAttributesClass("iron")] },
        { "0/1 volumes match: 1 is in class \"fast\".", [Given.Volume("v").InClass("fast")] },
        { "0/2 volumes match: 2 are in other classes (class \"fast\", class \"slow\").", [Given.Volume("v").InClass("fast"), Given.Volume("w").InClass("slow")] },
        {
            "0/5 volumes match: 5 are in other classes.",
            [Given.Volume("v").InClass("a"), Given.Volume("w").InClass("b"), Given.Volume("x").InClass("c"), Given.Volume("y").InClass("d"), Given.Volume("z").InClass("e")]
        },
        { "0/1 volumes match: 1 is bound to or reserved for another claim.", [Given.Volume("v").ReservedFor("ns/other")] },
        { "0/2 volumes match: 2 are bound to or reserved for other claims.", [Given.Volume("v").ReservedFor("ns/other"), Given.Volume("w").PointingTo("ns/a", "earlier")] },
        { "0/1 volumes match: 1 is being deleted.", [Given.Volume("v").Terminating()] },
        { "0/2 volumes match: 2 are being deleted.", [Given.Volume("v").Terminating(), Given.Volume("w").Terminating()] },
        { "0/1 volumes match: 1 is Released and still holds an earlier claim's data.", [Given.Volume("v").PointingTo("ns/a", "earlier").InPhase(Phases.Released)] },
        { "0/1 volumes match: 1 has failed to be reclaimed.", [Given.Volume("v").PointingTo("ns/x", "y").InPhase(Phases.Failed)] },
        { "0/1 volumes match: 1 cannot be used as it is.", [Given.Volume("v").WithDefect("spec.capacity.storage is missing")] },
        {
            "0/1 volumes match: 1 is reserved for this claim but does not suit it (requested PV is too small: it has 1Gi, the claim asks for 5Gi).",
            [Given.Volume("v").Holding("1Gi").InClass("other").ReservedFor("ns/a")]
        },
        { "0/1 volumes match: 1 fits, but its choice is left to the scheduler.", [Given.Volume("v")] },
        { "0/2 volumes match: 2 fit, but their choice is left to the scheduler.", [Given.Volume("v"), Given.Volume("w")] },
        {
            "0/5 volumes match: 2 are too small (largest 4Gi), 1 lacks ReadWriteOnce, 1 is being deleted, 1 is in class \"fast\".",
            [
                Given.Volume("v").Holding("1Gi"), Given.Volume("w").Holding("4Gi"), Given.Volume("x").WithModes("ReadWriteMany"),
                Given.Volume("y").Terminating(), Given.Volume("z").InClass("fast"),
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Reports), DisableDiscoveryEnumeration = true)]
    public void A_report_is_one_line_nearest_misses_first(string line, VolumeEntry[] volumes) =>
        Assert.Equal(line, MatchExplainer.Explain(IndexOf(volumes), Claim).ToString());

    [Fact]
    public void A_report_says_what_the_selector_asks_for() => Assert.Equal(
        "0/2 volumes match: 1 does not match the selector tier=gold, 1 is too small (1Gi).",
        MatchExplainer.Explain(IndexOf(Given.Volume("v").Labelled("tier", "silver"), Given.Volume("w").Holding("1Gi")), Claim.Selecting("tier", "gold")).ToString());

    [Fact]
    public void A_report_names_every_mode_that_is_lacking() => Assert.Equal(
        "0/1 volumes match: 1 lacks ReadOnlyMany and ReadWriteMany.",
        MatchExplainer.Explain(IndexOf(Given.Volume("v")), Claim.WithModes("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany")).ToString());

    [Fact]
    public void A_claim_of_a_class_is_told_of_volumes_without_one() => Assert.Equal(
        "0/1 volumes match: 1 is in no class.", MatchExplainer.Explain(IndexOf(Given.Volume("v")), Claim.InClass("fast")).ToString());

    public static readonly TheoryData<string?, VolumeEntry> Fits = new()
    {
        { null, Given.Volume("v") },
        { null, Given.Volume("v").Holding("5Gi") },
        { null, Given.Volume("v").WithModes("ReadWriteMany", "ReadWriteOnce").Labelled("tier", "silver") },
        { "the volume is marked for deletion \"v\"", Given.Volume("v").Terminating() },
        { "the volume cannot be used: its spec.capacity.storage is missing", Given.Volume("v").WithDefect("spec.capacity.storage is missing") },
        { "requested PV is too small: it has 4Gi, the claim asks for 5Gi", Given.Volume("v").Holding("4Gi") },
        { "storageClassName does not match: the volume has \"fast\", the claim none", Given.Volume("v").InClass("fast") },
        { "volumeAttributesClassName does not match: the volume has \"gold\", the claim none", Given.Volume("v").InAttributesClass("gold") },
        { "incompatible volumeMode: the volume is Block, the claim asks for Filesystem", Given.Volume("v").InMode(VolumeMode.Block) },
        { "incompatible accessMode: the volume offers ReadOnlyMany,ReadWriteMany, the claim asks for ReadWriteOnce", Given.Volume("v").WithModes("ReadOnlyMany", "ReadWriteMany") },
    };

    [Theory]
    [MemberData(nameof(Fits), DisableDiscoveryEnumeration = true)]
    public void A_named_volume_is_judged_by_everything_but_selector_and_affinity(string? misfit, VolumeEntry volume) =>
        Assert.Equal(misfit, Fit.Misfit(volume, Claim.Selecting("tier", "gold")));

    [Fact]
    public void A_named_volume_suits_exactly_where_the_rules_say() => Gen.Select(Some.Volume, Some.Claim).Sample(
        (volume, claim) => Assert.Equal(
            NaiveMatcher.Suits(volume, claim) && volume.ClassName == claim.ClassName, Fit.Misfit(volume, claim) is null),
        iter: 10_000);

    private static string? Match(params VolumeEntry[] volumes) => VolumeMatcher.Find(IndexOf(volumes), Claim, onlyPointing: false)?.Name;

    private static VolumeIndex IndexOf(params IEnumerable<VolumeEntry> volumes)
    {
        var index = new VolumeIndex();
        foreach (var volume in volumes)
        {
            index.Set(volume);
        }

        return index;
    }

    /// <summary>The first rule that excludes a volume, in the order that a report promises.</summary>
    private static string Rule(VolumeEntry volume, ClaimEntry claim, bool isReserved) => volume switch
    {
        _ when NaiveMatcher.Points(volume, claim) => NaiveMatcher.Suits(volume, claim) ? "fits" : "own",
        _ when volume.ClassName != claim.ClassName => "class",
        _ when isReserved || (volume.ClaimRef is not null && volume.Phase is not ("Released" or "Failed")) => "claimed",
        { IsDeleting: true } => "deleting",
        { Phase: "Released" } => "released",
        { Phase: "Failed" } => "failed",
        _ when !NaiveMatcher.IsFree(volume, isReserved: false) => "unusable",
        _ when volume.VolumeMode != claim.VolumeMode || claim.VolumeMode == VolumeMode.Unknown => "mode",
        _ when volume.AttributesClassName != claim.AttributesClassName => "attributes",
        _ when !NaiveMatcher.Offers(volume, claim) => "access",
        _ when volume.Capacity < claim.Request => "size",
        _ when claim.Selector?.Matches(volume.Labels) == false => "selector",
        _ => "fits",
    };

    private static string RuleOf(Miss miss) => miss.Reason switch
    {
        var reason when reason.StartsWith("are reserved for this claim", StringComparison.Ordinal) => "own",
        var reason when reason.StartsWith("are in ", StringComparison.Ordinal) => "class",
        "are bound to or reserved for other claims" => "claimed",
        "are being deleted" => "deleting",
        "are Released and still hold an earlier claim's data" => "released",
        "have failed to be reclaimed" => "failed",
        "cannot be used as they are" => "unusable",
        var reason when reason.StartsWith("have volume mode ", StringComparison.Ordinal) => "mode",
        "have another VolumeAttributesClass" => "attributes",
        var reason when reason.StartsWith("lack ", StringComparison.Ordinal) => "access",
        var reason when reason.StartsWith("are too small ", StringComparison.Ordinal) => "size",
        var reason when reason.StartsWith("do not match the selector ", StringComparison.Ordinal) => "selector",
        "fit, but their choice is left to the scheduler" => "fits",
        var reason => reason,
    };
}
