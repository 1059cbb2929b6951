using CsCheck;
using StorageOperator.Model;
using StorageOperator.Planning.Cluster;

namespace StorageOperator.Planning.Tests;

public sealed class SizeOrderedListTests
{
    private sealed record Item(long Bytes, string Name)
    {
        public SizeKey Place => new(Bytes, ObjectKey.Cluster(Name));
    }

    private static readonly Gen<Item> Items = Gen.Select(Gen.Long[1, 400], Gen.Int[0, 9]).Select((bytes, name) => new Item(bytes, $"n{name}"));

    [Fact]
    public void A_list_that_splits_and_shrinks_answers_like_a_sorted_one() => Gen.Select(Items.Array[1, 3_000], Gen.Int[0, 3], Gen.Long[0, 401].Array[20]).Sample(
        (items, keep, sizes) =>
        {
            var list = new SizeOrderedList<Item>(item => item.Place);
            var model = new SortedSet<Item>(Comparer<Item>.Create((left, right) => left.Place.CompareTo(right.Place)));
            foreach (var item in items)
            {
                if (model.Add(item))
                {
                    list.Add(item);
                }
                else if (item.Bytes % 2 == 0)
                {
                    Assert.Equal(model.Remove(item), list.Remove(item with { }));
                }
            }

            AssertSame(model, list, sizes);
            foreach (var item in items.Where((_, at) => keep == 0 || at % keep != 0))
            {
                Assert.Equal(model.Remove(item), list.Remove(item));
            }

            AssertSame(model, list, sizes);
        },
        iter: 60);

    [Fact]
    public void An_empty_list_has_no_answers()
    {
        var list = new SizeOrderedList<Item>(item => item.Place);

        Assert.Null(list.Largest);
        Assert.Null(list.SmallestFrom(0));
        Assert.Null(list.LargestBelow(long.MaxValue));
        Assert.Equal((0, 0), (list.Count, list.CountBelow(long.MaxValue)));
        Assert.Empty(list.Ascending(long.MinValue));
        Assert.Empty(list.Descending(long.MaxValue));
        Assert.False(list.Remove(new Item(1, "a")));
    }

    [Fact]
    public void The_largest_size_there_is_can_be_held_and_asked_for()
    {
        var list = new SizeOrderedList<Item>(item => item.Place);
        var largest = new Item(long.MaxValue, "a");
        list.Add(largest);

        Assert.Same(largest, list.SmallestFrom(long.MaxValue));
        Assert.Same(largest, Assert.Single(list.Descending(long.MaxValue)));
        Assert.Empty(list.Descending(long.MaxValue - 1));
        Assert.Equal(0, list.CountBelow(long.MaxValue));
    }

    [Fact]
    public void Equal_sizes_stand_in_the_order_of_their_names()
    {
        var list = new SizeOrderedList<Item>(item => item.Place);
        foreach (var name in new[] { "c", "a", "b" })
        {
            list.Add(new Item(7, name));
        }

        Assert.Equal(["a", "b", "c"], list.Ascending(7).Select(item => item.Name));
        Assert.Equal(["c", "b", "a"], list.Descending(7).Select(item => item.Name));
        Assert.Equal("a", list.SmallestFrom(1)?.Name);
    }

    private static void AssertSame(SortedSet<Item> model, SizeOrderedList<Item> list, long[] sizes)
    {
        Assert.Equal(model.Count, list.Count);
        Assert.Equal(model, list.Ascending(long.MinValue));
        Assert.Equal(model.Max, list.Largest);
        foreach (var size in sizes)
        {
            Assert.Equal(model.FirstOrDefault(item => item.Bytes >= size), list.SmallestFrom(size));
            Assert.Equal(model.LastOrDefault(item => item.Bytes < size), list.LargestBelow(size));
            Assert.Equal(model.Count(item => item.Bytes < size), list.CountBelow(size));
            Assert.Equal(model.Where(item => item.Bytes >= size), list.Ascending(size));
            Assert.Equal(model.Where(item => item.Bytes <= size).Reverse(), list.Descending(size));
        }
    }
}
