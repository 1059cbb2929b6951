using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Acting;

/// <summary>The outside world that steps change.</summary>
public interface IStepTarget
{
    /// <summary>Makes the change of one step, and lets the observers see it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="version">
    /// For a write: the version to insist on, if an earlier step of the plan wrote the same object; null to insist on the version planned
    /// against.
    /// </param>
    /// <param name="ct">Cancels the step; whether it took effect is then unknown.</param>
    /// <returns>For a write, the version it made.</returns>
    Task<ulong?> PerformAsync(Step step, ulong? version, CancellationToken ct);
}
