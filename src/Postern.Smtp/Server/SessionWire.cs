using System.Buffers;
using System.IO.Pipelines;

namespace Postern.Smtp.Server;

/// <summary>
/// The two sides of a session's pipe, its clock, and why it is to stop waiting. For the session's thread, but for
/// <see cref="Interrupt"/>.
/// </summary>
internal sealed class SessionWire : IDisposable
{
    /// <summary>Octets of replies that may wait until more pipelined commands were read.</summary>
    private const int MaxUnflushed = 16_384;

    private readonly PipeWriter _output;
    private readonly SmtpServerOptions _options;
    private int _interruption;
    private int _unflushed;
    private bool _waitsForCommand;

    public SessionWire(IDuplexPipe pipe, SmtpServerOptions options, TimeProvider time)
    {
        (Input, _output, _options) = (pipe.Input, pipe.Output, options);
        Clock = new SessionClock(options, time, Interrupt);
    }

    /// <summary>What the client sends.</summary>
    public PipeReader Input { get; }

    /// <summary>The deadlines.</summary>
    public SessionClock Clock { get; }

    /// <summary>So many replies wait that they go out before further commands are read.</summary>
    public bool HasManyReplies => _unflushed > MaxUnflushed;

    /// <summary>Wakes the session; may be called by any thread.</summary>
    public void Interrupt(SessionInterruption why)
    {
        Interlocked.Or(ref _interruption, (int)why);
        Input.CancelPendingRead();
        if (why != SessionInterruption.StopWhenIdle) _output.CancelPendingFlush();
    }

    /// <summary>The last reply, if an interruption ends the session now; a stop lets a transaction go on.</summary>
    public ServerReply? Farewell(bool inTransaction)
    {
        var interruption = (SessionInterruption)Volatile.Read(ref _interruption);
        if (interruption == SessionInterruption.None) return null;
        if ((interruption & SessionInterruption.TimedOut) != 0) return Replies.TimedOut;
        if ((interruption & SessionInterruption.TooSlow) != 0) return Replies.TooSlow;
        if ((interruption & SessionInterruption.StopNow) != 0) return Replies.ShuttingDown;
        return inTransaction ? null : Replies.ShuttingDown;
    }

    /// <summary>
    /// The session waits for a command. The deadline is that of all of it, not of its next octet (D6).
    /// </summary>
    public void ArmForCommand()
    {
        if (_waitsForCommand) return;
        _waitsForCommand = true;
        Clock.Arm(_options.CommandTimeout);
    }

    /// <summary>The command came; the next one has a deadline of its own.</summary>
    public void CommandEnded() => _waitsForCommand = false;

    /// <summary>Adds to the replies that wait.</summary>
    public void Write(ReadOnlySpan<byte> octets)
    {
        _output.Write(octets);
        _unflushed += octets.Length;
    }

    /// <summary>Sends what waits. A client that takes no replies is cut like one that sends nothing (D6).</summary>
    /// <returns>False: the client is gone.</returns>
    public async ValueTask<bool> FlushAsync()
    {
        if (_unflushed == 0) return true;
        _unflushed = 0;
        var flush = _output.FlushAsync();
        if (flush.IsCompletedSuccessfully) return !flush.Result.IsCompleted;
        Clock.Arm(_options.CommandTimeout);
        _waitsForCommand = false;
        return !(await flush.ConfigureAwait(false)).IsCompleted;
    }

    /// <summary>
    /// Reads and drops what the client still sends, for a second and up to <paramref name="limit"/> octets: closing a
    /// socket that has unread input resets it, and the reset can overtake the last reply.
    /// </summary>
    public async ValueTask LingerAsync(long limit)
    {
        if (Volatile.Read(ref _interruption) != 0) return;
        Clock.Arm(TimeSpan.FromSeconds(1));
        while (limit > 0)
        {
            var result = await Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (result.IsCompleted || Volatile.Read(ref _interruption) != 0) return;
            limit -= result.Buffer.Length;
            Input.AdvanceTo(result.Buffer.End);
        }
    }

    /// <summary>Completes both sides.</summary>
    public async ValueTask CompleteAsync()
    {
        await Input.CompleteAsync().ConfigureAwait(false);
        await _output.CompleteAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => Clock.Dispose();
}
