namespace StorageOperator.Runtime.Api;

/// <summary>
/// How many requests may be in flight at once: found out by trying, between <see cref="Least"/> and <see cref="Most"/>.
/// </summary>
/// <remarks>
/// Climbs on throughput, since latency alone grows with every request in flight and would stop long before the server is busy. Only time
/// in which requests queue up here is judged, in windows of answers. At the start it climbs from level to level while that costs no rate,
/// and
/// settles where the rate was best. From then on it compares the level it is on with the next higher and the next lower one in turn, each
/// over several
/// windows, because single windows differ by a third on a busy machine: up for a gain of a twentieth, down if that costs less than a
/// twentieth. A 429 (or a 503 with Retry-After) halves the limit and holds all requests back for as long as the server asks.
/// </remarks>
internal sealed class InFlightLimit(TimeProvider time)
{
    public const int Least = 2;
    public const int Most = 128;

    // 32 in flight, where a kube-apiserver on two cores answers most (bench-compare: started at 8, the search settled below the knee in two
    // bursts of three and bound 250 claims a second instead of 390).
    private const int FirstLevel = 8;
    private const double Worthwhile = 1.05;
    private const int WindowsAtHome = 4;
    private const int WindowsOfProbe = 3;
    private static readonly int[] Levels = [Least, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, Most];
    private static readonly TimeSpan ShortestWindow = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private int _level = FirstLevel;
    private int _home = FirstLevel;
    private Phase _phase = Phase.Start;
    private int _direction = 1;
    private int _windows;
    private double _sum;
    private double _reference;
    private int _inFlight;
    private int _answers;
    private bool _saturated;
    private long _windowStart = time.GetTimestamp();
    private long _heldUntil;
    private ITimer? _holdTimer;

    private enum Phase
    {
        Start,
        AtHome,
        Probe,
    }

    /// <summary>The limit at present.</summary>
    public int Current
    {
        get
        {
            lock (_gate)
            {
                return Levels[_level];
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

    private bool MayEnter_NeedsGate() => _inFlight < Levels[_level] && time.GetTimestamp() >= _heldUntil;

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

    /// <summary>At the end of a window: what its rate tells about the level.</summary>
    private void Judge_NeedsGate()
    {
        var elapsed = time.GetElapsedTime(_windowStart);
        if (_answers < Levels[_level] * 2 || elapsed < ShortestWindow)
        {
            return;
        }

        var rate = _answers / elapsed.TotalSeconds;
        var saturated = _saturated;
        BeginWindow_NeedsGate();
        if (!saturated)
        {
            // Nobody waited for a slot, so the window tells nothing about a limit that did not bind.
            return;
        }

        if (_phase == Phase.Start)
        {
            Climb_NeedsGate(rate);
        }
        else
        {
            Compare_NeedsGate(rate);
        }
    }

    private void Climb_NeedsGate(double rate)
    {
        var falls = rate * Worthwhile < _reference;
        if (rate >= _reference * Worthwhile)
        {
            (_reference, _home) = (rate, _level);
        }

        if (falls || _level == Levels.Length - 1)
        {
            GoHome_NeedsGate();
        }
        else
        {
            _level++;
        }
    }

    private void Compare_NeedsGate(double rate)
    {
        _sum += rate;
        _windows++;
        if (_phase == Phase.AtHome && _windows == WindowsAtHome)
        {
            _reference = _sum / _windows;
            (_sum, _windows, _phase) = (0, 0, Phase.Probe);
            _level = Math.Clamp(_home + _direction, 0, Levels.Length - 1);
        }
        else if (_phase == Phase.Probe && _windows == WindowsOfProbe)
        {
            var probed = _sum / _windows;
            var better = _direction > 0 ? probed >= _reference * Worthwhile : probed * Worthwhile >= _reference;
            _home = better ? _level : _home;
            _direction = better ? _direction : -_direction;
            GoHome_NeedsGate();
        }
    }

    private void GoHome_NeedsGate()
    {
        _level = _home;
        (_sum, _windows, _phase) = (0, 0, Phase.AtHome);
    }

    private void Shed_NeedsGate(TimeSpan retryAfter)
    {
        var hold = retryAfter < LongestHold ? retryAfter : LongestHold;
        var until = time.GetTimestamp() + (long)(hold.TotalSeconds * time.TimestampFrequency);
        if (time.GetTimestamp() >= _heldUntil)
        {
            // One halving for all the refusals of one overload.
            _home = Math.Max(0, Array.FindLastIndex(Levels, l => l <= Levels[_level] / 2));
            GoHome_NeedsGate();
        }

        if (until > _heldUntil)
        {
            _heldUntil = until;
            _holdTimer ??= time.CreateTimer(static limit => ((InFlightLimit)limit!).Resume(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            ResumeIn_NeedsGate(hold);
        }

        BeginWindow_NeedsGate();
    }

    private void ResumeIn_NeedsGate(TimeSpan left) =>
        _holdTimer!.Change(TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(left.TotalMilliseconds))), Timeout.InfiniteTimeSpan);

    private void Resume()
    {
        lock (_gate)
        {
            // The system's timers go by a coarser clock and may fire a little early. Whoever waits is let in by nobody else when nothing is in
            // flight, so the hold must be over by the clock that it is measured with.
            if (time.GetElapsedTime(time.GetTimestamp(), _heldUntil) is var left && left > TimeSpan.Zero)
            {
                ResumeIn_NeedsGate(left);
                return;
            }

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
