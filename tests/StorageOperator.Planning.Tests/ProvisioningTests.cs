using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>Claims with a class and no volume, and bound claims that ask for more.</summary>
public sealed class ProvisioningTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c").InClass("fast");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Fact]
    public void A_claim_is_handed_to_its_external_provisioner_under_both_names()
    {
        var plan = new World(Claim, Given.Class("fast")).PlanClaim("ns/c");

        Assert.Equal(Verdict.WaitsForProvisioner, plan.Verdict);
        Assert.Equal(["claim ns/c spec: +storage-provisioner=csi.example.com +storage-provisioner=csi.example.com"], plan.Lines());
        Assert.Equal(["Normal ExternalProvisioning on ns/c"], plan.EventLines());
        Assert.StartsWith("Waiting for a volume to be created either by the external provisioner 'csi.example.com' or manually", plan.Events[0].Note, StringComparison.Ordinal);

        var written = Assert.IsType<WriteClaim>(plan.Steps[0]).Desired;
        Assert.Equal("csi.example.com", written.Annotations[WellKnown.StorageProvisioner]);
        Assert.Equal("csi.example.com", written.Annotations[WellKnown.BetaStorageProvisioner]);
    }

    [Fact]
    public void A_claim_that_was_handed_over_is_not_written_again() =>
        Assert.True(new World(Claim, Given.Class("fast")).Settle().PlanClaim("ns/c").IsQuiet);

    [Fact]
    public void A_volume_that_fits_goes_before_a_provisioner() =>
        Assert.Equal(Verdict.Binding, new World(Claim, Given.Class("fast"), Volume.InClass("fast")).PlanClaim("ns/c").Verdict);

    [Fact]
    public void A_class_of_a_plugin_that_became_a_CSI_driver_is_handed_to_the_driver()
    {
        var world = new World(Claim, Given.Class("fast").Of("kubernetes.io/aws-ebs")).Settle();

        Assert.Equal("ebs.csi.aws.com", world.Claim("ns/c").Annotations[WellKnown.StorageProvisioner]);
        Assert.Equal(Verdict.WaitsForProvisioner, world.PlanClaim("ns/c").Verdict);
    }

    [Theory]
    [InlineData("gone", Verdict.WaitsForClass, "storageclass.storage.k8s.io \"fast\" not found")]
    [InlineData(WellKnown.NoProvisioner, Verdict.WaitsForVolume, "storage class \"fast\" has provisioner kubernetes.io/no-provisioner")]
    [InlineData("kubernetes.io/no-such-plugin", Verdict.WaitsForVolume, "no volume plugin matched name: kubernetes.io/no-such-plugin")]
    public void A_claim_that_nobody_provisions_is_told_why_and_not_written(string provisioner, Verdict verdict, string note)
    {
        var plan = (provisioner == "gone" ? new World(Claim) : new World(Claim, Given.Class("fast").Of(provisioner))).PlanClaim("ns/c");

        Assert.Equal((verdict, true), (plan.Verdict, plan.IsQuiet));
        Assert.Equal(["Warning ProvisioningFailed on ns/c"], plan.EventLines());
        Assert.StartsWith(note, plan.Events[0].Note, StringComparison.Ordinal);
        Assert.EndsWith("0/0 volumes match: there are no volumes.", plan.Events[0].Note, StringComparison.Ordinal);
        Assert.NotNull(plan.Report);
    }

    [Fact]
    public void The_hostPath_provisioner_is_named_on_the_claim_but_provisions_nothing()
    {
        var plan = new World(Claim, Given.Class("fast").Of("kubernetes.io/host-path")).PlanClaim("ns/c");

        Assert.Equal(["claim ns/c spec: +storage-provisioner=kubernetes.io/host-path +storage-provisioner=kubernetes.io/host-path"], plan.Lines());
        Assert.Equal(["Warning ProvisioningFailed on ns/c"], plan.EventLines());
    }

    [Fact]
    public void Provisioning_can_be_switched_off()
    {
        var plan = new World(Claim, Given.Class("fast")) { Options = new PlanningOptions { EnableDynamicProvisioning = false } }.PlanClaim("ns/c");

        Assert.Equal((Verdict.WaitsForVolume, true), (plan.Verdict, plan.IsQuiet));
        Assert.StartsWith("dynamic provisioning is switched off", Assert.Single(plan.Events).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Provisioning_never_resets_a_phase() =>
        Assert.DoesNotContain(new World(Claim.InPhase(Phases.Bound), Given.Class("fast")).PlanClaim("ns/c").Steps, step => step is WriteClaim { Part: ObjectPart.Status });

    [Fact]
    public void A_bound_claim_that_asks_for_more_waits_for_a_resizer()
    {
        var claim = Given.Claim("ns/c").BoundTo(Volume).Requesting("20Gi");
        var plan = new World(claim, Volume.BoundTo(claim)).PlanClaim("ns/c");

        Assert.Equal((Verdict.Bound, true), (plan.Verdict, plan.IsQuiet));
        Assert.Equal(["Normal ExternalExpanding on ns/c"], plan.EventLines());
        Assert.Equal("waiting for an external controller to expand this PVC from 10Gi to 20Gi (volume \"v\")", plan.Events[0].Note);
    }

    [Fact]
    public void A_volume_of_a_plugin_that_became_a_CSI_driver_is_resized_by_the_driver()
    {
        var claim = Given.Claim("ns/c").BoundTo(Volume).Requesting("20Gi").WithFinalizers();
        var plan = new World(claim, Volume.On(new VolumeSource("awsElasticBlockStore")).BoundTo(claim)).PlanClaim("ns/c");

        Assert.Equal(["claim ns/c spec: +storage-resizer=ebs.csi.aws.com +finalizer kubernetes.io/pvc-protection"], plan.Lines());
        Assert.Equal(["Normal ExternalExpanding on ns/c"], plan.EventLines());
    }

    [Theory]
    [InlineData("10Gi", "10Gi", false, false)]
    [InlineData("5Gi", "10Gi", false, false)]
    [InlineData("10Gi", "10Gi", true, true)]
    [InlineData("10241Mi", "10Gi", false, true)]
    [InlineData("5Gi", "", false, true)]
    public void A_claim_is_to_grow_when_it_has_less_than_it_asks_for_or_a_file_system_lags(string request, string has, bool isHalfDone, bool grows)
    {
        var claim = Given.Claim("ns/c").BoundTo(Volume).Requesting(request) with { StatusCapacityText = has };
        var volume = isHalfDone ? Volume.BoundTo(claim).Annotated(WellKnown.PreResizeCapacity, "5Gi") : Volume.BoundTo(claim);

        Assert.Equal(grows ? ["Normal ExternalExpanding on ns/c"] : [], new World(claim, volume).PlanClaim("ns/c").EventLines());
    }

    [Fact]
    public void A_Lost_claim_is_not_to_grow()
    {
        var lost = Given.Claim("ns/c").BoundTo(Volume).InPhase(Phases.Lost) with { StatusCapacityText = "" };

        Assert.Empty(new World(lost, Volume.BoundTo(lost)).PlanClaim("ns/c").Events);
        Assert.Empty(new World(lost).PlanClaim("ns/c").Events);
    }
}
