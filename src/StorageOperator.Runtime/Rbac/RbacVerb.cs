namespace StorageOperator.Runtime.Rbac;

/// <summary>Verbs of RBAC rules.</summary>
[Flags]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>get</c>.</summary>
    Get = 1,

    /// <summary><c>list</c>.</summary>
    List = 2,

    /// <summary><c>watch</c>.</summary>
    Watch = 4,

    /// <summary><c>create</c>.</summary>
    Create = 8,

    /// <summary><c>update</c>.</summary>
    Update = 16,

    /// <summary><c>patch</c>.</summary>
    Patch = 32,

    /// <summary><c>delete</c>.</summary>
    Delete = 64,

    /// <summary>All seven, spelled out.</summary>
    AllExplicit = Get | List | Watch | Create | Update | Patch | Delete,

    /// <summary><c>*</c>.</summary>
    All = 128,
}
