using System.Reflection;

namespace StorageOperator.Generate;

public static class GeneratedFiles
{
    /// <summary>The program and everything of ours it is made of.</summary>
    private static IReadOnlyList<Assembly> Rooms()
    {
        var program = typeof(CommandLine.OperatorOptions).Assembly;
        return [program, .. program.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("StorageOperator.", StringComparison.Ordinal)).Select(Assembly.Load)];
    }

    public static IReadOnlyList<GeneratedFile> All()
    {
        var rules = RbacRules.Of(Rooms());
        return
        [
            new("config/rbac/role.yaml", RoleManifest.ClusterRole("manager-role", rules.OfCluster)),
            new("config/rbac/leader_election_role.yaml", RoleManifest.Role("leader-election-role", rules.OfOwnNamespace)),
            new("docs/options.md", OptionsPage.Write()),
        ];
    }

    public static string FindRepositoryRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StorageOperator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"StorageOperator.sln is in none of the folders above {start}");
    }
}
