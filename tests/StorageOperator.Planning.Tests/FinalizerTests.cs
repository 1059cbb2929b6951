using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>Finalizers that hold volumes until their bytes are deleted, claims while they are used, and the marks of migration.</summary>
public sealed class FinalizerTests
{
    private const string Own = WellKnown.ControllerDeletion;
    private const string External = WellKnown.ExternalDeletion;
    private const string Kept = WellKnown.VolumeProtection;
    private const string InTree = "kubernetes.io/host-path";
    private const string Migrated = "kubernetes.io/aws-ebs";
    private const string Csi = "csi.example.com";

    private static readonly ClaimEntry Claim = Given.Claim("ns/c");

    /// <summary>The cases of kube-controller-manager's test set 13 (modifyDeletionFinalizers) and their neighbours.</summary>
    [Theory]
    [InlineData(InTree, ReclaimPolicies.Delete, "", Own)]
    [InlineData(InTree, ReclaimPolicies.Delete, Own, Own)]
    [InlineData(InTree, ReclaimPolicies.Delete, External, Own)]
    [InlineData(InTree, ReclaimPolicies.Delete, Own + "," + External, Own)]
    [InlineData(InTree, ReclaimPolicies.Delete, "example.com/hold", "example.com/hold," + Own)]
    [InlineData(InTree, ReclaimPolicies.Retain, "", "")]
    [InlineData(InTree, ReclaimPolicies.Retain, Own, "")]
    [InlineData(InTree, ReclaimPolicies.Retain, Own + "," + External, "")]
    [InlineData(InTree, ReclaimPolicies.Recycle, Own, "")]
    [InlineData(Migrated, ReclaimPolicies.Delete, "", "")]
    [InlineData(Migrated, ReclaimPolicies.Delete, Own, "")]
    [InlineData(Migrated, ReclaimPolicies.Delete, Own + "," + External, External)]
    [InlineData(Migrated, ReclaimPolicies.Retain, Own + "," + External, External)]
    [InlineData(Csi, ReclaimPolicies.Delete, "", "")]
    [InlineData(Csi, ReclaimPolicies.Delete, Own + "," + External, Own + "," + External)]
    [InlineData(Csi, ReclaimPolicies.Retain, External, External)]
    [InlineData(null, ReclaimPolicies.Delete, "", "")]
    [InlineData(null, ReclaimPolicies.Delete, Own + "," + External, Own + "," + External)]
    public void The_deletion_finalizers_follow_provisioner_and_policy(string? provisioner, string policy, string before, string after)
    {
        var volume = Given.Volume("v").WithPolicy(policy).WithFinalizers([Kept, .. Split(before)]);
        var world = new World(provisioner is null ? volume : volume.ProvisionedBy(provisioner));
        world.Settle();

        Assert.Equal([Kept, .. Split(after)], world.Volume("v").Finalizers);
    }

    [Fact]
    public void No_finalizer_is_added_to_a_volume_that_is_being_deleted() =>
        Assert.True(new World(Given.Volume("v").ProvisionedBy(InTree).WithPolicy(ReclaimPolicies.Delete).Terminating().WithFinalizers()).PlanVolume("v").IsQuiet);

    [Theory]
    [InlineData(Migrated, null, "ebs.csi.aws.com")]
    [InlineData(Migrated, "ebs.csi.aws.com", "ebs.csi.aws.com")]
    [InlineData(Migrated, "something.else", "ebs.csi.aws.com")]
    [InlineData("kubernetes.io/gce-pd", null, "pd.csi.storage.gke.io")]
    [InlineData("kubernetes.io/azure-disk", null, "disk.csi.azure.com")]
    [InlineData("kubernetes.io/azure-file", null, "file.csi.azure.com")]
    [InlineData("kubernetes.io/cinder", null, "cinder.csi.openstack.org")]
    [InlineData("kubernetes.io/vsphere-volume", null, "csi.vsphere.vmware.com")]
    [InlineData("kubernetes.io/portworx-volume", null, "pxd.portworx.com")]
    [InlineData(InTree, "left.over", null)]
    [InlineData(Csi, "left.over", null)]
    [InlineData(null, "left.over", "left.over")]
    public void Marks_of_migration_follow_the_provisioner(string? provisioner, string? before, string? after)
    {
        var (claim, volume) = (Claim, Given.Volume("v").Holding("1Gi"));
        if (provisioner is not null)
        {
            (claim, volume) = (claim.Annotated(WellKnown.BetaStorageProvisioner, provisioner), volume.ProvisionedBy(provisioner));
        }

        if (before is not null)
        {
            (claim, volume) = (claim.Annotated(WellKnown.MigratedTo, before), volume.Annotated(WellKnown.MigratedTo, before));
        }

        var world = new World(claim, volume).Settle();

        Assert.Equal(after, world.Claim("ns/c").Annotations[WellKnown.MigratedTo]);
        Assert.Equal(after, world.Volume("v").Annotations[WellKnown.MigratedTo]);
    }

    public static readonly TheoryData<string, PodEntry[], bool> Users = new()
    {
        { "nobody", [], false },
        { "a pod on a node", [Given.Pod("ns/p").Using("c")], true },
        { "a finished pod on a node", [Given.Pod("ns/p").Using("c").Ended()], true },
        { "a pod on a node that is being deleted", [Given.Pod("ns/p").Using("c") with { IsDeleting = true }], true },
        { "a force-deleted pod", [Given.Pod("ns/p").Using("c").ForceDeleted()], true },
        { "a pod without a node", [Given.Pod("ns/p").Using("c").Unscheduled()], false },
        { "a pod of another namespace", [Given.Pod("other/p").Using("c")], false },
        { "a pod with another claim", [Given.Pod("ns/p").Using("d")], false },
        { "one pod of several", [Given.Pod("ns/p").Using("c").Unscheduled(), Given.Pod("ns/q").Using("d", "c")], true },
    };

    [Theory]
    [MemberData(nameof(Users), DisableDiscoveryEnumeration = true)]
    public void A_claim_being_deleted_is_held_while_a_pod_on_a_node_uses_it(string users, PodEntry[] pods, bool isHeld)
    {
        var world = new World([Given.Claim("ns/c").Terminating(), .. pods]).Settle();

        Assert.True(isHeld == world.Claim("ns/c").Finalizers.Contains(WellKnown.ClaimProtection), users);
    }

    [Fact]
    public void An_unused_claim_is_let_go_only_after_the_server_itself_was_asked()
    {
        var world = new World(Claim.Terminating());
        var question = world.PlanClaim("ns/c");
        Assert.Equal((Verdict.NeedsProof, true), (question.Verdict, question.Steps.IsEmpty));
        Assert.Equal(new Proof.ClaimIsUnused(Claim.Key), question.Needs);

        Assert.Equal(["claim ns/c spec: -finalizer kubernetes.io/pvc-protection"], world.PlanClaim("ns/c", question.Needs!).Lines());
    }

    [Fact]
    public void A_proof_about_another_claim_proves_nothing() =>
        Assert.NotNull(new World(Claim.Terminating()).PlanClaim("ns/c", new Proof.ClaimIsUnused(Given.KeyOf("ns/d"))).Needs);

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void An_ephemeral_claim_is_used_by_the_pod_that_owns_it_until_it_is_force_deleted(bool isOwner, bool isForceDeleted, bool isHeld)
    {
        var pod = Given.Pod("ns/p").UsingItsOwn("data");
        var claim = Given.Claim("ns/p-data").Terminating() with { ControllerUid = isOwner ? pod.Uid : "somebody else" };
        var world = new World(claim, isForceDeleted ? pod.ForceDeleted() : pod).Settle();

        Assert.Equal(isHeld, world.Claim("ns/p-data").Finalizers.Contains(WellKnown.ClaimProtection));
    }

    [Fact]
    public void A_force_deleted_pod_that_names_its_ephemeral_claim_directly_too_still_holds_it()
    {
        var pod = Given.Pod("ns/p").UsingItsOwn("data").Using("p-data").ForceDeleted();
        var claim = Given.Claim("ns/p-data").Terminating() with { ControllerUid = pod.Uid };

        Assert.Contains(WellKnown.ClaimProtection, new World(claim, pod).Settle().Claim("ns/p-data").Finalizers);
    }

    [Fact]
    public void A_claim_being_deleted_that_others_hold_is_left_alone() =>
        Assert.True(new World(Claim.Terminating().WithFinalizers("example.com/hold")).PlanClaim("ns/c").IsQuiet);

    private static string[] Split(string finalizers) => finalizers.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
