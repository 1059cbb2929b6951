using CsCheck;
using StorageOperator.Model;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Planning.Tests;

/// <summary>What becomes of a volume whose claim is gone.</summary>
public sealed class ReclaimTests
{
    private const string HostPath = "kubernetes.io/host-path";

    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Released = Given.Volume("v").BoundTo(Claim).InPhase(Phases.Released);
    private static readonly VolumeEntry Deletable = Released.WithPolicy(ReclaimPolicies.Delete).OnHostPath("/tmp/data");
    private static readonly VolumeEntry Recyclable = Released.WithPolicy(ReclaimPolicies.Recycle);

    [Theory]
    [InlineData(ReclaimPolicies.Retain)]
    [InlineData(ReclaimPolicies.Delete)]
    [InlineData(ReclaimPolicies.Recycle)]
    [InlineData("Shred")]
    public void A_volume_is_Released_before_anything_else_is_done_to_it(string policy) => Assert.Equal(
        ["volume v status: phase=Released"],
        Gone(Released.InPhase(Phases.Bound).WithPolicy(policy).OnHostPath("/tmp/data")).PlanVolume("v").Lines());

    [Fact]
    public void A_retained_volume_stays_as_it_is()
    {
        Assert.Equal((Verdict.Released, true), Outcome(Gone(Released).PlanVolume("v")));
        Assert.Equal((Verdict.Failed, true), Outcome(Gone(Released.InPhase(Phases.Failed)).PlanVolume("v")));
    }

    [Fact]
    public void A_policy_that_is_not_known_is_a_failure_told_once()
    {
        var world = Gone(Released.WithPolicy("Shred"));
        var plan = world.PlanVolume("v");
        Assert.Equal(["Warning VolumeUnknownReclaimPolicy on v"], plan.EventLines());
        Assert.Equal(["volume v status: phase=Failed message=" + plan.EventsWhenDone[0].Note], plan.Lines());

        world.Settle();
        Assert.Equal((Verdict.Failed, true), Outcome(world.PlanVolume("v")));
        Assert.Single(world.Events);
    }

    [Theory]
    [InlineData(ReclaimPolicies.Delete)]
    [InlineData(ReclaimPolicies.Recycle)]
    [InlineData(ReclaimPolicies.Retain)]
    public void A_volume_migrated_to_CSI_is_left_to_its_driver(string policy)
    {
        var volume = Released.ProvisionedBy("kubernetes.io/aws-ebs").Annotated(WellKnown.MigratedTo, "ebs.csi.aws.com").WithPolicy(policy).OnHostPath("/tmp/data");

        Assert.Equal((Verdict.Released, true), Outcome(Gone(volume).PlanVolumeWithProofs("v")));
    }

    [Fact]
    public void A_volume_of_an_external_provisioner_is_left_to_it()
    {
        foreach (var volume in new[] { Deletable.ProvisionedBy("csi.example.com"), Deletable.OnCsi("csi.example.com"), Deletable.ProvisionedBy("rancher.io/local-path") })
        {
            Assert.Equal((Verdict.Released, true), Outcome(Gone(volume).PlanVolumeWithProofs("v")));
            Assert.Empty(Gone(volume).PlanVolume("v").Events);
        }
    }

    [Theory]
    [InlineData("kubernetes.io/no-such-plugin", "hostPath")]
    [InlineData("kubernetes.io/host-path", "nfs")]
    [InlineData("kubernetes.io/host-path", "csi")]
    [InlineData(null, "nfs")]
    [InlineData(null, "local")]
    [InlineData(null, "")]
    public void A_volume_that_nobody_can_delete_is_Failed_with_an_event(string? provisioner, string plugin)
    {
        var volume = Deletable.On(new VolumeSource(plugin, Path: "/tmp/data")).WithFinalizers(WellKnown.VolumeProtection, WellKnown.ControllerDeletion);
        var world = Gone(provisioner is null ? volume : volume.ProvisionedBy(provisioner));
        var plan = world.PlanVolumeWithProofs("v");

        Assert.Equal(Verdict.Failed, plan.Verdict);
        Assert.Equal(["Warning VolumeFailedDelete on v"], plan.EventLines());
        Assert.Equal(Phases.Failed, world.Settle().Volume("v").Phase);
        Assert.Empty(world.Deeds);
        Assert.Single(world.Events);
    }

    [Theory]
    [InlineData("/tmp/data")]
    [InlineData("/tmp/a/b/c")]
    [InlineData("/tmp/..data")]
    [InlineData("/tmp/...")]
    [InlineData("/tmp/ ")]
    public void A_directory_below_tmp_is_deleted_then_the_volume_let_go_then_deleted(string path)
    {
        var volume = Deletable.OnHostPath(path).ProvisionedBy(HostPath).WithFinalizers(WellKnown.VolumeProtection, WellKnown.ControllerDeletion);

        Assert.Equal(
            [$"delete directory {path}", "volume v spec: -finalizer kubernetes.io/pv-controller (after 0)", "delete volume v (after 1)"],
            Gone(volume).PlanVolumeWithProofs("v").Lines());
        Assert.Equal([$"delete directory {path}", "delete volume v (after 0)"], Gone(Deletable.OnHostPath(path)).PlanVolumeWithProofs("v").Lines());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/tmp")]
    [InlineData("/tmp/")]
    [InlineData("/tmp//")]
    [InlineData("/tmp/.")]
    [InlineData("/tmp/..")]
    [InlineData("/tmp/../etc")]
    [InlineData("/tmp/a/../../etc")]
    [InlineData("/tmp/a/..")]
    [InlineData("/tmp/a/.")]
    [InlineData("/tmp/./a")]
    [InlineData("/tmp/a/")]
    [InlineData("/tmp//a")]
    [InlineData("//tmp/a")]
    [InlineData("/tmpfs/a")]
    [InlineData("/TMP/a")]
    [InlineData("tmp/a")]
    [InlineData("/var/../tmp/a")]
    [InlineData("/etc")]
    [InlineData("/tmp/a\0/b")]
    [InlineData(null)]
    public void No_other_path_is_ever_deleted(string? path)
    {
        var world = Gone(Deletable.On(new VolumeSource("hostPath", Path: path)));
        var plan = world.PlanVolumeWithProofs("v");

        Assert.Equal(Verdict.Failed, plan.Verdict);
        Assert.Equal(["Warning VolumeFailedDelete on v"], plan.EventLines());
        Assert.StartsWith("host_path deleter only supports /tmp/.+ but received provided ", plan.EventsWhenDone[0].Note, StringComparison.Ordinal);
        Assert.Empty(world.Settle().Deeds);
    }

    [Fact]
    public void Whatever_path_is_deleted_lies_below_tmp() => Gen.OneOf("tmp", "..", ".", "", "a", "etc", "/", "//", "\0", "\\", "%2e%2e", "‥").Array[0, 6]
        .Select(parts => "/tmp/" + string.Join('/', parts)).Sample(path =>
        {
            var deeds = Gone(Deletable.OnHostPath(path)).Settle().Deeds;
            Assert.All(deeds, deed =>
            {
                var deleted = Assert.IsType<DeleteHostPath>(deed).Path;
                Assert.Equal(deleted, Path.GetFullPath(deleted));
                Assert.StartsWith("/tmp/", deleted, StringComparison.Ordinal);
                Assert.True(deleted.Length > "/tmp/".Length);
            });
        });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Nothing_is_destroyed_before_both_questions_are_answered(bool isClaimProved, bool isVolumeProved)
    {
        foreach (var volume in new[] { Deletable, Recyclable, Recyclable.OnHostPath("/anywhere") })
        {
            var world = new World(volume);
            if (isClaimProved)
            {
                world.State.Departed.Add(Claim.Uid);
            }

            var plan = isVolumeProved ? world.PlanVolume("v", Current(volume)) : world.PlanVolume("v");
            Assert.Equal((Verdict.NeedsProof, true), (plan.Verdict, plan.Steps.IsEmpty));
            Assert.Equal(isClaimProved ? Current(volume) : new Proof.ClaimIsGone(Claim.Key, Claim.Uid), plan.Needs);
        }
    }

    [Fact]
    public void A_proof_of_an_earlier_version_of_the_volume_proves_nothing()
    {
        var earlier = new Proof.VolumeIsCurrent("v", Deletable.ResourceVersion - 1);

        Assert.Equal(Current(Deletable), Gone(Deletable).PlanVolume("v", earlier).Needs);
        Assert.Equal(Current(Recyclable), Gone(Recyclable).PlanVolume("v", earlier).Needs);
    }

    [Fact]
    public void No_bytes_are_touched_while_a_claim_may_still_be_there() => Gen.Select(Gen.OneOf(Phases.Bound, Phases.Released, Phases.Failed, Phases.Available, ""),
        Gen.OneOf(ReclaimPolicies.Delete, ReclaimPolicies.Recycle, ReclaimPolicies.Retain), Gen.OneOf("/tmp/a", "/etc"), Gen.Bool, Gen.Bool).Sample((phase, policy, path, exists, recreated) =>
    {
        var volume = Given.Volume("v").BoundTo(Claim).InPhase(phase).WithPolicy(policy).OnHostPath(path);
        var world = new World(exists ? [volume, recreated ? Claim.Recreated() : Claim.BoundTo(volume)] : [volume]);

        Assert.All(world.PlanVolume("v", Current(volume)).Steps, step => Assert.True(step is WriteVolume { Part: ObjectPart.Status } or WriteVolume { Desired.ClaimRef: not null }));
    });

    [Fact]
    public void Bytes_that_pods_use_are_not_deleted()
    {
        var plan = Gone(Deletable, Given.Pod("ns/p").Using("c"), Given.Pod("ns/q").Using("c"), Given.Pod("ns/done").Using("c").Ended(), Given.Pod("ns/new").Using("c").Unscheduled()).PlanVolumeWithProofs("v");

        Assert.Equal((Verdict.Released, true), Outcome(plan));
        Assert.Equal(["Normal VolumeDelete on v"], plan.EventLines());
        Assert.Equal("Volume is not deleted yet, it is used by pods: ns/p, ns/q", plan.Events[0].Note);
    }

    [Fact]
    public void After_a_failure_reclaiming_pauses_and_asks_to_be_tried_again()
    {
        foreach (var volume in new[] { Deletable, Recyclable })
        {
            var world = new World(volume) { MayReclaim = false };
            world.State.Departed.Add(Claim.Uid);
            var plan = world.PlanVolume("v");
            Assert.Equal((Verdict.Reclaiming, true), Outcome(plan));
            Assert.True(plan.RetryLater);
            Assert.Null(plan.Needs);
        }
    }

    [Fact]
    public void The_loser_of_a_provisioning_race_is_deleted_only_when_it_is_proved_current_and_so_is_its_claim()
    {
        var claim = Claim.BoundTo(Given.Volume("w"));
        var world = new World(claim, Deletable.ProvisionedBy(HostPath).WithFinalizers(WellKnown.VolumeProtection, WellKnown.ControllerDeletion));

        var isCurrent = Proof.ClaimIsCurrent.Of(claim);
        Assert.Equal(isCurrent, world.PlanVolume("v").Needs);
        Assert.Equal(isCurrent, world.PlanVolume("v", Current(Deletable)).Needs);
        Assert.Equal(Current(Deletable), world.PlanVolume("v", isCurrent).Needs);
        Assert.StartsWith("delete directory", world.PlanVolume("v", isCurrent, Current(Deletable)).Lines()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Finalizers_are_put_right_before_bytes_are_deleted() => Assert.Equal(
        ["volume v spec: +finalizer kubernetes.io/pv-controller"],
        Gone(Deletable.ProvisionedBy(HostPath)).PlanVolumeWithProofs("v").Lines());

    [Theory]
    [InlineData("nfs", "1Gi", 300)]
    [InlineData("nfs", "10Gi", 300)]
    [InlineData("nfs", "11Gi", 330)]
    [InlineData("hostPath", "1Gi", 60)]
    [InlineData("hostPath", "2Gi", 60)]
    [InlineData("hostPath", "2049Mi", 90)]
    [InlineData("hostPath", "1Ti", 30_720)]
    [InlineData("hostPath", "8Ei", 1_073_741_820)]
    public void A_volume_is_scrubbed_by_a_pod_within_a_time_that_grows_with_its_size(string plugin, string size, int seconds)
    {
        var volume = Recyclable.On(new VolumeSource(plugin, Path: "/data", Server: "nfs.example")).Holding(size);

        Assert.Equal([$"scrub v within {seconds} s"], Gone(volume).PlanVolumeWithProofs("v").Lines());
    }

    [Theory]
    [InlineData("csi")]
    [InlineData("local")]
    [InlineData("awsElasticBlockStore")]
    [InlineData("")]
    public void A_volume_that_cannot_be_scrubbed_is_Failed(string plugin)
    {
        var plan = Gone(Recyclable.On(new VolumeSource(plugin))).PlanVolumeWithProofs("v");

        Assert.Equal(Verdict.Failed, plan.Verdict);
        Assert.Equal(["Warning VolumeFailedRecycle on v"], plan.EventLines());
        Assert.StartsWith("No recycler plugin found for the volume!", plan.EventsWhenDone[0].Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hostPath", "/")]
    [InlineData("hostPath", "//")]
    [InlineData("hostPath", "")]
    [InlineData("hostPath", null)]
    [InlineData("hostPath", "data")]
    [InlineData("hostPath", "/data/../etc")]
    [InlineData("hostPath", "/data/.")]
    [InlineData("hostPath", "..")]
    [InlineData("nfs", "export")]
    [InlineData("nfs", "/export/..")]
    [InlineData("nfs", null)]
    public void What_a_pod_must_not_mount_is_not_scrubbed(string plugin, string? path)
    {
        var plan = Gone(Recyclable.On(new VolumeSource(plugin, Path: path, Server: "nfs.example"))).PlanVolumeWithProofs("v");

        Assert.Equal(Verdict.Failed, plan.Verdict);
        Assert.StartsWith("The volume cannot be recycled: its path ", Assert.Single(plan.EventsWhenDone).Note, StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Steps, step => step is CreateScrubber);
    }

    [Theory]
    [InlineData(240, true)]
    [InlineData(241, false)]
    public void A_volume_whose_scrubber_could_not_be_named_is_Failed(int length, bool isScrubbed)
    {
        var name = new string('v', length);
        var volume = Recyclable with { Key = ObjectKey.Cluster(name) };

        Assert.Equal(isScrubbed ? Verdict.Reclaiming : Verdict.Failed, Gone(volume).PlanVolumeWithProofs(name).Verdict);
    }

    [Fact]
    public void A_failed_delete_is_told_and_tried_again()
    {
        var plan = Volumes.VolumePlanner.PlanFailedReclaim(Deletable, EventReasons.VolumeFailedDelete, "the directory cannot be opened");

        Assert.Equal(["volume v status: phase=Failed message=the directory cannot be opened"], plan.Lines());
        Assert.Equal(["Warning VolumeFailedDelete on v"], plan.EventLines());
        Assert.True(plan.RetryLater);
    }

    [Fact]
    public void A_volume_that_pods_use_is_not_scrubbed()
    {
        var plan = Gone(Recyclable, Given.Pod("ns/p").Using("c"), Given.Pod("ns/new").Using("c").Unscheduled(), Given.Pod("ns/done").Using("c").Ended("Failed")).PlanVolumeWithProofs("v");

        Assert.Equal((Verdict.Released, true), Outcome(plan));
        Assert.Equal("Volume is used by pods: ns/new, ns/p", Assert.Single(plan.Events).Note);
    }

    [Theory]
    [InlineData("Pending")]
    [InlineData("Running")]
    [InlineData("")]
    [InlineData("Unknown")]
    public void A_scrubber_that_has_not_ended_is_waited_for(string phase) =>
        Assert.Equal((Verdict.Reclaiming, true), Outcome(Gone(Recyclable, Given.Scrubber(Recyclable, Claim.Uid) with { Phase = phase }).PlanVolumeWithProofs("v")));

    [Fact]
    public void A_scrubbed_volume_is_freed_after_its_scrubber_is_deleted()
    {
        var plan = Gone(Recyclable, Given.Scrubber(Recyclable, Claim.Uid).Ended()).PlanVolumeWithProofs("v");

        Assert.Equal(
            ["delete pod default/recycler-for-v", "volume v spec: claimRef= -bound-by-controller (after 0)", "volume v status: phase=Available (after 1)"],
            plan.Lines());
        Assert.Empty(plan.Events);
        Assert.Equal("Volume recycled", Assert.Single(plan.EventsWhenDone).Note);
    }

    [Fact]
    public void A_scrubbed_volume_that_a_user_reserved_stays_reserved()
    {
        var volume = Given.Volume("v").PointingTo(Claim).InPhase(Phases.Released).WithPolicy(ReclaimPolicies.Recycle);

        Assert.Equal(
            ["delete pod default/recycler-for-v", "volume v spec: claimRef=ns/c# (after 0)", "volume v status: phase=Available (after 1)"],
            Gone(volume, Given.Scrubber(volume, Claim.Uid).Ended()).PlanVolumeWithProofs("v").Lines());
    }

    [Theory]
    [InlineData("the earlier claim", "Succeeded")]
    [InlineData("the earlier claim", "Running")]
    [InlineData("", "Succeeded")]
    [InlineData(null, "Succeeded")]
    public void A_scrubber_of_another_release_is_never_trusted(string? after, string phase)
    {
        var scrubber = Given.Scrubber(Recyclable, after ?? "") with { Phase = phase };
        var plan = Gone(Recyclable, after is null ? scrubber with { Annotations = KeyValueSet.Empty } : scrubber).PlanVolumeWithProofs("v");

        Assert.Equal(["delete pod default/recycler-for-v"], plan.Lines());
        Assert.Empty(plan.EventsWhenDone);
    }

    [Theory]
    [InlineData("disk on fire", "Recycle failed: disk on fire")]
    [InlineData("", "Recycle failed: the scrubber pod failed without a message")]
    public void A_failed_scrubber_is_deleted_and_the_volume_says_why(string message, string note)
    {
        var plan = Gone(Recyclable, Given.Scrubber(Recyclable, Claim.Uid).Ended("Failed", message)).PlanVolumeWithProofs("v");

        Assert.Equal(["delete pod default/recycler-for-v", $"volume v status: phase=Failed message={note} (after 0)"], plan.Lines());
        Assert.Equal(["Warning VolumeFailedRecycle on v"], plan.EventLines());
        Assert.True(plan.RetryLater);
    }

    [Fact]
    public void A_failed_volume_is_scrubbed_again() =>
        Assert.Equal(["scrub v within 300 s"], Gone(Recyclable.InPhase(Phases.Failed)).PlanVolumeWithProofs("v").Lines());

    [Fact]
    public void A_volume_released_again_is_scrubbed_again_though_an_old_scrubber_succeeded()
    {
        var later = Claim.Recreated();
        var volume = Given.Volume("v").BoundTo(later).InPhase(Phases.Released).WithPolicy(ReclaimPolicies.Recycle);
        var world = new World(volume, Given.Scrubber(volume, Claim.Uid).Ended());
        world.State.Departed.Add(later.Uid);
        world.Apply(Assert.Single(world.PlanVolumeWithProofs("v").Steps));

        Assert.Equal(["scrub v within 300 s"], world.PlanVolumeWithProofs("v").Lines());
        Assert.Equal(Phases.Released, world.Volume("v").Phase);
    }

    private static World Gone(params IEnumerable<IEntry> entries)
    {
        var world = new World(entries);
        world.State.Departed.Add(Claim.Uid);
        return world;
    }

    private static Proof.VolumeIsCurrent Current(VolumeEntry volume) => new(volume.Name, volume.ResourceVersion);

    private static (Verdict Verdict, bool IsQuiet) Outcome(Plan plan) => (plan.Verdict, plan.IsQuiet);
}
