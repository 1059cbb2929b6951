namespace StorageOperator.Runtime.Rbac;

/// <summary>Rights on resources or URLs given by name.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class GenericRbacAttribute : Attribute
{
    /// <summary>API groups.</summary>
    public string[] Groups { get; set; } = [];

    /// <summary>Plural resource names, with subresource after a slash.</summary>
    public string[] Resources { get; set; } = [];

    /// <summary>Names the rule is limited to; empty for all.</summary>
    public string[] ResourceNames { get; set; } = [];

    /// <summary>Non-resource URLs.</summary>
    public string[] Urls { get; set; } = [];

    /// <summary>The verbs.</summary>
    public RbacVerb Verbs { get; set; }

    /// <summary>Whether the rule belongs into a Role in the operator's own namespace instead of the ClusterRole.</summary>
    public bool Namespaced { get; set; }

    /// <summary>Why the right is needed; becomes a comment in the generated rules.</summary>
    public string? Why { get; set; }
}
