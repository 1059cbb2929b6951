namespace StorageOperator.Model;

/// <summary>A pod's use of a claim of its namespace.</summary>
/// <param name="ClaimName">The claim's name.</param>
/// <param name="IsEphemeral">Whether the claim is made for the pod; then it counts only if the pod owns it.</param>
public readonly record struct ClaimUse(string ClaimName, bool IsEphemeral);
