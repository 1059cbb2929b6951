using System.Text.Json.Nodes;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Tests.Storage;

public class ObjectStoreTests
{
    private const string Resource = "/configmaps";

    [Fact]
    public void Every_revision_in_the_history_can_be_read()
    {
        using var store = new ObjectStore();
        StoredObject first = store.Create(Resource, "default/a", Value(1))!;
        StoredObject second = store.Replace(Resource, first, Value(2))!;
        store.Remove(Resource, second);
        Assert.Empty(store.ReadAt(Resource, 0).Objects);
        Assert.Same(first, store.ReadAt(Resource, 1).Find("default/a"));
        Assert.Same(second, store.ReadAt(Resource, 2).Find("default/a"));
        Assert.Null(store.ReadAt(Resource, 3).Find("default/a"));
        Assert.True(Assert.Throws<RevisionUnavailableException>(() => store.ReadAt(Resource, 4)).IsFuture);
    }

    [Fact]
    public void A_write_against_an_older_state_is_refused()
    {
        using var store = new ObjectStore();
        StoredObject first = store.Create(Resource, "default/a", Value(1))!;
        Assert.NotNull(store.Replace(Resource, first, Value(2)));
        Assert.Null(store.Replace(Resource, first, Value(3)));
        Assert.Null(store.Remove(Resource, first));
        Assert.Null(store.Create(Resource, "default/a", Value(4)));
        Assert.Equal(2, store.Revision);
    }

    [Fact]
    public void The_history_is_bounded_and_says_where_it_begins()
    {
        using var store = new ObjectStore(historyLength: 3);
        StoredObject current = store.Create(Resource, "default/a", Value(0))!;
        for (int number = 1; number < 6; number++)
        {
            current = store.Replace(Resource, current, Value(number))!;
        }
        Assert.Equal(3, store.ReadAt(Resource, 3).Find("default/a")!.Revision);
        RevisionUnavailableException gone = Assert.Throws<RevisionUnavailableException>(() => store.ReadAt(Resource, 2));
        Assert.False(gone.IsFuture);
        Assert.Equal(3, gone.Limit);
        Assert.Throws<RevisionUnavailableException>(() => store.Watch(Resource, 2));
    }

    [Fact]
    public async Task A_watch_misses_nothing_between_its_start_and_what_follows()
    {
        using var store = new ObjectStore();
        const int Writers = 4, Each = 250;
        Task writing = Parallel.ForAsync(0, Writers, TestContext.Current.CancellationToken, (writer, _) =>
        {
            for (int number = 0; number < Each; number++)
            {
                store.Create(Resource, $"default/{writer}-{number}", Value(number));
            }
            return ValueTask.CompletedTask;
        });
        using StoreWatch watch = store.Watch(Resource, null);
        await writing;
        var seen = watch.Start.Objects.Select(stored => stored.Revision).ToList();
        while (watch.Items.TryRead(out WatchItem item))
        {
            seen.Add(item.Revision);
        }
        Assert.Equal(Enumerable.Range(1, Writers * Each).Select(number => (long)number), seen.Order());
    }

    private static JsonObject Value(int number) => new() { ["metadata"] = new JsonObject { ["name"] = "a" }, ["n"] = number };
}
