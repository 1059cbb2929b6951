namespace StorageOperator.Architecture.Tests;

/// <summary>Which room may know which other: ARCHITECTURE.md draws the same arrows.</summary>
public sealed class ArrowTests
{
    private const string Model = "StorageOperator.Model";
    private const string Planning = "StorageOperator.Planning";
    private const string Runtime = "StorageOperator.Runtime";
    private const string Controllers = "StorageOperator.Controllers";
    private const string Backends = "StorageOperator.Backends";
    private const string Csi = "StorageOperator.Csi";

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [Model] = [],
        [Planning] = [Model],
        [Runtime] = [Model],
        [Controllers] = [Model, Planning, Runtime, Backends],
        [Backends] = [Model],
        [Csi] = [Model],
        ["StorageOperator.Cli"] = [Model, Planning, Runtime],
        ["StorageOperator"] = [Model, Planning, Runtime, Controllers, Backends, Csi],
        ["StorageOperator.DevCluster"] = [Model],
    };

    public static TheoryData<string> Rooms => [.. Room.All.Select(room => room.Name)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_those_it_may(string name)
    {
        Assert.True(Allowed.TryGetValue(name, out var allowed), $"{name} is a new room: draw its arrows here and in ARCHITECTURE.md");
        Assert.Empty(Room.Named(name).References.Except(allowed));
    }

    [Fact]
    public void Nobody_knows_the_embedded_cluster() =>
        Assert.Empty(Room.All.Where(room => room.References.Contains("storage-devcluster")).Select(room => room.Name));

    [Fact]
    public void There_are_rooms_and_arrows_to_look_at()
    {
        Assert.Contains(Model, Room.Named(Controllers).References);
        Assert.Contains(Runtime, Room.Named(Controllers).References);
        Assert.NotEmpty(Room.Named(Planning).Types);
    }
}
