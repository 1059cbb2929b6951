using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StorageOperator.Controllers.Wire;
using StorageOperator.Model;
using StorageOperator.Model.Reading;
using StorageOperator.Planning.Plans;

namespace StorageOperator.Controllers.Tests.Wire;

/// <summary>What a planned write looks like on the wire.</summary>
public sealed class MergePatchTests
{
    private static readonly VolumeEntry Volume = new()
    {
        Key = ObjectKey.Cluster("v"),
        Uid = "volume-uid",
        ResourceVersion = 7,
        Phase = Phases.Available,
        Finalizers = ["other.example/kept", WellKnown.VolumeProtection],
        Annotations = KeyValueSet.Empty.With(WellKnown.ProvisionedBy, "disk.example.com"),
    };

    private static readonly ClaimEntry Claim = new() { Key = new("ns", "c"), Uid = "claim-uid", ResourceVersion = 9, Phase = Phases.Pending };

    [Fact]
    public void A_patch_insists_on_the_identity_and_the_version_it_was_planned_against()
    {
        var patch = Patch(new WriteVolume(Volume, Volume with { Phase = Phases.Bound }, ObjectPart.Status), 12);

        Assert.Equal("volume-uid", (string?)patch["metadata"]!["uid"]);
        Assert.Equal("12", (string?)patch["metadata"]!["resourceVersion"]);
        Assert.Equal("""{"phase":"Bound"}""", patch["status"]!.ToJsonString());
        Assert.Null(patch["spec"]);
    }

    [Fact]
    public void Only_what_differs_is_written()
    {
        var desired = Volume with { ClaimRef = new("ns", "c", "claim-uid"), Annotations = Volume.Annotations.With(WellKnown.BoundByController, "yes") };

        var patch = Patch(new WriteVolume(Volume, desired, ObjectPart.Spec), 7);

        Assert.Equal("""{"pv.kubernetes.io/bound-by-controller":"yes"}""", patch["metadata"]!["annotations"]!.ToJsonString());
        Assert.Null(patch["metadata"]!["finalizers"]);
        Assert.Equal("""{"apiVersion":"v1","kind":"PersistentVolumeClaim","namespace":"ns","name":"c","uid":"claim-uid"}""", patch["spec"]!["claimRef"]!.ToJsonString());
    }

    [Fact]
    public void What_goes_is_written_as_null()
    {
        var bound = Volume with { ClaimRef = new("ns", "c", "claim-uid"), Annotations = Volume.Annotations.With(WellKnown.BoundByController, "yes") };

        var freed = Text(new WriteVolume(bound, Volume, ObjectPart.Spec), 7);
        var reserved = Text(new WriteVolume(bound, bound with { ClaimRef = new("ns", "c", "") }, ObjectPart.Spec), 7);

        Assert.Contains("\"claimRef\":null", freed, StringComparison.Ordinal);
        Assert.Contains("\"pv.kubernetes.io/bound-by-controller\":null", freed, StringComparison.Ordinal);
        Assert.Contains("\"uid\":null,\"resourceVersion\":null", reserved, StringComparison.Ordinal);
    }

    [Fact]
    public void Finalizers_are_written_whole()
    {
        var patch = Patch(new WriteVolume(Volume, Volume with { Finalizers = ["other.example/kept"] }, ObjectPart.Spec), 7);

        Assert.Equal("""["other.example/kept"]""", patch["metadata"]!["finalizers"]!.ToJsonString());
    }

    [Fact]
    public void A_bound_claims_status_has_modes_and_capacity_and_a_lost_ones_has_none()
    {
        var bound = Claim with { Phase = Phases.Bound, StatusCapacityText = "5Gi", StatusAccessModes = AccessModeList.Of("ReadWriteOnce") };

        Assert.Equal(
            """{"phase":"Bound","accessModes":["ReadWriteOnce"],"capacity":{"storage":"5Gi"}}""",
            Patch(new WriteClaim(Claim, bound, ObjectPart.Status), 9)["status"]!.ToJsonString());
        Assert.Contains(
            "\"status\":{\"phase\":\"Lost\",\"accessModes\":null,\"capacity\":null}",
            Text(new WriteClaim(bound, Claim with { Phase = Phases.Lost }, ObjectPart.Status), 9), StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_is_given_its_volume_and_its_class()
    {
        var patch = Patch(new WriteClaim(Claim, Claim with { VolumeName = "v", SpecClassName = "fast" }, ObjectPart.Spec), 9);

        Assert.Equal("""{"volumeName":"v","storageClassName":"fast"}""", patch["spec"]!.ToJsonString());
    }

    [Fact]
    public void Hostile_names_stay_text()
    {
        var written = Patch(new WriteClaim(Claim, Claim with { VolumeName = "v\",\"x\":{\"" }, ObjectPart.Spec), 9);

        Assert.Equal("v\",\"x\":{\"", (string?)written["spec"]!["volumeName"]);
        Assert.Single(written["spec"]!.AsObject());
    }

    [Fact]
    public void The_scrubber_mounts_the_volume_only_and_says_which_release_it_is_for()
    {
        var volume = Volume with { ClaimRef = new("ns", "c", "claim-uid"), Source = new("nfs", Path: "/export", Server: "nfs.example.com") };

        var pod = JsonNode.Parse(ScrubberPod.Manifest(volume, TimeSpan.FromSeconds(300), "image:1").Span)!;
        var json = Encoding.UTF8.GetBytes(pod.ToJsonString());
        var reader = new Utf8JsonReader(json);
        reader.Read();

        Assert.Equal("""[{"name":"volume","nfs":{"path":"/export","server":"nfs.example.com"}}]""", pod["spec"]!["volumes"]!.ToJsonString());
        Assert.Equal(300, (int)pod["spec"]!["activeDeadlineSeconds"]!);
        Assert.False((bool)pod["spec"]!["automountServiceAccountToken"]!);
        Assert.Equal("claim-uid", PodReader.Read(ref reader)!.Annotations["storageoperator.io/scrubs-after-claim"]);
    }

    private static JsonNode Patch(Step step, ulong version) => JsonNode.Parse(Text(step, version))!;

    private static string Text(Step step, ulong version) => Encoding.UTF8.GetString(
        (step is WriteVolume volume ? MergePatch.Of(volume, version) : MergePatch.Of((WriteClaim)step, version)).Span);
}
