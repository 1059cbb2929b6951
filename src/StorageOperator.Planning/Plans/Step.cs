namespace StorageOperator.Planning.Plans;

/// <summary>
/// One change to be made outside. Each names the exact version it was planned against: when the world has moved on, the step fails, the
/// rest of the plan is dropped, and the next observation makes a new plan.
/// </summary>
public abstract record Step
{
    /// <summary>The position in the plan of the step that must have succeeded first, or null.</summary>
    public int? After { get; init; }
}
