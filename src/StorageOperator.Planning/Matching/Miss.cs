namespace StorageOperator.Planning.Matching;

/// <summary>One reason for which volumes did not match, with how many it excluded first.</summary>
/// <param name="Count">How many volumes; at least one.</param>
/// <param name="Reason">What they have in common, such as <c>lack ReadWriteMany</c>, for the plural.</param>
/// <param name="SingularReason">The same for one volume, such as <c>lacks ReadWriteMany</c>.</param>
public readonly record struct Miss(int Count, string Reason, string SingularReason)
{
    /// <summary>Such as <c>2 are too small (largest 500Mi)</c>.</summary>
    public override string ToString() => Count == 1 ? $"1 {SingularReason}" : $"{Count} {Reason}";
}
