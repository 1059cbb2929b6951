namespace StorageOperator.Runtime.Rbac;

/// <summary>The rights a class needs on kinds this program has a ResourceType for; <c>config/rbac</c> is generated from these.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class EntityRbacAttribute(params string[] resourceTypes) : Attribute
{
    /// <summary>Names of fields of <c>ResourceTypes</c>, such as <c>nameof(ResourceTypes.PersistentVolume)</c>.</summary>
    public IReadOnlyList<string> ResourceTypes { get; } = resourceTypes;

    /// <summary>A subresource such as <c>status</c> that the rule is for, instead of the objects themselves.</summary>
    public string? Subresource { get; set; }

    /// <summary>The verbs.</summary>
    public RbacVerb Verbs { get; set; }

    /// <summary>Why the right is needed; becomes a comment in the generated rules.</summary>
    public string? Why { get; set; }
}
