using StorageOperator.Binding;

namespace StorageOperator.Tests.Binding;

public sealed class BindingDecisionTests
{
    private const string AllFourOff =
        "--controllers=*,-persistentvolume-binder-controller,-persistentvolume-expander-controller,-persistentvolumeclaim-protection-controller,-persistentvolume-protection-controller";

    [Fact]
    public void Own_when_nobody_is_there() => AssertDecides(BindingMode.Own, "no kube-controller-manager is alive", new([], null));

    [Fact]
    public void Own_when_every_pod_switches_the_binder_off() =>
        AssertDecides(BindingMode.Own, "switch persistentvolume-binder-controller off", new([Pod("a", AllFourOff), Pod("b", AllFourOff)], "node-a_1f"));

    [Fact]
    public void Own_says_which_neighbours_are_still_on() => AssertDecides(
        BindingMode.Own, "leave persistentvolume-expander-controller and", new([Pod("a", "--controllers=*,-persistentvolume-binder")], null));

    [Fact]
    public void Defer_when_a_pod_binds() => AssertDecides(BindingMode.Defer, "kube-system/kube-controller-manager-a", new([Pod("a", "--v=2")], "node-a_1f"));

    [Fact]
    public void Defer_when_a_pod_binds_without_a_lease() => AssertDecides(BindingMode.Defer, "kube-system/kube-controller-manager-a", new([Pod("a", "--leader-elect=false")], null));

    [Fact]
    public void Defer_when_only_one_of_several_pods_binds() =>
        AssertDecides(BindingMode.Defer, "kube-system/kube-controller-manager-b", new([Pod("a", AllFourOff), Pod("b", "--v=2")], "node-a_1f"));

    [Fact]
    public void Defer_when_the_lease_is_renewed_by_somebody_unseen() => AssertDecides(BindingMode.Defer, "master-7_1f", new([], "master-7_1f"));

    [Fact]
    public void Defer_when_the_holder_is_none_of_the_pods() =>
        AssertDecides(BindingMode.Defer, "elsewhere_1f", new([Pod("a", AllFourOff)], "elsewhere_1f"));

    [Fact]
    public void Defer_when_it_cannot_be_seen() => AssertDecides(BindingMode.Defer, "leases is forbidden", new([], null, "leases is forbidden"));

    [Theory]
    [InlineData("node-a_5c1f", true)]
    [InlineData("node-a.example.org_5c1f", true)]
    [InlineData("kube-controller-manager-a_5c1f", true)]
    [InlineData("node-ab_5c1f", false)]
    public void A_lease_is_held_in_the_name_of_the_node(string holder, bool expected) => Assert.Equal(expected, Pod("a", AllFourOff).Holds(holder));

    [Theory]
    [InlineData("own", "own")]
    [InlineData("defer", "defer")]
    public void What_was_asked_is_not_questioned(string mode, string expected) =>
        Assert.Equal(expected, BindingDecision.Asked(Enum.Parse<BindingMode>(mode, ignoreCase: true))!.ModeName);

    [Fact]
    public void Auto_has_to_be_found_out() => Assert.Null(BindingDecision.Asked(BindingMode.Auto));

    private static void AssertDecides(BindingMode mode, string reason, ControlPlaneSighting seen)
    {
        var decision = BindingDecision.From(seen);

        Assert.Equal(mode, decision.Mode);
        Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
    }

    private static ControllerManagerPod Pod(string node, string argument) =>
        new($"kube-controller-manager-{node}", $"node-{node}", ["kube-controller-manager", argument]);
}
