namespace StorageOperator.Planning.Plans;

/// <summary>The two halves of an object that the API server writes separately.</summary>
public enum ObjectPart
{
    /// <summary>metadata and spec.</summary>
    Spec,

    /// <summary>status.</summary>
    Status,
}
