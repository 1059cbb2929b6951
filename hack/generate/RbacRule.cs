using StorageOperator.Runtime.Rbac;

namespace StorageOperator.Generate;

/// <summary>One rule of a role: either resources or URLs.</summary>
internal sealed record RbacRule(
    IReadOnlyList<string> Groups, IReadOnlyList<string> Resources, IReadOnlyList<string> ResourceNames, IReadOnlyList<string> Urls, RbacVerb Verbs, IReadOnlyList<string> Why)
{
    /// <summary>Rules for the same things are one rule.</summary>
    public string Subject => string.Join('|', string.Join(',', Groups), string.Join(',', Resources), string.Join(',', ResourceNames), string.Join(',', Urls));
}
