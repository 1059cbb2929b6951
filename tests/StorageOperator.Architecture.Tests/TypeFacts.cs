using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace StorageOperator.Architecture.Tests;

/// <summary>A type of ours: its name and what it shows to other rooms.</summary>
/// <param name="FullName">Namespace and name, without the count of type parameters.</param>
/// <param name="IsPublic">Whether other rooms see it.</param>
/// <param name="PublicNames">Its own name and those of its public members.</param>
internal sealed record TypeFacts(string FullName, bool IsPublic, ImmutableArray<string> PublicNames)
{
    public string Name => FullName[(FullName.LastIndexOf('.') + 1)..];

    /// <returns>Null for what the compiler or a generator made.</returns>
    public static TypeFacts? Read(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        var name = metadata.GetString(type.Name).Split('`')[0];
        if (name.Contains('<', StringComparison.Ordinal) || !type.GetDeclaringType().IsNil)
        {
            return null;
        }

        var members = type.GetMethods().Select(metadata.GetMethodDefinition)
            .Where(method => (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public)
            .Select(method => metadata.GetString(method.Name))
            .Concat(type.GetFields().Select(metadata.GetFieldDefinition)
                .Where(field => (field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public)
                .Select(field => metadata.GetString(field.Name)));
        var isPublic = (type.Attributes & TypeAttributes.VisibilityMask) == TypeAttributes.Public;
        return new($"{metadata.GetString(type.Namespace)}.{name}", isPublic, isPublic ? [name, .. members] : []);
    }
}
