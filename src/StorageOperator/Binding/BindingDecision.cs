namespace StorageOperator.Binding;

/// <summary>Who binds, and why.</summary>
/// <param name="Mode"><see cref="BindingMode.Own"/> or <see cref="BindingMode.Defer"/>, never <see cref="BindingMode.Auto"/>.</param>
/// <param name="Reason">Completes the sentence "binding is own, because ...".</param>
internal sealed record BindingDecision(BindingMode Mode, string Reason)
{
    /// <summary><c>own</c> or <c>defer</c>, as in the option.</summary>
    public string ModeName => Mode == BindingMode.Own ? "own" : "defer";

    /// <summary>The mode that was asked for; null when it was asked to find out.</summary>
    public static BindingDecision? Asked(BindingMode mode) => mode == BindingMode.Auto ? null : new(mode, "--binding says so");

    /// <summary>
    /// Own only where it can be seen that nobody else binds; everything unseen, unclear or forbidden is a reason to defer.
    /// </summary>
    public static BindingDecision From(ControlPlaneSighting seen)
    {
        if (seen.Obstacle is { } obstacle)
        {
            return Defer($"it cannot be seen whether kube-controller-manager binds: {obstacle}");
        }

        if (seen.Pods.FirstOrDefault(pod => pod.Switches.BinderRuns) is { } binder)
        {
            return Defer($"kube-controller-manager binds: the arguments of pod kube-system/{binder.Name} do not switch persistentvolume-binder-controller off");
        }

        if (seen.LiveHolder is { } holder && !seen.Pods.Any(pod => pod.Holds(holder)))
        {
            return Defer($"a kube-controller-manager whose arguments cannot be seen is alive: {holder} renews its Lease in kube-system");
        }

        return seen.Pods.Count == 0
            ? Own("no kube-controller-manager is alive: nobody renews its Lease in kube-system and no pod there runs it")
            : Own(SwitchedOff(seen.Pods));
    }

    private static string SwitchedOff(IReadOnlyList<ControllerManagerPod> pods)
    {
        var reason = "the arguments of kube-controller-manager switch persistentvolume-binder-controller off";
        var others = pods.SelectMany(pod => pod.Switches.OthersThatRun).Distinct().ToArray();
        return others.Length == 0 ? reason : $"{reason} (but leave {string.Join(" and ", others)} on, which then do the same work twice)";
    }

    private static BindingDecision Own(string reason) => new(BindingMode.Own, reason);

    private static BindingDecision Defer(string reason) => new(BindingMode.Defer, reason);
}
