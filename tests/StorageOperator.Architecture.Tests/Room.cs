using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace StorageOperator.Architecture.Tests;

/// <summary>One project in src, read from its source folder and from the metadata of what was built of it.</summary>
internal sealed class Room
{
    private static readonly string Root = FindRoot();

    private static readonly string Configuration = typeof(Room).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "Configuration").Value!;

    private Room(string name, string folder, ImmutableArray<string> references, ImmutableArray<TypeFacts> types, ImmutableArray<string> membersUsed)
    {
        Name = name;
        Folder = folder;
        References = references;
        Types = types;
        MembersUsed = membersUsed;
    }

    /// <summary>All projects in src.</summary>
    public static IReadOnlyList<Room> All { get; } =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Where(folder => Directory.GetFiles(folder, "*.csproj").Length == 1).Select(Read).OrderBy(room => room.Name, StringComparer.Ordinal)];

    /// <summary>The project's name.</summary>
    public string Name { get; }

    public string Folder { get; }

    /// <summary>The other rooms it was compiled against and uses.</summary>
    public ImmutableArray<string> References { get; }

    /// <summary>Its own types, those the compiler made left out.</summary>
    public ImmutableArray<TypeFacts> Types { get; }

    /// <summary>The members of others it uses, each with the full name of its type before it.</summary>
    public ImmutableArray<string> MembersUsed { get; }

    public static Room Named(string name) => All.Single(room => room.Name == name);

    public IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Folder, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    public override string ToString() => Name;

    private static Room Read(string folder)
    {
        var name = Path.GetFileName(folder);
        var project = File.ReadAllText(Path.Combine(folder, $"{name}.csproj"));
        var assembly = project.Split("<AssemblyName>") is [_, var rest] ? rest.Split('<')[0] : name;
        using var stream = File.OpenRead(Path.Combine(folder, "bin", Configuration, "net10.0", $"{assembly}.dll"));
        using var file = new PEReader(stream);
        var metadata = file.GetMetadataReader();
        return new(
            name,
            folder,
            [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)).Where(IsOurs)],
            [.. metadata.TypeDefinitions.Select(handle => TypeFacts.Read(metadata, handle)).OfType<TypeFacts>()],
            [.. metadata.MemberReferences.Select(metadata.GetMemberReference).Select(member => FullName(metadata, member)).OfType<string>()]);
    }

    /// <returns>Null for a member of a type that is made here, such as a closed generic one: its open form is counted by itself.</returns>
    private static string? FullName(MetadataReader metadata, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return null;
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}.{metadata.GetString(member.Name)}";
    }

    private static bool IsOurs(string assembly) =>
        assembly.StartsWith("StorageOperator", StringComparison.Ordinal) || assembly.StartsWith("storage-", StringComparison.Ordinal) || assembly.StartsWith("kubectl-", StringComparison.Ordinal);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "StorageOperator.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("StorageOperator.sln is in none of the folders above the test");
        }

        return folder.FullName;
    }
}
