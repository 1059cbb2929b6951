using System.Text.Json.Nodes;
using StorageOperator.Testing;

namespace StorageOperator.Conformance;

/// <summary>Objects that make no sense: they are told about, nothing is lost, and everything else goes on.</summary>
public sealed class BadInputTests(RunningOperator running) : RunningOperatorTests(running)
{
    [Fact]
    public async Task Claim_with_a_malformed_selector_waits_and_its_neighbour_is_bound()
    {
        await using var space = await Space.Create(Api, "bad-selector");
        var claim = space.NewClaim("data", "1Gi");
        // A space is not allowed in the value of a label; servers before 1.27, and the embedded one, let it through in a selector.
        claim["spec"]!["selector"] = JsonNode.Parse("""{"matchLabels":{"tier":"not a label value"}}""");
        if (await IsRefused(claim))
        {
            return;
        }

        await NeighbourIsBound(space);
        Assert.Equal("Pending", Space.Phase(await space.Claim("data")));
        await TellsAbout(space, "data");
    }

    [Fact]
    public async Task Claim_for_more_than_there_can_be_waits_and_its_neighbour_is_bound()
    {
        await using var space = await Space.Create(Api, "bad-quantity");
        if (await IsRefused(space.NewClaim("data", "90000000000000000000Ei")))
        {
            return;
        }

        await NeighbourIsBound(space);
        Assert.Equal("Pending", Space.Phase(await space.Claim("data")));
        await TellsAbout(space, "data");
    }

    [Fact]
    public async Task Volume_without_capacity_is_left_alone_and_the_others_are_bound()
    {
        await using var space = await Space.Create(Api, "no-capacity");
        var volume = space.NewVolume("empty", "1Gi");
        _ = volume["spec"]!.AsObject().Remove("capacity");
        await IsRefused(volume);

        await NeighbourIsBound(space);
    }

    [Fact]
    public async Task Class_without_a_binding_mode_does_not_stop_its_claims()
    {
        await using var space = await Space.Create(Api, "no-mode");
        var made = JsonNode.Parse($$"""
            {
              "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": { "name": "{{space.Name}}" },
              "provisioner": "kubernetes.io/no-provisioner", "volumeBindingMode": null
            }
            """)!;
        await space.Create(made);

        // A server gives such a class the mode Immediate; where it does not, the claim says what is wrong with its class.
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.Create(space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");
    }

    [Fact]
    public async Task Claim_that_names_the_volume_of_another_says_so_and_takes_nothing()
    {
        await using var space = await Space.Create(Api, "others-volume");
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.Create(space.NewClaim("first", "1Gi"));
        await space.UntilClaim("first", "Bound");

        var second = space.NewClaim("second", "1Gi");
        second["spec"]!["volumeName"] = $"{space.Name}-v";
        await space.Create(second);

        Assert.Contains($"{space.Name}-v", await space.UntilClaimEvent("second", "FailedBinding"), StringComparison.Ordinal);
        Assert.Equal("Pending", Space.Phase(await space.Claim("second")));
        Assert.Equal("first", (string?)(await space.Volume("v"))!["spec"]!["claimRef"]!["name"]);
        Assert.Equal("Bound", Space.Phase(await space.Claim("first")));
    }

    [Fact]
    public async Task Phase_that_nobody_knows_is_mended()
    {
        await using var space = await Space.Create(Api, "bad-phase");
        await space.Create(space.NewVolume("v", "1Gi"));
        await space.UntilVolume("v", "Available");
        var patched = await Api.Patch(space.VolumePath("v") + "/status", JsonNode.Parse("""{"status":{"phase":"Enchanted"}}""")!);
        if (patched.IsSuccess)
        {
            await space.UntilVolume("v", "Available");
        }

        await space.Create(space.NewClaim("data", "1Gi"));
        await space.UntilClaim("data", "Bound");
    }

    [Fact]
    public async Task Fields_that_nobody_knows_do_not_matter()
    {
        await using var space = await Space.Create(Api, "bad-fields");
        var volume = space.NewVolume("v", "1Gi");
        volume["spec"]!["fieldOfTheFuture"] = JsonNode.Parse("""{"deep":[1,2,{"er":null}]}""");
        var claim = space.NewClaim("data", "1Gi");
        claim["spec"]!["fieldOfTheFuture"] = JsonNode.Parse("""[{"a":1e300},"b"]""");
        await space.Create(volume);
        await space.Create(claim);
        await space.UntilClaim("data", "Bound");
    }

    private async Task<bool> IsRefused(JsonNode manifest)
    {
        var answer = await Api.Create(manifest);
        Assert.True(answer.IsSuccess || (int)answer.Status is 400 or 422, answer.Text);
        return !answer.IsSuccess;
    }

    private static async Task NeighbourIsBound(Space space)
    {
        await space.Create(space.NewVolume("neighbour", "1Gi"));
        await space.Create(space.NewClaim("neighbour", "1Gi"));
        await space.UntilClaim("neighbour", "Bound");
    }

    // An event about the claim, or at least a line in the log that names it.
    private async Task TellsAbout(Space space, string claim) => await Eventually.Holds(
        $"an event or a line in the log about {space.Name}/{claim}",
        async token => (await Api.Get(ResourcePath.Collection("Event", space.Name), token)).Succeeded()["items"]!.AsArray()
                .Any(e => (string?)e!["involvedObject"]!["name"] == claim)
            || Log.Split('\n').Any(line => line.Contains(space.Name, StringComparison.Ordinal) && line.Contains(claim, StringComparison.Ordinal)));
}
