using System.Reflection;

namespace StorageOperator.Testing;

/// <summary>Where the programs are that tests run.</summary>
public static class Programs
{
    /// <summary>The repository that this library was built from.</summary>
    public static string RepositoryRoot { get; } = typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The operator: <c>STORAGE_OPERATOR_BIN</c>, else what the build left.</summary>
    public static string Operator => Built("STORAGE_OPERATOR_BIN", "src/StorageOperator", "storage-operator");

    /// <summary>The embedded API server: <c>STORAGE_DEVCLUSTER_BIN</c>, else what the build left.</summary>
    public static string DevCluster => Built("STORAGE_DEVCLUSTER_BIN", "src/StorageOperator.DevCluster", "storage-devcluster");

    /// <summary>The operator that ends where a test wants it to: <c>STORAGE_CRASHHOST_BIN</c>, else what the build left.</summary>
    public static string CrashHost => Built("STORAGE_CRASHHOST_BIN", "tests/StorageOperator.CrashHost", "StorageOperator.CrashHost");

    /// <summary>The folder with the programs of a real control plane: <c>KUBEBUILDER_ASSETS</c>, else where the repository keeps them.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string EnvtestAssets
    {
        get
        {
            string?[] candidates = [Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS"), Path.Combine(RepositoryRoot, ".cache/envtest")];
            return candidates.FirstOrDefault(folder => File.Exists(Path.Combine(folder ?? "", "kube-apiserver")))
                ?? throw new FileNotFoundException("There is no kube-apiserver: run `make envtest-assets`, or set KUBEBUILDER_ASSETS to a folder that has one.");
        }
    }

    /// <summary>The folder of <see cref="EnvtestAssets"/>, or null when there is none.</summary>
    public static string? EnvtestAssetsIfAny
    {
        get
        {
            try
            {
                return EnvtestAssets;
            }
            catch (FileNotFoundException)
            {
                return null;
            }
        }
    }

    /// <summary>The full path of a program on the search path, or null.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);

    // bin/ is where `make build` puts the programs; the build output of this library's own configuration comes next, so that
    // a test run from an editor sees what was just built.
    private static string Built(string variable, string project, string program)
    {
        var named = Environment.GetEnvironmentVariable(variable);
        if (!string.IsNullOrEmpty(named))
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"{variable} is {named}, and there is no such file.");
        }

        var candidates = new[] { $"{project}/bin/{Configuration}/net10.0/{program}", $"{project}/bin/Release/net10.0/{program}", $"{project}/bin/Debug/net10.0/{program}" }
            .Select(path => Path.Combine(RepositoryRoot, path));
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"There is no built {program}: run `make build`, or set {variable}.");
    }

    private static string Configuration =>
        typeof(Programs).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
}
