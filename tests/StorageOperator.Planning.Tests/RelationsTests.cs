using StorageOperator.Model;

namespace StorageOperator.Planning.Tests;

public sealed class RelationsTests
{
    private static readonly ClaimEntry Claim = Given.Claim("ns/c");
    private static readonly VolumeEntry Volume = Given.Volume("v");

    [Fact]
    public void A_claim_concerns_the_volumes_that_point_to_it_and_those_it_names_and_named()
    {
        var world = new World(Claim, Volume.ReservedFor("ns/c"), Given.Volume("w").PointingTo("ns/c", "earlier"), Given.Volume("x"));

        Assert.Equal(["v", "w"], Relations.VolumesOf(world.State, null, Claim));
        Assert.Equal(["v", "w", "x"], Relations.VolumesOf(world.State, Claim, Claim.Naming("x")));
        Assert.Equal(["v", "w", "x"], Relations.VolumesOf(world.State, Claim.Naming("x"), null));
        Assert.Equal(["v", "w", "old", "new"], Relations.VolumesOf(world.State, Claim.Naming("old"), Claim.Naming("new")));
        Assert.Equal(["v", "w"], Relations.VolumesOf(world.State, Claim.Naming("v"), Claim.Naming("v")));
    }

    [Fact]
    public void A_volume_concerns_the_claims_that_name_it_and_those_it_points_and_pointed_to()
    {
        var world = new World(Claim.Naming("v"), Given.Claim("ns/d"));

        Assert.Equal([Claim.Key], Relations.ClaimsOf(world.State, null, Volume));
        Assert.Equal([Claim.Key], Relations.ClaimsOf(world.State, Volume.ReservedFor("ns/c"), Volume.PointingTo(Claim)));
        Assert.Equal(
            [Claim.Key, Given.KeyOf("ns/before"), Given.KeyOf("ns/after")],
            Relations.ClaimsOf(world.State, Volume.ReservedFor("ns/before"), Volume.ReservedFor("ns/after")));
        Assert.Equal([Claim.Key, Given.KeyOf("ns/d")], Relations.ClaimsOf(world.State, Volume.ReservedFor("ns/d"), null));
    }

    [Fact]
    public void A_class_concerns_the_claims_that_wait_in_it_and_a_default_class_those_that_wait_for_one()
    {
        var world = new World(
            Claim.InClass("fast"), Given.Claim("ns/bound").InClass("fast").BoundTo(Volume), Given.Claim("ns/open").Classless(), Given.Claim("ns/none"), Given.Claim("ns/slow").InClass("slow"));

        Assert.Equal([Claim.Key], Relations.ClaimsOf(world.State, Given.Class("fast")));
        Assert.Equal([Claim.Key, Given.KeyOf("ns/open")], Relations.ClaimsOf(world.State, Given.Class("fast").ByDefault()));
        Assert.Empty(Relations.ClaimsOf(world.State, Given.Class("unused")));
    }

    [Fact]
    public void A_pod_concerns_the_claims_it_uses_and_used()
    {
        var (before, after) = (Given.Pod("ns/p").Using("a", "b"), Given.Pod("ns/p").Using("b", "c").UsingItsOwn("data"));

        Assert.Equal(new[] { "ns/a", "ns/b", "ns/c", "ns/p-data" }.Select(Given.KeyOf), Relations.ClaimsOf(before, after));
        Assert.Equal(new[] { "ns/a", "ns/b" }.Select(Given.KeyOf), Relations.ClaimsOf(before, null));
    }

    [Fact]
    public void A_pod_concerns_the_volumes_of_its_claims_and_a_scrubber_the_volume_it_scrubs()
    {
        var world = new World(Volume.PointingTo(Claim), Given.Volume("w").ReservedFor("ns/d"), Given.Volume("x"));

        Assert.Equal(["v", "w"], Relations.VolumesOf(world.State, null, Given.Pod("ns/p").Using("c", "d")));
        Assert.Equal(["v"], Relations.VolumesOf(world.State, Given.Pod("ns/p").Using("c"), null));
        Assert.Equal(["gone"], Relations.VolumesOf(world.State, Given.Scrubber(Given.Volume("gone"), "uid"), null));
        Assert.Empty(Relations.VolumesOf(world.State, null, Given.Pod("ns/recycler-for-v")));
    }
}
