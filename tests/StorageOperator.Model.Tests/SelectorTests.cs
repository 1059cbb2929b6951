using CsCheck;

namespace StorageOperator.Model.Tests;

public sealed class SelectorTests
{
    private static readonly KeyValueSet Gold = KeyValueSet.From([new("tier", "gold"), new("empty", "")]);

    [Theory]
    [InlineData(LabelOperator.In, "tier", "gold,silver", true)]
    [InlineData(LabelOperator.In, "tier", "silver", false)]
    [InlineData(LabelOperator.In, "zone", "a", false)]
    [InlineData(LabelOperator.In, "empty", "", true)]
    [InlineData(LabelOperator.In, "Tier", "gold", false)]
    [InlineData(LabelOperator.NotIn, "tier", "gold,silver", false)]
    [InlineData(LabelOperator.NotIn, "tier", "silver", true)]
    [InlineData(LabelOperator.NotIn, "zone", "a", true)]
    [InlineData(LabelOperator.Exists, "tier", null, true)]
    [InlineData(LabelOperator.Exists, "empty", null, true)]
    [InlineData(LabelOperator.Exists, "zone", null, false)]
    [InlineData(LabelOperator.DoesNotExist, "tier", null, false)]
    [InlineData(LabelOperator.DoesNotExist, "zone", null, true)]
    public void A_requirement_means_what_it_means_in_Kubernetes(LabelOperator @operator, string key, string? values, bool matches) =>
        Assert.Equal(matches, Requirement(key, @operator, values).Matches(Gold));

    [Theory]
    [InlineData(LabelOperator.In, "gold", "tier=gold")]
    [InlineData(LabelOperator.In, "gold,silver", "tier in (gold,silver)")]
    [InlineData(LabelOperator.NotIn, "gold", "tier notin (gold)")]
    [InlineData(LabelOperator.Exists, null, "tier")]
    [InlineData(LabelOperator.DoesNotExist, null, "!tier")]
    public void A_requirement_is_printed_as_kubectl_takes_it(LabelOperator @operator, string? values, string text) =>
        Assert.Equal(text, Requirement("tier", @operator, values).ToString());

    [Fact]
    public void A_selector_without_requirements_matches_everything()
    {
        Assert.True(new LabelSelector([]).Matches(Gold));
        Assert.True(new LabelSelector([]).Matches(KeyValueSet.Empty));
    }

    [Fact]
    public void A_selector_matches_where_every_requirement_does() => (
        from operators in Gen.Enum<LabelOperator>().Array[0, 4]
        from keys in Gen.OneOf("tier", "zone", "empty").Array[4]
        from values in Gen.OneOf("gold", "a", "", "gold,a").Array[4]
        select operators.Select((@operator, at) => Requirement(keys[at], @operator, values[at])).ToArray()).Sample(requirements =>
        Assert.Equal(Array.TrueForAll(requirements, requirement => requirement.Matches(Gold)), new LabelSelector([.. requirements]).Matches(Gold)));

    [Fact]
    public void A_selector_is_printed_with_commas() => Assert.Equal(
        "tier=gold,!zone",
        new LabelSelector([Requirement("tier", LabelOperator.In, "gold"), Requirement("zone", LabelOperator.DoesNotExist, null)]).ToString());

    private static LabelRequirement Requirement(string key, LabelOperator @operator, string? values) => new(key, @operator, values is null ? [] : [.. values.Split(',')]);
}
