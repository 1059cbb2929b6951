namespace StorageOperator.Model;

/// <summary>A kind of API object and where the API server serves it.</summary>
/// <param name="Group">The API group, empty for the core group.</param>
/// <param name="Version">The version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">The plural in lower case, as it stands in paths and in RBAC rules.</param>
/// <param name="Kind">The kind as it stands in manifests.</param>
/// <param name="Namespaced">Whether objects of this kind live in a namespace.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    /// <summary><c>group/version</c>, or just the version in the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The path of all objects of this kind, in all namespaces.</summary>
    public string CollectionPath => Group.Length == 0 ? $"/api/{Version}/{Plural}" : $"/apis/{Group}/{Version}/{Plural}";

    /// <summary>The path of the collection in one namespace, or of all objects when the kind is cluster-scoped.</summary>
    public string PathIn(string @namespace) => !Namespaced
        ? CollectionPath
        : Group.Length == 0
            ? $"/api/{Version}/namespaces/{@namespace}/{Plural}"
            : $"/apis/{Group}/{Version}/namespaces/{@namespace}/{Plural}";

    /// <summary>The path of one object, or of one of its subresources such as <c>status</c>.</summary>
    public string PathOf(ObjectKey key, string? subresource = null) =>
        subresource is null ? $"{PathIn(key.Namespace)}/{key.Name}" : $"{PathIn(key.Namespace)}/{key.Name}/{subresource}";
}
