using CsCheck;
using StorageOperator.Model;
using StorageOperator.Runtime.Stores;
using StorageOperator.Runtime.Tests.Fakes;

namespace StorageOperator.Runtime.Tests.Stores;

/// <summary>The store against a server that is a plain dictionary with a history.</summary>
public sealed class EntityStoreProperties
{
    private enum Step
    {
        Write,
        OwnWrite,
        Delete,
        OwnDelete,
        DeliverOne,
        AnswerOne,
        Relist,
    }

    /// <summary>
    /// Whatever the order in which events, answers of own writes and lists arrive: once all events are in, the store is equal to the
    /// server, every
    /// subscriber's chain of changes is without a gap, and no entry ever went back in version.
    /// </summary>
    [Fact]
    public void It_converges_on_the_server_without_going_back() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 3]).Array[1, 60].Sample(steps =>
        {
            var model = new Model();
            foreach (var (step, which) in steps)
            {
                model.Do(step, $"w{which}");
            }

            model.DeliverAll();
            return model.Check();
        });

    private sealed class Model : IStoreObserver<Widget>
    {
        private readonly EntityStore<Widget> _store = new();
        private readonly IEntityIndex<Widget, ulong> _index;
        private readonly Dictionary<string, Widget> _server = [];
        private readonly List<(bool Deleted, Widget Widget)> _history = [];
        private readonly Queue<Widget> _answers = new();
        private readonly Dictionary<ObjectKey, Widget> _chain = [];
        private int _delivered;
        private ulong _version = 1;
        private bool _good = true;

        public Model()
        {
            _index = _store.AddIndex<ulong>(w => [w.ResourceVersion % 3]);
            _store.Subscribe(this);
            _store.Replace([], new HashSet<ObjectKey>(), 1);
        }

        public void OnChange(in StoreChange<Widget> change)
        {
            var key = (change.After ?? change.Before)!.Key;
            _good &= ReferenceEquals(_chain.GetValueOrDefault(key), change.Before);
            _good &= change.Before is null || change.After is null || change.After.ResourceVersion > change.Before.ResourceVersion;
            _chain.Remove(key);
            if (change.After is not null)
            {
                _chain[key] = change.After;
            }
        }

        public void Do(Step step, string name)
        {
            switch (step)
            {
                case Step.Write:
                    Write(name);
                    break;
                case Step.OwnWrite:
                    _answers.Enqueue(Write(name));
                    break;
                case Step.Delete:
                    Delete(name);
                    break;
                case Step.OwnDelete:
                    if (Delete(name) is { } gone)
                    {
                        _store.AssumeDeleted(gone.Key, gone.Uid);
                    }

                    break;
                case Step.DeliverOne:
                    Deliver();
                    break;
                case Step.AnswerOne:
                    if (_answers.TryDequeue(out var answer))
                    {
                        _store.Assume(answer);
                    }

                    break;
                default:
                    _store.Replace([.. _server.Values], new HashSet<ObjectKey>(), _version);
                    _delivered = _history.Count;
                    break;
            }
        }

        public void DeliverAll()
        {
            while (_answers.TryDequeue(out var answer))
            {
                _store.Assume(answer);
            }

            while (_delivered < _history.Count)
            {
                Deliver();
            }
        }

        public bool Check()
        {
            var held = _store.Snapshot().OrderBy(w => w.Key).ToArray();
            var indexed = Enumerable.Range(0, 3).SelectMany(i => _index.Find((ulong)i)).OrderBy(w => w.Key);
            var expected = _server.Values.OrderBy(w => w.Key).ToArray();
            return _good && held.SequenceEqual(expected, ByVersion.Instance) && indexed.SequenceEqual(held) && _chain.Count == held.Length;
        }

        private Widget Write(string name)
        {
            _version++;
            var uid = _server.TryGetValue(name, out var present) ? present.Uid : $"{name}-{_version}";
            var written = Widget.Of(name, _version, uid: uid);
            _server[name] = written;
            _history.Add((false, written));
            return written;
        }

        private Widget? Delete(string name)
        {
            if (!_server.Remove(name, out var present))
            {
                return null;
            }

            _version++;
            _history.Add((true, present with { ResourceVersion = _version }));
            return present;
        }

        private void Deliver()
        {
            if (_delivered == _history.Count)
            {
                return;
            }

            var (deleted, widget) = _history[_delivered++];
            if (deleted)
            {
                _store.ApplyDelete(widget.Key, widget.Uid, widget.ResourceVersion);
            }
            else
            {
                _store.ApplyEvent(widget);
            }
        }
    }

    private sealed class ByVersion : IEqualityComparer<Widget>
    {
        public static readonly ByVersion Instance = new();

        public bool Equals(Widget? x, Widget? y) => x!.Uid == y!.Uid && x.ResourceVersion == y.ResourceVersion;

        public int GetHashCode(Widget obj) => obj.Uid.GetHashCode(StringComparison.Ordinal);
    }
}
