using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class KeyValueSetTests
{
    private static readonly Gen<string> Keys = Gen.OneOf("a", "b", "c", "app", "app.kubernetes.io/name", "A", "ä", "");
    private static readonly Gen<(bool IsRemoval, string Key, string Value)> Changes =
        from isRemoval in Gen.Bool
        from key in Keys
        from value in Gen.OneOf("", "x", "y")
        select (isRemoval, key, value);

    [Fact]
    public void A_set_behaves_like_a_dictionary() => Changes.List[0, 20].Sample(changes =>
    {
        var set = KeyValueSet.Empty;
        var model = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (isRemoval, key, value) in changes)
        {
            if (isRemoval)
            {
                model.Remove(key);
                set = set.Without(key);
            }
            else
            {
                model[key] = value;
                set = set.With(key, value);
            }

            Assert.Equal(model.Count, set.Count);
            Assert.Equal(model.OrderBy(pair => pair.Key, StringComparer.Ordinal), set);
            Assert.Equal(model.GetValueOrDefault(key), set[key]);
            Assert.Equal(model.ContainsKey(key), set.Contains(key));
        }

        var same = KeyValueSet.From(model.Reverse());
        Assert.True(set == same && !(set != same) && set.Equals((object)same));
        Assert.Equal(same.GetHashCode(), set.GetHashCode());
        Assert.False(set == set.With("another", "one"));
    });

    [Fact]
    public void Of_equal_keys_the_last_wins() => Assert.Equal("2", KeyValueSet.From([new("k", "1"), new("k", "2")])["k"]);

    [Fact]
    public void A_key_with_an_empty_value_is_there()
    {
        var set = KeyValueSet.Empty.With("k", "");

        Assert.True(set.Contains("k"));
        Assert.Equal("", set["k"]);
        Assert.NotEqual(KeyValueSet.Empty, set);
    }

    [Fact]
    public void A_set_that_never_held_anything_equals_one_that_lost_everything()
    {
        Assert.Equal(default, KeyValueSet.From([]));
        Assert.Equal(KeyValueSet.Empty, KeyValueSet.Empty.With("k", "v").Without("k"));
        Assert.Null(default(KeyValueSet)["k"]);
        Assert.Empty(default(KeyValueSet));
    }

    [Fact]
    public void Pairs_are_printed_in_the_order_of_their_keys() =>
        Assert.Equal("a=1,b=2", KeyValueSet.From([new("b", "2"), new("a", "1")]).ToString());
}
