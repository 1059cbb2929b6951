using StorageOperator.Generate;

namespace StorageOperator.Tests;

/// <summary>The work tree the tests run in.</summary>
internal static class Repository
{
    public static readonly string Root = GeneratedFiles.FindRepositoryRoot(AppContext.BaseDirectory);

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);
}
