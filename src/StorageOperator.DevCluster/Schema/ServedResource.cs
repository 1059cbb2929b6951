using System.Text.Json.Nodes;

namespace StorageOperator.DevCluster.Schema;

/// <summary>One resource that the server serves, as far as its OpenAPI documents have to know it.</summary>
/// <param name="Kind">What kind its objects are.</param>
/// <param name="Plural">Its name in paths: persistentvolumes.</param>
/// <param name="Namespaced">True if its objects live in namespaces.</param>
/// <param name="Verbs">get, list, watch, create, update, patch, delete, deletecollection.</param>
/// <param name="Subresources">status, scale, ...; none for most.</param>
/// <param name="ListKind">The kind of its lists.</param>
/// <param name="CustomSchema">
/// The openAPIV3Schema of a custom resource's version (an empty object if it has none); null for a built-in kind.
/// </param>
public sealed record ServedResource(
    GroupVersionKind Kind, string Plural, bool Namespaced, IReadOnlyList<string> Verbs, IReadOnlyList<string> Subresources, string ListKind,
    JsonObject? CustomSchema = null);
