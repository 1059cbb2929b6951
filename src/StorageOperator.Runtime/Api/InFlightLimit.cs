namespace StorageOperator.Runtime.Api;

/// <summary>
/// How many requests may be in flight at once: found out by trying, between <see cref="Least"/> and <see cref="Most"/>.
/// </summary>
/// <remarks>
/// Climbs on throughput, since latency alone grows with every request in flight and would stop long before the server is busy. While
/// requests queue up here, each window of answers gives a rate; the limit grows by a quarter as long as that raises the rate by a fifth of
/// the growth, else goes back and rests before it tries again. A 429 (or a 503 with Retry-After) halves the limit and holds all requests back for as long as the server asks.
/// </remarks>
internal sealed class InFlightLimit(TimeProvider time)
{
    public const int Least = 2;
    public const int Most = 128;

    private const int Start = 8;
    private const double Growth = 1.25;
    private const double WorthwhileGain = 1 + ((Growth - 1) / 5);
    private const int WindowsOfRest = 8;
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private double _limit = Start;
    private int _inFlight;
    private int _answers;
    private bool _saturated;
    private long _windowStart = time.GetTimestamp();
    private double _rateBefore;
    private double _limitBefore = Start;
    private int _rest;
    private long _heldUntil;
    private ITimer? _holdTimer;

    /// <summary>The limit at present.</summary>
    public int Current
    {
        get
        {
            lock (_gate)
            {
                return (int)_limit;
            }
        }
    }

    /// <summary>Waits for a slot; dispose it when the answer is in.</summary>
    public async ValueTask<Slot> EnterAsync(CancellationToken ct)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (MayEnter_NeedsGate() && _waiting.Count == 0)
            {
                _inFlight++;
                return new Slot(this);
            }

            _saturated = true;
            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
        }

        await using var cancel = ct.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
        await turn.Task;
        return new Slot(this);
    }

    private bool MayEnter_NeedsGate() => _inFlight < (int)_limit && time.GetTimestamp() >= _heldUntil;

    private void Leave(int? status, TimeSpan? retryAfter)
    {
        lock (_gate)
        {
            _inFlight--;
            if (status == 429 || (status == 503 && retryAfter is not null))
            {
                Shed_NeedsGate(retryAfter ?? TimeSpan.FromSeconds(1));
            }
            else if (status is not null)
            {
                _answers++;
                Judge_NeedsGate();
            }

            Admit_NeedsGate();
        }
    }

    /// <summary>At the end of a window: compares its rate with that of the window before the last change.</summary>
    private void Judge_NeedsGate()
    {
        var elapsed = time.GetElapsedTime(_windowStart);
        if (_answers < (int)_limit * 2 || elapsed < ShortestWindow)
        {
            return;
        }

        var rate = _answers / elapsed.TotalSeconds;
        var saturated = _saturated;
        BeginWindow_NeedsGate();
        if (!saturated)
        {
            // Nobody waited for a slot, so the window tells nothing about a limit that did not bind.
            _rateBefore = 0;
            return;
        }

        if (_rest > 0)
        {
            _rest--;
            _rateBefore = rate;
        }
        else if (_rateBefore == 0 || rate >= _rateBefore * WorthwhileGain)
        {
            (_rateBefore, _limitBefore) = (rate, _limit);
            _limit = Math.Min(Most, Math.Max(_limit + 1, _limit * Growth));
        }
        else
        {
            (_limit, _rest, _rateBefore) = (_limitBefore, WindowsOfRest, 0);
        }
    }

    private void Shed_NeedsGate(TimeSpan retryAfter)
    {
        var hold = retryAfter < LongestHold ? retryAfter : LongestHold;
        var until = time.GetTimestamp() + (long)(hold.TotalSeconds * time.TimestampFrequency);
        if (time.GetTimestamp() >= _heldUntil)
        {
            // One halving for all the refusals of one overload.
            _limit = Math.Max(Least, _limit / 2);
            (_limitBefore, _rateBefore, _rest) = (_limit, 0, WindowsOfRest);
        }

        if (until > _heldUntil)
        {
            _heldUntil = until;
            _holdTimer ??= time.CreateTimer(static limit => ((InFlightLimit)limit!).Resume(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _holdTimer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(hold.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }

        BeginWindow_NeedsGate();
    }

    private void Resume()
    {
        lock (_gate)
        {
            BeginWindow_NeedsGate();
            Admit_NeedsGate();
        }
    }

    private void BeginWindow_NeedsGate()
    {
        _windowStart = time.GetTimestamp();
        _answers = 0;
        _saturated = _waiting.Count > 0;
    }

    private void Admit_NeedsGate()
    {
        while (_waiting.Count > 0 && MayEnter_NeedsGate())
        {
            // One that gave up waiting does not take the slot.
            if (_waiting.Dequeue().TrySetResult())
            {
                _inFlight++;
            }
        }
    }

    /// <summary>The right to have one request in flight.</summary>
    internal sealed class Slot(InFlightLimit limit) : IDisposable
    {
        private int? _status;
        private TimeSpan? _retryAfter;
        private bool _left;

        /// <summary>Tells how the server answered; null for no answer.</summary>
        public void Answered(int? status, TimeSpan? retryAfter)
        {
            _status = status;
            _retryAfter = retryAfter;
        }

        public void Dispose()
        {
            if (!_left)
            {
                _left = true;
                limit.Leave(_status, _retryAfter);
            }
        }
    }
}
