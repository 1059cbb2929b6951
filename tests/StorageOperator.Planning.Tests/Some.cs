using CsCheck;
using StorageOperator.Model;

namespace StorageOperator.Planning.Tests;

/// <summary>Random objects from few enough names and sizes that they often meet.</summary>
internal static class Some
{
    private static readonly string[] ModeNames = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod", "ModeOfTheFuture"];

    public static readonly Gen<string> ClassName = Gen.OneOf("", "fast", "slow");

    public static readonly Gen<VolumeMode> Mode = Gen.Frequency((6, VolumeMode.Filesystem), (3, VolumeMode.Block), (1, VolumeMode.Unknown));

    public static readonly Gen<string> Attributes = Gen.Frequency((4, ""), (1, "gold"));

    public static readonly Gen<string> Size = Gen.OneOf("1Gi", "2Gi", "3Gi", "4Gi", "5Gi");

    public static readonly Gen<string[]> Modes = Gen.Int[1, 31].Select(bits => ModeNames.Where((_, at) => (bits & (1 << at)) != 0 && (at < 4 || bits > 28)).ToArray())
        .Where(modes => modes.Length > 0);

    public static readonly Gen<ClaimEntry> Claim =
        from name in Gen.OneOf("a", "b", "c", "d")
        from size in Size
        from modes in Modes
        from className in Gen.OneOf("", "fast", "slow", null)
        from mode in Mode
        from attributes in Attributes
        from selector in Gen.Int[0, 3]
        select WithSelector(Given.Claim("ns/" + name).Requesting(size).WithModes(modes).InClass(className).InMode(mode).InAttributesClass(attributes), selector);

    public static readonly Gen<VolumeEntry> Volume =
        from name in Gen.Int[0, 11]
        from size in Size
        from modes in Modes
        from className in ClassName
        from mode in Mode
        from attributes in Attributes
        from tier in Gen.OneOf("gold", "silver", "")
        from standing in Gen.Int[0, 15]
        select Standing((tier.Length > 0 ? Plain(name, size, modes).Labelled("tier", tier) : Plain(name, size, modes)).InClass(className).InMode(mode).InAttributesClass(attributes), standing);

    public static readonly Gen<VolumeEntry[]> Volumes = Volume.Array[0, 16].Select(volumes => volumes.DistinctBy(volume => volume.Name).ToArray());

    private static VolumeEntry Plain(int name, string size, string[] modes) => Given.Volume("v" + name).Holding(size).WithModes(modes);

    private static ClaimEntry WithSelector(ClaimEntry claim, int kind) => kind switch
    {
        0 => claim.Selecting("tier", "gold"),
        1 => claim with { Selector = new LabelSelector([]) },
        _ => claim,
    };

    private static VolumeEntry Standing(VolumeEntry volume, int kind) => kind switch
    {
        0 => volume.InPhase(Phases.Pending),
        1 => volume.InPhase(""),
        2 => volume.InPhase(Phases.Released),
        3 => volume.InPhase(Phases.Failed),
        4 => volume.InPhase("PhaseOfTheFuture"),
        5 => volume.InPhase(Phases.Bound),
        6 => volume.Terminating(),
        7 => volume.WithDefect("spec.capacity.storage is missing"),
        8 => volume.ReservedFor("ns/a"),
        9 => volume.PointingTo("ns/a", Given.UidOf("ns/a")).InPhase(Phases.Bound),
        10 => volume.PointingTo("ns/a", "an earlier one").InPhase(Phases.Released),
        11 => volume.PointingTo("other/a", Given.UidOf("other/a")),
        12 => volume.ReservedFor("ns/b").Terminating(),
        _ => volume,
    };
}
