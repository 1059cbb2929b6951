using StorageOperator.Binding;

namespace StorageOperator.Tests.Binding;

public sealed class ControllerSwitchesTests
{
    [Theory]
    [InlineData("--leader-elect=true")]
    [InlineData("--controllers=*")]
    [InlineData("--controllers=*,bootstrapsigner,tokencleaner")]
    [InlineData("--controllers=persistentvolume-binder")]
    [InlineData("--controllers=*,-pv-protection")]
    [InlineData("--controllers=persistentvolume-binder-controller,-persistentvolume-binder-controller,*")]
    public void The_binder_runs_unless_it_is_switched_off(string argument) =>
        Assert.True(ControllerSwitches.Read(["kube-controller-manager", argument]).BinderRuns);

    [Theory]
    [InlineData("--controllers=*,-persistentvolume-binder-controller")]
    [InlineData("--controllers=*,-persistentvolume-binder")]
    [InlineData("--controllers=-persistentvolume-binder-controller,*")]
    [InlineData("-controllers=*,-persistentvolume-binder")]
    [InlineData("--controllers=deployment-controller")]
    [InlineData("--controllers=\"*,-persistentvolume-binder\"")]
    public void A_name_or_its_alias_switches_it_off(string argument) =>
        Assert.False(ControllerSwitches.Read(["kube-controller-manager", argument]).BinderRuns);

    [Fact]
    public void The_value_may_be_the_next_argument() =>
        Assert.False(ControllerSwitches.Read(["--controllers", "*,-persistentvolume-binder-controller", "--v=2"]).BinderRuns);

    [Fact]
    public void Repeated_flags_add_up() =>
        Assert.False(ControllerSwitches.Read(["--controllers=*", "--controllers=-persistentvolume-binder"]).BinderRuns);

    [Fact]
    public void The_others_are_told_by_their_names()
    {
        var switches = ControllerSwitches.Read(["--controllers=*,-persistentvolume-binder-controller,-pvc-protection"]);

        Assert.Equal(["persistentvolume-expander-controller", "persistentvolume-protection-controller"], switches.OthersThatRun);
    }
}
