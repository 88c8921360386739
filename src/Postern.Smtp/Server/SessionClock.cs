namespace Postern.Smtp.Server;

/// <summary>
/// The deadlines of one session. The session writes when it begins and ends to wait; one timer a second looks. Setting
/// a deadline costs a write, because a session sets several for each command.
/// </summary>
internal sealed class SessionClock : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly SmtpServerOptions _options;
    private readonly Action<SessionInterruption> _interrupt;
    private readonly ITimer _timer;
    private long _deadline = long.MaxValue;
    private long _contentWaitBegan;
    private long _contentWaited;
    private long _contentOctets;

    public SessionClock(SmtpServerOptions options, TimeProvider time, Action<SessionInterruption> interrupt)
    {
        (_options, _time, _interrupt) = (options, time, interrupt);
        _timer = time.CreateTimer(static state => ((SessionClock)state!).Look(), this, Tick, Tick);
    }

    /// <summary>A wait begins that ends the session when it is longer.</summary>
    public void Arm(TimeSpan limit) =>
        Volatile.Write(ref _deadline, _time.GetTimestamp() + (long)(limit.TotalSeconds * _time.TimestampFrequency));

    /// <summary>The wait is over.</summary>
    public void Disarm() => Volatile.Write(ref _deadline, long.MaxValue);

    /// <summary>Content begins; the rate counts from here.</summary>
    public void BeginContent()
    {
        Disarm();
        _contentWaited = 0;
        _contentOctets = 0;
    }

    /// <summary>
    /// The session waits for content. Only such time counts, so that a slow disk is not held against a client.
    /// </summary>
    public void BeginContentWait()
    {
        Arm(_options.DataTimeout);
        Volatile.Write(ref _contentWaitBegan, _time.GetTimestamp());
    }

    /// <summary>Content came.</summary>
    public void EndContentWait()
    {
        Disarm();
        _contentWaited += _time.GetTimestamp() - _contentWaitBegan;
        Volatile.Write(ref _contentWaitBegan, 0);
    }

    /// <summary>Octets of content were read.</summary>
    public void CountContent(long octets) => _contentOctets += octets;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var now = _time.GetTimestamp();
        if (now > Volatile.Read(ref _deadline))
        {
            _interrupt(SessionInterruption.TimedOut);
            return;
        }

        // D6: a client that trickles holds a session no longer than one that sends nothing.
        var began = Volatile.Read(ref _contentWaitBegan);
        if (began == 0) return;
        var waited = (double)(now - began + Volatile.Read(ref _contentWaited)) / _time.TimestampFrequency;
        if (waited > _options.MinimumRateGrace.TotalSeconds
            && Volatile.Read(ref _contentOctets) < waited * _options.MinimumRate)
        {
            _interrupt(SessionInterruption.TooSlow);
        }
    }
}
