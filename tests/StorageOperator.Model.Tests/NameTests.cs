using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class NameTests
{
    private static readonly Gen<ObjectKey> Keys = Gen.Select(Gen.OneOf("", "a", "a-b", "B", "ä"), Gen.OneOf("", "x", "x-1", "x1", "Z")).Select((@namespace, name) => new ObjectKey(@namespace, name));

    [Fact]
    public void Keys_are_ordered_by_namespace_then_name_without_any_culture() => Gen.Select(Keys, Keys).Sample((left, right) =>
    {
        var expected = Math.Sign(string.CompareOrdinal(left.Namespace, right.Namespace)) is var byNamespace and not 0 ? byNamespace : Math.Sign(string.CompareOrdinal(left.Name, right.Name));

        Assert.Equal(expected, Math.Sign(left.CompareTo(right)));
        Assert.Equal(expected < 0, left < right);
        Assert.Equal(expected > 0, left > right);
        Assert.Equal(expected <= 0, left <= right);
        Assert.Equal(expected >= 0, left >= right);
        Assert.Equal(expected == 0, left == right);
    });

    [Fact]
    public void A_key_is_printed_as_kubectl_prints_it()
    {
        Assert.Equal("shop/data", new ObjectKey("shop", "data").ToString());
        Assert.Equal("pv-7", ObjectKey.Cluster("pv-7").ToString());
    }

    [Fact]
    public void Kinds_know_where_they_are_served()
    {
        var key = new ObjectKey("shop", "data");

        Assert.Equal("/api/v1/namespaces/shop/persistentvolumeclaims/data/status", ResourceTypes.PersistentVolumeClaim.PathOf(key, "status"));
        Assert.Equal("/api/v1/persistentvolumeclaims", ResourceTypes.PersistentVolumeClaim.CollectionPath);
        Assert.Equal("/api/v1/persistentvolumes/pv-7", ResourceTypes.PersistentVolume.PathOf(ObjectKey.Cluster("pv-7")));
        Assert.Equal("/apis/storage.k8s.io/v1/storageclasses/fast", ResourceTypes.StorageClass.PathOf(ObjectKey.Cluster("fast")));
        Assert.Equal("/apis/events.k8s.io/v1/namespaces/shop/events", ResourceTypes.Event.PathIn("shop"));
        Assert.Equal(("v1", "coordination.k8s.io/v1"), (ResourceTypes.Pod.ApiVersion, ResourceTypes.Lease.ApiVersion));
    }

    [Theory]
    [InlineData("shop", "data", "uid", true)]
    [InlineData("shop", "data", "", true)]
    [InlineData("shop", "data", "earlier", false)]
    [InlineData("shop", "Data", "", false)]
    [InlineData("other", "data", "uid", false)]
    public void A_pointer_points_to_a_claim_by_name_and_by_UID_if_it_gives_one(string @namespace, string name, string uid, bool points) =>
        Assert.Equal(points, new ClaimReference(@namespace, name, uid).PointsTo(new ClaimEntry { Key = new ObjectKey("shop", "data"), Uid = "uid" }));
}
