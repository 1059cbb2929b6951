using System.Text.RegularExpressions;

namespace StorageOperator.Architecture.Tests;

public sealed partial class NamingTests
{
    public static TheoryData<string> Rooms => [.. Room.All.Select(room => room.Name)];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void No_type_is_named_after_nothing(string name) =>
        Assert.DoesNotContain(Room.Named(name).Types, type => EmptyName().IsMatch(type.Name));

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_file_shows_one_public_class_beside_the_contracts_and_values_that_serve_it(string name) => Assert.DoesNotContain(
        // The embedded cluster is a program: what is public there is so by habit, not as a promise.
        name == "StorageOperator.DevCluster" ? [] : Room.Named(name).SourceFiles(), file => PublicClass().Count(File.ReadAllText(file)) > 1);

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Every_type_is_in_the_namespace_of_a_room(string name) =>
        Assert.Empty(Room.Named(name).Types.Where(type => !type.FullName.StartsWith("StorageOperator", StringComparison.Ordinal)
            && type.Name is not "Program" && !type.FullName.StartsWith("System.", StringComparison.Ordinal)
            && !type.FullName.StartsWith("Microsoft.", StringComparison.Ordinal)).Select(type => type.FullName));

    [GeneratedRegex("(Manager|Helpers?|Util(ity|ities|s)?|Common|Base)$")]
    private static partial Regex EmptyName();

    // At the start of a line, that is: not nested in another.
    [GeneratedRegex(@"^public (?:(?:sealed|static|abstract|partial|readonly|ref|unsafe) )*(?:class|struct) ", RegexOptions.Multiline)]
    private static partial Regex PublicClass();
}
