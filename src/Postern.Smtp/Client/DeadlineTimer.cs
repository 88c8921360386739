namespace Postern.Smtp.Client;

/// <summary>
/// One timer for all deadlines of a session, one after the other. Setting a deadline is two stores as a rule: the
/// timer is moved only when it would fire too late, and one that fires too early sets itself again. Safe for several
/// threads.
/// </summary>
internal sealed class DeadlineTimer : IDisposable
{
    private const long None = long.MaxValue;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Action _expired;
    private readonly ITimer _timer;
    private long _deadline = None;
    private long _armedFor = None;

    /// <summary>Calls <paramref name="expired"/> on a timer thread when a deadline passes.</summary>
    public DeadlineTimer(TimeProvider time, Action expired)
    {
        (_time, _expired) = (time, expired);
        _timer = time.CreateTimer(
            static state => ((DeadlineTimer)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sets the deadline, in place of the one before.</summary>
    public void Set(TimeSpan fromNow)
    {
        var deadline = _time.GetTimestamp() + ToTicks(fromNow);
        lock (_lock)
        {
            _deadline = deadline;
            if (deadline >= _armedFor) return;
            _armedFor = deadline;
            _timer.Change(fromNow, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>No deadline until the next one is set.</summary>
    public void Clear()
    {
        lock (_lock) _deadline = None;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        lock (_lock)
        {
            _armedFor = None;
            if (_deadline == None) return;
            var left = _deadline - _time.GetTimestamp();
            if (left > 0)
            {
                _armedFor = _deadline;
                // A timer has whole milliseconds: rounding up keeps it from firing again and again just before.
                var wait = _time.GetElapsedTime(0, left) + TimeSpan.FromMilliseconds(1);
                _timer.Change(wait, Timeout.InfiniteTimeSpan);
                return;
            }

            _deadline = None;
        }

        _expired();
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
