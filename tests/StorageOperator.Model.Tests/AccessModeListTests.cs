using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class AccessModeListTests
{
    private static readonly string[] Known = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];
    private static readonly Gen<string[]> Lists = Gen.OneOf(Known).Array[0, 6];

    [Fact]
    public void Offers_is_the_subset_rule() => Gen.Select(Lists, Lists).Sample((offered, asked) =>
        Assert.Equal(asked.All(offered.Contains), AccessModeList.Of(offered).Offers(AccessModeList.Of(asked).Set)));

    [Fact]
    public void The_written_order_is_kept_and_repeats_count_once() => Lists.Sample(written =>
    {
        var list = AccessModeList.Of(written);

        Assert.Equal(written, list.Written);
        Assert.Equal(written.Distinct().Count(), list.Count);
        Assert.Equal(string.Join(",", written), list.ToString());
    });

    [Fact]
    public void Lists_are_equal_when_written_alike() => Gen.Select(Lists, Lists).Sample((left, right) =>
    {
        Assert.Equal(left.SequenceEqual(right), AccessModeList.Of(left).Equals(AccessModeList.Of(right)));
        Assert.Equal(AccessModeList.Of(left).GetHashCode(), AccessModeList.Of(left.ToArray()).GetHashCode());
    });

    [Theory]
    [InlineData("ReadWriteEverywhere")]
    [InlineData("readwriteonce")]
    [InlineData("")]
    public void A_mode_that_is_not_known_is_never_offered(string mode)
    {
        var list = AccessModeList.Of(mode);

        Assert.Equal(AccessModes.Unknown, list.Set);
        Assert.False(list.Offers(list.Set));
        Assert.False(AccessModeList.Of(Known).Offers(list.Set));
        Assert.Equal(mode, list.Written.Single());
    }

    [Fact]
    public void An_empty_list_offers_nothing_and_asks_for_nothing()
    {
        Assert.Same(AccessModeList.Empty, AccessModeList.Of(default(System.Collections.Immutable.ImmutableArray<string>)));
        Assert.False(AccessModeList.Empty.Offers(AccessModes.ReadWriteOnce));
        Assert.True(AccessModeList.Empty.Offers(AccessModes.None));
        Assert.False(AccessModeList.Empty.Equals(null));
    }
}
