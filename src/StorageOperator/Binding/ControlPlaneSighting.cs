namespace StorageOperator.Binding;

/// <summary>What could be seen of others that bind.</summary>
/// <param name="Pods">The pods in <c>kube-system</c> that run kube-controller-manager.</param>
/// <param name="LiveHolder">Who holds the Lease of kube-controller-manager and is alive; null if nobody.</param>
/// <param name="Obstacle">Why it could not be seen, such as a right that is missing; null if it could.</param>
internal sealed record ControlPlaneSighting(IReadOnlyList<ControllerManagerPod> Pods, string? LiveHolder, string? Obstacle = null);
