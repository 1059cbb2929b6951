using CsCheck;
using StorageOperator.Backends.Trees;

namespace StorageOperator.Controllers.Tests.Acting;

/// <summary>Trees are removed, and nothing outside of them, whatever is planted inside or on the way.</summary>
public sealed class TreeRemoverTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("storage-operator-canary").FullName;
    private readonly string _root = Directory.CreateTempSubdirectory("storage-operator-trees").FullName;

    public TreeRemoverTests() => File.WriteAllText(Path.Combine(_outside, "canary"), "alive");

    public void Dispose()
    {
        Directory.Delete(_outside, recursive: true);
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public void A_tree_goes_with_everything_in_it()
    {
        Directory.CreateDirectory(Path.Combine(_root, "a/b/c"));
        File.WriteAllText(Path.Combine(_root, "a/b/file"), "x");

        TreeRemover.Remove(_root, "a", TestContext.Current.CancellationToken);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public void Links_are_removed_and_not_followed()
    {
        Directory.CreateDirectory(Path.Combine(_root, "a/b"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "a/b/out"), _outside);
        File.CreateSymbolicLink(Path.Combine(_root, "a/file"), Path.Combine(_outside, "canary"));

        TreeRemover.Remove(_root, "a", TestContext.Current.CancellationToken);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
        Assert.Equal("alive", File.ReadAllText(Path.Combine(_outside, "canary")));
    }

    [Fact]
    public void A_link_on_the_way_is_refused()
    {
        Directory.CreateSymbolicLink(Path.Combine(_root, "a"), _outside);

        Assert.Throws<IOException>(() => TreeRemover.Remove(_root, "a/canary", TestContext.Current.CancellationToken));
        Assert.Equal("alive", File.ReadAllText(Path.Combine(_outside, "canary")));
    }

    [Fact]
    public void What_does_not_exist_is_removed_already() => TreeRemover.Remove(_root, "a/b/c", TestContext.Current.CancellationToken);

    [Theory]
    [InlineData("")]
    [InlineData("/etc")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("..")]
    [InlineData("a/../../x")]
    [InlineData("a\0b")]
    public void A_path_that_may_leave_the_root_is_refused(string path) =>
        Assert.Throws<ArgumentException>(() => TreeRemover.Remove(_root, path, TestContext.Current.CancellationToken));

    [Fact]
    public void No_name_gets_out_of_the_root() =>
        Gen.Select(Gen.OneOf("a", "..", ".", "", "canary", " ", "..a", "a\n"), Gen.OneOf("a", "..", "/", "canary", "")).Sample((first, second) =>
        {
            try
            {
                TreeRemover.Remove(_root, $"{first}/{second}", CancellationToken.None);
            }
            catch (ArgumentException)
            {
                // Refused, which is the point for most of these.
            }

            return Directory.Exists(_root) && File.Exists(Path.Combine(_outside, "canary"));
        });
}
