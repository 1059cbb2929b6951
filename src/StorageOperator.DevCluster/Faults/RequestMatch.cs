using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Objects;
using StorageOperator.DevCluster.Serving;

namespace StorageOperator.DevCluster.Faults;

/// <summary>
/// Which requests a rule is about. Every part may name several values separated by commas; an absent part fits every request.
/// </summary>
/// <param name="Verbs">get, list, watch, create, update, patch, delete, deletecollection.</param>
/// <param name="Groups">API groups; <c>core</c> is the core group.</param>
/// <param name="Resources">Resources in the plural.</param>
/// <param name="Subresources">Subresources; <c>none</c> is the object itself.</param>
/// <param name="Namespaces">Namespaces.</param>
/// <param name="Names">Object names.</param>
/// <param name="UserAgents">Beginnings of the user agent.</param>
internal sealed record RequestMatch(
    string[]? Verbs,
    string[]? Groups,
    string[]? Resources,
    string[]? Subresources,
    string[]? Namespaces,
    string[]? Names,
    string[]? UserAgents)
{
    private static readonly string[] Fields = ["verb", "group", "resource", "subresource", "namespace", "name", "userAgent"];

    /// <summary>Reads a rule's <c>match</c>.</summary>
    /// <exception cref="ApiException">400 for a part that does not exist.</exception>
    public static RequestMatch Read(JsonObject? match)
    {
        if (match?.Select(part => part.Key).FirstOrDefault(part => !Fields.Contains(part)) is { } unknown)
        {
            throw ApiException.BadRequest($"match has no part \"{unknown}\"; it may have {string.Join(", ", Fields)}");
        }
        string[]? Values(string field) => ObjectMeta.TextOf(match?[field]) is { Length: > 0 } text
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : null;
        return new RequestMatch(
            Values("verb"), Values("group"), Values("resource"), Values("subresource"), Values("namespace"), Values("name"),
            Values("userAgent"));
    }

    /// <summary>Whether a request is meant.</summary>
    public bool Fits(RequestTarget target, string userAgent) =>
        (Verbs is null || Verbs.Contains(target.Verb))
        && (Groups is null || Groups.Contains(target.Kind.Group.Length == 0 ? "core" : target.Kind.Group))
        && (Resources is null || Resources.Contains(target.Kind.Plural))
        && (Subresources is null || Subresources.Contains(target.Subresource.Length == 0 ? "none" : target.Subresource))
        && (Namespaces is null || Namespaces.Contains(target.Namespace))
        && (Names is null || Names.Contains(target.Name))
        && (UserAgents is null || UserAgents.Any(agent => userAgent.StartsWith(agent, StringComparison.Ordinal)));
}
