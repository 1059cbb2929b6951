using StorageOperator.Model;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Stores;

public sealed class EntityStoreTests
{
    private static readonly HashSet<ObjectKey> None = [];

    private readonly EntityStore<Widget> _store = new();
    private readonly ChangeLog _log = new();

    public EntityStoreTests() => _store.Subscribe(_log);

    [Fact]
    public void A_replaced_list_puts_what_is_newer_and_removes_what_is_gone_with_its_last_state()
    {
        _store.Replace([Widget.Of("a", 1), Widget.Of("b", 2)], None, 5);
        _store.Replace([Widget.Of("b", 7)], None, 9);

        Assert.Equal("+a=1 +b=2 ~b=7 -a", _log.Text);
        Assert.Equal(1ul, _log.Changes[^1].Before!.ResourceVersion);
        Assert.True(_store.HasSynced);
    }

    [Fact]
    public void An_own_write_is_seen_at_once_and_its_echo_from_the_watch_changes_nothing()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.Assume(Widget.Of("a", 8, "mine"));
        _store.ApplyEvent(Widget.Of("a", 8, "mine"));

        Assert.Equal("+a=1 ~a=8", _log.Text);
        Assert.Equal(ChangeOrigin.OwnWrite, _log.Changes[^1].Origin);
        Assert.Equal(8ul, _store.ResourceVersion);
    }

    [Fact]
    public void An_own_write_does_not_move_the_version_that_the_informer_has_seen()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.Assume(Widget.Of("a", 8));

        Assert.Equal(5ul, _store.ResourceVersion);
    }

    [Fact]
    public void An_older_own_write_is_dropped()
    {
        _store.Replace([Widget.Of("a", 6)], None, 6);
        _store.Assume(Widget.Of("a", 4));

        Assert.Equal("+a=6", _log.Text);
    }

    [Fact]
    public void A_late_own_write_does_not_bring_back_what_the_watch_saw_deleted()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.ApplyDelete(new ObjectKey("ns", "a"), "uid-a", 9);
        _store.Assume(Widget.Of("a", 8));

        Assert.Equal("+a=1 -a", _log.Text);
    }

    [Fact]
    public void A_late_own_write_or_event_does_not_bring_back_what_we_deleted_ourselves()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.AssumeDeleted(new ObjectKey("ns", "a"), "uid-a");
        _store.Assume(Widget.Of("a", 8));
        _store.ApplyEvent(Widget.Of("a", 7));
        Assert.Equal("+a=1 -a", _log.Text);

        _store.ApplyDelete(new ObjectKey("ns", "a"), "uid-a", 9);
        _store.ApplyEvent(Widget.Of("a", 10, uid: "another"));
        Assert.Equal("+a=1 -a +a=10", _log.Text);
    }

    [Fact]
    public void An_own_delete_of_another_uid_changes_nothing()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.AssumeDeleted(new ObjectKey("ns", "a"), "an earlier one");

        Assert.Equal(1, _store.Count);
    }

    [Fact]
    public void A_late_delete_event_does_not_remove_the_successor_that_an_own_write_brought()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        _store.Assume(Widget.Of("a", 12, uid: "successor"));
        _store.ApplyDelete(new ObjectKey("ns", "a"), "uid-a", 9);

        Assert.Equal("successor", _store.Get(new ObjectKey("ns", "a"))!.Uid);
    }

    [Fact]
    public void A_list_from_before_an_own_write_does_not_remove_what_was_written()
    {
        _store.Replace([], None, 5);
        _store.Assume(Widget.Of("new", 8));
        _store.Replace([], None, 7);

        Assert.Equal("+new=8", _log.Text);
        _store.Replace([], None, 20);
        Assert.Equal("+new=8 -new", _log.Text);
    }

    [Fact]
    public void A_server_whose_history_was_reset_is_believed()
    {
        _store.Replace([Widget.Of("a", 90), Widget.Of("b", 91)], None, 100);
        _store.Replace([Widget.Of("a", 10)], None, 20);

        Assert.Equal("+a=90 +b=91 ~a=10 -b", _log.Text);
        Assert.Equal(20ul, _store.ResourceVersion);
    }

    [Fact]
    public void A_subscriber_sees_the_present_first_and_nothing_after_it_is_disposed()
    {
        _store.Replace([Widget.Of("a", 1)], None, 5);
        var late = new ChangeLog();
        var subscription = _store.Subscribe(late);
        _store.ApplyEvent(Widget.Of("a", 6));
        subscription.Dispose();
        _store.ApplyEvent(Widget.Of("a", 7));

        Assert.Equal("+a=1 ~a=6", late.Text);
        Assert.Equal("+a=1 ~a=6 ~a=7", _log.Text);
    }

    [Fact]
    public void An_observer_that_throws_keeps_nothing_from_the_others()
    {
        _store.Subscribe(new Thrower());
        var last = new ChangeLog();
        _store.Subscribe(last);
        _store.ApplyEvent(Widget.Of("a", 6));

        Assert.Equal("+a=6", last.Text);
    }

    [Fact]
    public void An_index_finds_by_key_and_follows_changes()
    {
        _store.Replace([Widget.Of("a", 1, "red"), Widget.Of("b", 2, "red")], None, 5);
        var byValue = _store.AddIndex<string>(w => [w.Value]);
        Assert.Equal(["a", "b"], byValue.Find("red").Select(w => w.Key.Name).Order());

        _store.ApplyEvent(Widget.Of("a", 6, "blue"));
        _store.ApplyDelete(new ObjectKey("ns", "b"), "uid-b", 7);
        Assert.Empty(byValue.Find("red"));
        Assert.Equal(6ul, Assert.Single(byValue.Find("blue")).ResourceVersion);
    }

    [Fact]
    public void An_observer_may_look_itself_up_in_an_index_and_in_another_store_whose_observer_does_the_same()
    {
        var other = new EntityStore<Widget>();
        var here = _store.AddIndex<string>(w => [w.Value]);
        var there = other.AddIndex<string>(w => [w.Value]);
        _store.Subscribe(new Reader(() => there.Find("x")));
        other.Subscribe(new Reader(() => here.Find("x")));

        // Without the two-lock order this deadlocks within a few rounds.
        Parallel.Invoke(
            () => Enumerable.Range(1, 20_000).ToList().ForEach(i => _store.ApplyEvent(Widget.Of("a", (ulong)i, "x"))),
            () => Enumerable.Range(1, 20_000).ToList().ForEach(i => other.ApplyEvent(Widget.Of("a", (ulong)i, "x"))));
        Assert.Equal(20_000ul, Assert.Single(here.Find("x")).ResourceVersion);
    }

    private sealed class Thrower : IStoreObserver<Widget>
    {
        public void OnChange(in StoreChange<Widget> change) => throw new InvalidOperationException("no");
    }

    private sealed class Reader(Func<IReadOnlyList<Widget>> read) : IStoreObserver<Widget>
    {
        public void OnChange(in StoreChange<Widget> change) => read();
    }
}
