using System.Reflection;
using System.Runtime.InteropServices;

namespace StorageOperator.CommandLine;

/// <summary>What this build is.</summary>
internal static class ProgramVersion
{
    private static readonly string Informational =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Such as <c>0.1.0</c>.</summary>
    public static string Number => Informational.Split('+')[0];

    /// <summary>The commit this was built from, or <c>unknown</c> outside of a git work tree.</summary>
    public static string Commit => Informational.Split('+') is [_, var commit] ? commit : "unknown";

    /// <summary>Whether this is the ahead-of-time compiled program. Only the JIT's host tells where the runtime's own assemblies are.</summary>
    public static bool IsNative => AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null;

    /// <summary>The lines <c>storage-operator version</c> prints.</summary>
    public static string Describe() => $"""
        storage-operator {Number}
        commit:   {Commit}
        runtime:  {RuntimeInformation.FrameworkDescription}, {(IsNative ? "native AOT" : "JIT")}
        platform: {RuntimeInformation.RuntimeIdentifier}
        """;
}
