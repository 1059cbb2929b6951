using StorageOperator.Generate;

namespace StorageOperator.Tests.Manifests;

public sealed class GeneratedFilesTests
{
    [Fact]
    public void Generated_files_are_what_the_code_says() => Assert.All(
        GeneratedFiles.All(), file => Assert.True(file.IsCurrent(Repository.Root), $"{file.Path} has drifted: run make manifests and commit it"));

    [Fact]
    public void The_role_asks_for_no_wildcard_and_no_secrets()
    {
        var role = GeneratedFiles.All().Single(file => file.Path == "config/rbac/role.yaml").Content;

        Assert.DoesNotContain("\"*\"", role, StringComparison.Ordinal);
        Assert.DoesNotContain("secrets", role, StringComparison.Ordinal);
        Assert.Contains("persistentvolumeclaims", role, StringComparison.Ordinal);
    }
}
