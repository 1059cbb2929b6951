namespace StorageOperator.Model;

/// <summary>When claims of a class are bound.</summary>
public static class BindingModes
{
    /// <summary>At once.</summary>
    public const string Immediate = "Immediate";

    /// <summary>When a pod that uses the claim is scheduled.</summary>
    public const string WaitForFirstConsumer = "WaitForFirstConsumer";
}
