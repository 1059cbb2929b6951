using System.Runtime.InteropServices;
using StorageOperator.Runtime.Reconciliation;

namespace StorageOperator.Runtime.Queues;

/// <summary>
/// A queue of keys to be worked on. A key that waits is not added twice; a key that is worked on and added meanwhile waits until it is
/// done, so no two workers ever have the same key. Delays cost one timer for the whole queue, and no ticks.
/// </summary>
/// <remarks>
/// Adding again what waits keeps the higher priority and the earlier time. Within a priority, keys go in the order they became ready.
/// The semaphore counts keys that are ready; entries of the ready lists and of the heap that a later add has overtaken are left where they
/// are and
/// passed over when met, which their key's state tells.
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private const int Priorities = (int)QueuePriority.Resync + 1;

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, State> _keys = [];
    private readonly Queue<TKey>[] _ready = new Queue<TKey>[Priorities];
    private readonly PriorityQueue<TKey, long> _delayed = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly CancellationTokenSource _stopped = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly IWorkQueueObserver? _observer;
    private TaskCompletionSource? _drained;
    private long _timerDue = long.MaxValue;
    private int _readyCount;
    private int _processing;

    /// <summary>Makes an empty queue.</summary>
    public WorkQueue(TimeProvider time)
        : this(time, null)
    {
    }

    internal WorkQueue(TimeProvider time, IWorkQueueObserver? observer)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _observer = observer;
        for (var i = 0; i < Priorities; i++)
        {
            _ready[i] = new Queue<TKey>();
        }

        _timer = time.CreateTimer(static queue => ((WorkQueue<TKey>)queue!).ReleaseDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many keys are ready to be worked on.</summary>
    public int Depth => Volatile.Read(ref _readyCount);

    /// <summary>How many keys are being worked on.</summary>
    public int Processing
    {
        get
        {
            lock (_gate)
            {
                return _processing;
            }
        }
    }

    /// <summary>Adds a key, now or after a delay. Does nothing once the queue is stopped.</summary>
    public void Add(TKey key, QueuePriority priority = QueuePriority.Fresh, TimeSpan delay = default)
    {
        lock (_gate)
        {
            if (_stopped.IsCancellationRequested)
            {
                return;
            }

            if (delay > TimeSpan.Zero)
            {
                AddDelayed_NeedsGate(key, priority, _time.GetTimestamp() + ToTimestamp(delay));
            }
            else
            {
                AddReady_NeedsGate(key, priority);
            }
        }
    }

    /// <summary>
    /// Takes the next key, waiting for one. The caller must call <see cref="Done"/> for it. Returns false once the queue is stopped: keys
    /// that still wait
    /// are left, since whoever takes over starts from a list.
    /// </summary>
    public async ValueTask<(bool Taken, TKey? Key)> TakeAsync(CancellationToken ct = default)
    {
        if (!_available.Wait(0, CancellationToken.None))
        {
            try
            {
                if (ct.CanBeCanceled)
                {
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, _stopped.Token);
                    await _available.WaitAsync(either.Token);
                }
                else
                {
                    await _available.WaitAsync(_stopped.Token);
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return (false, default);
            }
        }

        lock (_gate)
        {
            return _stopped.IsCancellationRequested ? (false, default) : (true, Next_NeedsGate());
        }
    }

    /// <summary>Gives a key back. If it was added while it was worked on, it is ready again.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            var state = _keys[key];
            state.Processing = false;
            _processing--;
            _observer?.Done(_time.GetElapsedTime(state.Since));
            if (state.Again is { } priority && !_stopped.IsCancellationRequested)
            {
                state.Again = null;
                MakeReady_NeedsGate(key, state, priority);
            }
            else if (state.Due is null)
            {
                _keys.Remove(key);
            }

            if (_processing == 0)
            {
                _drained?.TrySetResult();
            }
        }
    }

    /// <summary>Stops handing out keys and waits until those handed out are done.</summary>
    public Task StopAsync(CancellationToken ct)
    {
        Task drained;
        lock (_gate)
        {
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_processing == 0)
            {
                _drained.TrySetResult();
            }

            drained = _drained.Task;
        }

        // Outside of the gate: cancelling runs the continuations of waiting takers.
        _stopped.Cancel();
        return drained.WaitAsync(ct);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped.Cancel();
        _timer.Dispose();
        _available.Dispose();
        _stopped.Dispose();
    }

    /// <summary>How long the keys being worked on have been so: the sum and the longest, as <c>workqueue_*</c> metrics show them.</summary>
    internal (TimeSpan Sum, TimeSpan Longest) Unfinished()
    {
        lock (_gate)
        {
            var (sum, longest) = (TimeSpan.Zero, TimeSpan.Zero);
            if (_processing > 0)
            {
                foreach (var state in _keys.Values.Where(s => s.Processing))
                {
                    var elapsed = _time.GetElapsedTime(state.Since);
                    sum += elapsed;
                    longest = elapsed > longest ? elapsed : longest;
                }
            }

            return (sum, longest);
        }
    }

    private void AddReady_NeedsGate(TKey key, QueuePriority priority)
    {
        var state = StateOf(key);
        state.Due = null;
        if (state.Processing)
        {
            state.Again = state.Again is { } again && again < priority ? again : priority;
        }
        else if (state.Ready is null)
        {
            MakeReady_NeedsGate(key, state, priority);
        }
        else if (priority < state.Ready)
        {
            // Its entry in the lower list stays behind and is passed over; it has been counted already.
            state.Ready = priority;
            _ready[(int)priority].Enqueue(key);
        }
    }

    private void MakeReady_NeedsGate(TKey key, State state, QueuePriority priority)
    {
        state.Ready = priority;
        state.Since = _time.GetTimestamp();
        _ready[(int)priority].Enqueue(key);
        _readyCount++;
        _observer?.Added();
        _available.Release();
    }

    private void AddDelayed_NeedsGate(TKey key, QueuePriority priority, long due)
    {
        var state = StateOf(key);
        if (state.Ready is { } ready)
        {
            // Waiting already: the earlier time wins, and so does the higher priority.
            if (priority < ready)
            {
                AddReady_NeedsGate(key, priority);
            }

            return;
        }

        if (state.Again is not null)
        {
            return;
        }

        state.DelayedPriority = state.Due is null || priority < state.DelayedPriority ? priority : state.DelayedPriority;
        if (state.Due is { } present && present <= due)
        {
            return;
        }

        state.Due = due;
        _delayed.Enqueue(key, due);
        ArmTimer_NeedsGate();
    }

    private TKey Next_NeedsGate()
    {
        for (var priority = 0; priority < Priorities; priority++)
        {
            while (_ready[priority].TryDequeue(out var key))
            {
                if (_keys.TryGetValue(key, out var state) && state.Ready == (QueuePriority)priority)
                {
                    return Begin_NeedsGate(key, state);
                }
            }
        }

        throw new InvalidOperationException("the count of ready keys and the lists of ready keys differ");
    }

    private TKey Begin_NeedsGate(TKey key, State state)
    {
        _observer?.Taken(_time.GetElapsedTime(state.Since));
        state.Ready = null;
        state.Processing = true;
        state.Since = _time.GetTimestamp();
        _readyCount--;
        _processing++;
        return key;
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            if (_stopped.IsCancellationRequested)
            {
                return;
            }

            _timerDue = long.MaxValue;
            var now = _time.GetTimestamp();
            while (_delayed.TryPeek(out var key, out var due) && due <= now)
            {
                _delayed.Dequeue();
                if (_keys.TryGetValue(key, out var state) && state.Due == due)
                {
                    AddReady_NeedsGate(key, state.DelayedPriority);
                }
            }

            ArmTimer_NeedsGate();
        }
    }

    private void ArmTimer_NeedsGate()
    {
        // Overtaken entries at the head would only wake the timer for nothing.
        while (_delayed.TryPeek(out var key, out var due) && !(_keys.TryGetValue(key, out var state) && state.Due == due))
        {
            _delayed.Dequeue();
        }

        if (!_delayed.TryPeek(out _, out var first) || first >= _timerDue)
        {
            return;
        }

        _timerDue = first;
        var wait = TimeSpan.FromSeconds((double)(first - _time.GetTimestamp()) / _time.TimestampFrequency);

        // Timers count whole milliseconds: rounded up, or the key would be found not yet due and the timer spin. And they take no more than
        // 49 days:
        // one that comes too early finds nothing due and is armed again.
        var milliseconds = Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, TimeSpan.MillisecondsPerDay);
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private long ToTimestamp(TimeSpan delay) => (long)(Math.Min(delay.TotalDays, 3650) * 86_400 * _time.TimestampFrequency);

    private State StateOf(TKey key)
    {
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_keys, key, out _);
        return state ??= new State();
    }

    private sealed class State
    {
        /// <summary>The list it waits in; null when it does not.</summary>
        public QueuePriority? Ready;

        /// <summary>The priority it was added with while being worked on.</summary>
        public QueuePriority? Again;

        /// <summary>When its delay ends, as a timestamp.</summary>
        public long? Due;

        public QueuePriority DelayedPriority;

        public bool Processing;

        /// <summary>When it became ready, or when work on it began.</summary>
        public long Since;
    }
}
