using System.Text.Json.Nodes;
using CsCheck;
using StorageOperator.DevCluster.Storage;

namespace StorageOperator.DevCluster.Tests.Storage;

public sealed class StoreLogTests : IDisposable
{
    private const string Resource = "/configmaps";
    private readonly string _folder = Directory.CreateTempSubdirectory("store-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_there_after_a_restart()
    {
        using (var store = new ObjectStore(log: new StoreLog(_folder)))
        {
            store.Create(Resource, "default/a", Value("a", 1));
            store.Replace(Resource, store.Create(Resource, "default/b", Value("b", 1))!, Value("b", 2));
            store.Remove(Resource, store.Create(Resource, "default/c", Value("c", 1))!);
        }
        using var reopened = new ObjectStore(log: new StoreLog(_folder));
        Assert.Equal(5, reopened.Revision);
        Assert.Equal(["default/a", "default/b"], reopened.Read(Resource).Objects.Select(stored => stored.Key));
        Assert.Equal(2, reopened.Get(Resource, "default/b")!.ToJson()["n"]!.GetValue<int>());
        Assert.Equal(3, reopened.Get(Resource, "default/b")!.Revision);
    }

    [Fact]
    public void A_record_cut_off_in_the_middle_ends_the_log_and_writing_goes_on()
    {
        using (var store = new ObjectStore(log: new StoreLog(_folder)))
        {
            store.Create(Resource, "default/a", Value("a", 1));
            store.Create(Resource, "default/b", Value("b", 1));
        }
        string log = Directory.GetFiles(_folder, "log-*").Single();
        using (var file = new FileStream(log, FileMode.Open))
        {
            file.SetLength(file.Length - 3);
        }
        using (var store = new ObjectStore(log: new StoreLog(_folder)))
        {
            Assert.Equal(["default/a"], store.Read(Resource).Objects.Select(stored => stored.Key));
            store.Create(Resource, "default/c", Value("c", 1));
        }
        using var reopened = new ObjectStore(log: new StoreLog(_folder));
        Assert.Equal(["default/a", "default/c"], reopened.Read(Resource).Objects.Select(stored => stored.Key));
    }

    [Fact]
    public void The_snapshot_of_an_empty_store_keeps_its_revision_and_what_came_before_is_gone()
    {
        using (var store = new ObjectStore(log: new StoreLog(_folder)))
        {
            store.Create(Resource, "default/a", Value("a", 1));
        }
        using (var store = new ObjectStore(log: new StoreLog(_folder, snapshotEvery: 1)))
        {
            store.Remove(Resource, store.Get(Resource, "default/a")!);
        }
        using var reopened = new ObjectStore(log: new StoreLog(_folder));
        Assert.Equal(2, reopened.Revision);
        Assert.Throws<RevisionUnavailableException>(() => reopened.Watch(Resource, 1));
    }

    [Fact]
    public void Any_history_of_writes_survives_restarts_and_snapshots() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Bool).Array[1, 60].Sample(
            steps =>
            {
                string folder = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
                var store = new ObjectStore(log: new StoreLog(folder, snapshotEvery: 500));
                var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
                int number = 0;
                foreach ((int which, int operation, bool restarts) in steps)
                {
                    Step(store, expected, $"default/{(char)('a' + which)}", operation, ++number);
                    if (restarts)
                    {
                        long revision = store.Revision;
                        store.Dispose();
                        store = new ObjectStore(log: new StoreLog(folder, snapshotEvery: 500));
                        Assert.Equal(revision, store.Revision);
                    }
                }
                var found = store.Read(Resource).Objects.Select(stored => (stored.Key, stored.ToJson()["n"]!.GetValue<int>()));
                Assert.Equal(expected.Select(pair => (pair.Key, pair.Value)), found);
                store.Dispose();
            },
            iter: 50);

    private static void Step(ObjectStore store, SortedDictionary<string, int> expected, string key, int operation, int number)
    {
        StoredObject? current = store.Get(Resource, key);
        if (current is null)
        {
            store.Create(Resource, key, Value(key, number));
            expected[key] = number;
        }
        else if (operation == 0)
        {
            store.Remove(Resource, current);
            expected.Remove(key);
        }
        else
        {
            store.Replace(Resource, current, Value(key, number));
            expected[key] = number;
        }
    }

    private static JsonObject Value(string name, int number) => new() { ["metadata"] = new JsonObject { ["name"] = name }, ["n"] = number };
}
