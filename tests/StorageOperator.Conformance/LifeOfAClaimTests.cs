using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>What an administrator sees of a claim and its volume with kubectl, from the first apply to the reclaim.</summary>
public sealed class LifeOfAClaimTests(RunningOperator running) : RunningOperatorTests(running)
{
    [Fact]
    public async Task Kept_volume_goes_from_Bound_to_Released_and_is_free_again_when_its_claimRef_is_cleared()
    {
        await using var space = await Space.Create(Api, "retain");
        await Apply(
            space.NewClaim("data", "1Gi"),
            JsonNode.Parse($$"""
                {
                  "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "{{space.Name}}" },
                  "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": "Immediate"
                }
                """)!);
        await UntilDescribed(space, "pvc data", "Status: *Pending", "(FailedBinding|ProvisioningFailed)");

        await Apply(space.NewVolume("v", "2Gi"));
        await space.UntilClaim("data", "Bound");
        await UntilDescribed(space, "pvc data", "Status: *Bound", $"Volume: *{space.Name}-v", "Capacity: *2Gi");
        await UntilDescribed(space, $"pv {space.Name}-v", "Status: *Bound", $"Claim: *{space.Name}/data");

        await Kubectl.Run($"delete pvc data -n {space.Name} --timeout=30s");
        await space.UntilVolume("v", "Released");
        await UntilDescribed(space, $"pv {space.Name}-v", "Status: *Released", $"Claim: *{space.Name}/data");

        var clear = await Kubectl.Run(["patch", "pv", $"{space.Name}-v", "--type", "json", "-p", """[{"op":"remove","path":"/spec/claimRef"}]"""]);
        clear.Succeeded();
        await space.UntilVolume("v", "Available");

        await Kubectl.Run($"delete pv {space.Name}-v --timeout=30s");
        Assert.Null(await space.Volume("v"));
    }

    [Fact]
    public async Task Deleted_volume_goes_with_its_claim()
    {
        await using var space = await Space.Create(Api, "delete");
        await Apply(space.NewVolume("v", "1Gi", "Delete"), space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");

        await Kubectl.Run($"delete pvc data -n {space.Name} --timeout=30s");

        await space.Until("the volume to be gone", space.VolumePath("v"), volume => volume is null);
    }

    [Fact]
    public async Task Recycled_volume_is_scrubbed_by_a_pod_and_free_again()
    {
        await using var space = await Space.Create(Api, "recycle");
        await Apply(space.NewVolume("v", "1Gi", "Recycle"), space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");

        await Kubectl.Run($"delete pvc data -n {space.Name} --timeout=30s");

        // Where something runs pods, the scrubber may have come and gone before it is seen here; where nothing does, its end is written.
        var scrubber = ResourcePath.Object("Pod", "default", $"recycler-for-{space.Name}-v");
        await Eventually.Holds(
            "the recycler's pod, or what it leaves",
            async token => (await Api.Get(scrubber, token)).IsSuccess || Space.Phase(await space.Volume("v")) == "Available");
        var done = await Api.Patch(scrubber + "/status", JsonNode.Parse("""{"status":{"phase":"Succeeded"}}""")!);
        Assert.True(done.IsSuccess || done.Status == System.Net.HttpStatusCode.NotFound, done.Text);
        await space.UntilVolume("v", "Available");
        await space.Until("the recycler's pod to be gone", scrubber, pod => pod is null);
        Assert.Null((await space.Volume("v"))!["spec"]!["claimRef"]);
    }

    [Fact]
    public async Task Claim_that_a_pod_uses_stays_until_the_pod_goes()
    {
        await using var space = await Space.Create(Api, "protect");
        await Apply(space.NewVolume("v", "1Gi"), space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");
        await Apply(space.NewPod("user", "data"));

        await Kubectl.Run($"delete pvc data -n {space.Name} --wait=false");
        await UntilDescribed(space, "pvc data", "Status: *Terminating", "Used By: *user");
        await space.UntilVolume("v", "Bound");

        await Kubectl.Run($"delete pod user -n {space.Name} --force --grace-period=0");
        await space.Until("the claim to be gone", space.ClaimPath("data"), claim => claim is null);
        await space.UntilVolume("v", "Released");
    }

    [Fact]
    public async Task Volume_that_a_claim_is_bound_to_stays_until_the_claim_goes()
    {
        await using var space = await Space.Create(Api, "protect-volume");
        await Apply(space.NewVolume("v", "1Gi"), space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");

        await Kubectl.Run($"delete pv {space.Name}-v --wait=false");
        await UntilDescribed(space, $"pv {space.Name}-v", "Status: *Terminating");
        Assert.Equal("Bound", Space.Phase(await space.Claim("data")));

        await Kubectl.Run($"delete pvc data -n {space.Name} --timeout=30s");
        await space.Until("the volume to be gone", space.VolumePath("v"), volume => volume is null);
    }

    private Task<string> Apply(params JsonNode[] manifests) => Kubectl.Apply(
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. manifests]) }.ToJsonString());

    private async Task UntilDescribed(Space space, string what, params string[] patterns)
    {
        var described = "";
        await Eventually.Holds(
            $"kubectl describe {what} to show {string.Join(", ", patterns)}",
            async token =>
            {
                described = await Kubectl.Run($"describe {what} -n {space.Name}", cancellationToken: token);
                return patterns.All(pattern => System.Text.RegularExpressions.Regex.IsMatch(described, pattern));
            },
            between: TimeSpan.FromMilliseconds(300),
            lastSeen: () => described);
    }
}
