using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Postern.Smtp.Client;

/// <summary>
/// The octets of a client session: what is written, the replies that come, the deadline of either, and the end.
/// Owned by a session; for one thread at a time but for <see cref="Abort"/>, which any thread may call. It never
/// throws: what breaks is a fault of the stage at hand.
/// </summary>
internal sealed class ClientWire : IAsyncDisposable
{
    private readonly Stream _transport;
    private readonly DeadlineTimer _deadline;
    private readonly TimeProvider _time;
    private readonly ReplyPulse _pulse;
    private readonly SmtpReplyParser _parser;
    private readonly int _maxLine;
    private readonly byte[] _input;
    private Stream _stream;
    private Socket? _socket;
    private int _start;
    private int _end;
    private Task? _watch;
    private string? _failure;
    private int _ending;
    private bool _outOfStep;

    /// <summary>
    /// Takes over <paramref name="stream"/>; <paramref name="socket"/> is the one it reads from bare, or null.
    /// </summary>
    public ClientWire(
        Stream stream, Socket? socket, SmtpClientOptions options, TimeProvider time, ReplyPulse pulse)
    {
        (_transport, _stream, _socket, _time, _pulse) = (stream, stream, socket, time, pulse);
        _maxLine = options.MaxReplyLine;
        _parser = new SmtpReplyParser(options.MaxReplyLine, options.MaxReplyLines);
        _input = new byte[Math.Max(options.MaxReplyLine, 512)];
        _deadline = new DeadlineTimer(time, () => Abort(WireEnd.TimedOut));
    }

    /// <summary>False once nothing more can or may be said on this connection.</summary>
    public bool IsOpen => Volatile.Read(ref _ending) == 0 && _failure is null && !_outOfStep && _start == _end;

    /// <summary>Closes the connection under whatever runs on it. The first reason stands.</summary>
    public void Abort(WireEnd reason)
    {
        if (Interlocked.CompareExchange(ref _ending, (int)reason, 0) == 0) _transport.Dispose();
    }

    /// <summary>Octets go through TLS.</summary>
    private bool IsSecure => !ReferenceEquals(_stream, _transport);

    /// <summary>
    /// Puts TLS between the session and its transport, behind a 220 to STARTTLS. The connection is of no use when it
    /// fails.
    /// </summary>
    /// <returns>What was agreed on, or what failed.</returns>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a handshake throws, the connection is broken.")]
    public async ValueTask<(SessionTls? Tls, string? Problem)> UpgradeAsync(TlsHandshake handshake, TimeSpan timeout)
    {
        // Whoever put octets here in clear could have them taken for what the host says under TLS (hardening T2).
        if (_start < _end) return (null, "octets behind the 220 to STARTTLS, before TLS began");
        var stream = new SslStream(_transport, leaveInnerStreamOpen: false);
        (_stream, _socket) = (stream, null);
        Owe(afterDot: false);
        _deadline.Set(timeout);
        try
        {
            await stream.AuthenticateAsClientAsync(handshake.Options(), CancellationToken.None).ConfigureAwait(false);
            _pulse.Replied(_time.GetTimestamp(), stillOwed: false);
            var protocol = TlsHandshake.NameOf(stream.SslProtocol);
            return (new SessionTls(protocol, stream.NegotiatedCipherSuite.ToString()), null);
        }
        catch (Exception error)
        {
            var isLate = Volatile.Read(ref _ending) == (int)WireEnd.TimedOut;
            return (null, isLate ? string.Create(CultureInfo.InvariantCulture,
                $"TLS handshake timed out after {timeout.TotalSeconds:0.###} seconds") : handshake.Describe(error));
        }
        finally
        {
            _deadline.Clear();
        }
    }

    /// <summary>A reply is owed from now on.</summary>
    public void Owe(bool afterDot) => _pulse.Owe(_time.GetTimestamp(), afterDot);

    /// <summary>
    /// Begins to read where no reply is due, and completes when the host speaks or closes. The next reply takes the
    /// read over, so that watching costs a connection one read and nothing of what it reads is lost.
    /// </summary>
    public Task Watch()
    {
        if (_watch is not null) return _watch;
        if (_start < _end || _failure is not null) return Task.CompletedTask;
        return _watch = ReadAsync().AsTask();
    }

    /// <summary>
    /// True when the host spoke or closed while it owed nothing. One system call at most; under TLS, where octets of
    /// the socket need not be octets of the host (session tickets), a read that watches.
    /// </summary>
    public bool HostSpoke()
    {
        if (Volatile.Read(ref _ending) != 0) return true;
        if (_watch is not null) return _watch.IsCompleted;
        if (_start < _end || _failure is not null) return true;
        if (IsSecure) return Watch().IsCompleted;
        try
        {
            return _socket is not null && _socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _failure = NetworkErrors.Describe(error);
            return true;
        }
    }

    /// <summary>
    /// What the host said although it owed nothing, to be called after <see cref="HostSpoke"/>: a reply that goes no
    /// command's way (hardening D15), or the end. A reply that is not whole yet is waited for.
    /// </summary>
    public async ValueTask<HostReply> ReadUnsolicitedAsync(SmtpStage stage, TimeSpan timeout)
    {
        var spoken = await ReadReplyAsync(stage, timeout, stillOwed: false, countsAsReply: false).ConfigureAwait(false);
        _outOfStep = true;
        return spoken;
    }

    /// <summary>
    /// Hands octets to the network. The task ends when all are in the hands of the kernel; false: it broke, and what
    /// the host had to say may still be readable.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a transport throws, the connection is broken.")]
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> octets)
    {
        try
        {
            await _stream.WriteAsync(octets, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception error)
        {
            WriteFailure = NetworkErrors.Describe(error);
            return false;
        }
    }

    /// <summary>What a write met; null: none failed.</summary>
    public string? WriteFailure { get; private set; }

    /// <summary>Starts the deadline of a write.</summary>
    public void SetDeadline(TimeSpan fromNow) => _deadline.Set(fromNow);

    /// <summary>Ends the deadline.</summary>
    public void ClearDeadline() => _deadline.Clear();

    /// <summary>
    /// Reads the reply that is due. <paramref name="timeout"/> is for the whole reply: a host that sends it octet by
    /// octet gains nothing. <paramref name="stillOwed"/>: more of a pipelined group are due after it.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HostReply> ReadReplyAsync(
        SmtpStage stage, TimeSpan timeout, bool stillOwed, bool countsAsReply = true)
    {
        _deadline.Set(timeout);
        try
        {
            if (_watch is { } watch)
            {
                await watch.ConfigureAwait(false);
                _watch = null;
            }

            while (true)
            {
                switch (TakeLine())
                {
                    case ReplyProgress.Complete:
                        if (countsAsReply) _pulse.Replied(_time.GetTimestamp(), stillOwed);
                        return new HostReply(_parser.Reply, null);
                    case ReplyProgress.Malformed:
                        return Malformed(stage, _parser.Error!);
                }

                if (!await ReadAsync().ConfigureAwait(false)) return new HostReply(null, Broken(stage, timeout));
            }
        }
        finally
        {
            _deadline.Clear();
        }
    }

    /// <summary>The fault of a stage in which the connection broke or was ended.</summary>
    public SmtpFault Broken(SmtpStage stage, TimeSpan timeout) => (WireEnd)Volatile.Read(ref _ending) switch
    {
        WireEnd.TimedOut => new SmtpFault(stage, SmtpFaultKind.TimedOut, string.Create(
            CultureInfo.InvariantCulture, $"timed out: no reply within {timeout.TotalSeconds:0.###} seconds")),
        WireEnd.ShutDown => new SmtpFault(stage, SmtpFaultKind.Lost, "connection closed: the gateway shuts down"),
        WireEnd.Closed => new SmtpFault(stage, SmtpFaultKind.Lost, "connection closed by the gateway"),
        _ => new SmtpFault(stage, SmtpFaultKind.Lost, WriteFailure ?? _failure ?? NetworkErrors.ClosedByHost),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Abort(WireEnd.Closed);
        if (_watch is not null) await _watch.ConfigureAwait(false);
        _deadline.Dispose();
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    private HostReply Malformed(SmtpStage stage, string error)
    {
        _outOfStep = true;
        return new HostReply(null, new SmtpFault(stage, SmtpFaultKind.Malformed, error));
    }

    /// <summary>
    /// Takes a line out of what has come. A line ends at LF, with or without its CR: the octets are the host's own and
    /// end nothing but its own reply, and a host that forgets the CR of its 250 would else get its mail again and
    /// again.
    /// </summary>
    private ReplyProgress TakeLine()
    {
        while (true)
        {
            var octets = _input.AsSpan(_start, _end - _start);
            var feed = octets.IndexOf((byte)'\n');
            if (feed < 0)
            {
                // A line that fills the limit without an end is given to the parser as it is, which refuses it.
                return octets.Length < _maxLine ? ReplyProgress.More : _parser.Add(octets);
            }

            var line = octets[..feed];
            if (line.EndsWith((byte)'\r')) line = line[..^1];
            _start += feed + 1;
            var progress = _parser.Add(line);
            if (progress != ReplyProgress.More) return progress;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    [SuppressMessage("Design", "CA1031", Justification = "Whatever a transport throws, the connection is broken.")]
    private async ValueTask<bool> ReadAsync()
    {
        if (_failure is not null) return false;
        if (_start > 0)
        {
            _input.AsSpan(_start, _end - _start).CopyTo(_input);
            _end -= _start;
            _start = 0;
        }

        try
        {
            var read = await _stream.ReadAsync(_input.AsMemory(_end), CancellationToken.None).ConfigureAwait(false);
            if (read > 0)
            {
                _end += read;
                return true;
            }

            _failure = NetworkErrors.ClosedByHost;
        }
        catch (Exception error)
        {
            _failure = NetworkErrors.Describe(error);
        }

        return false;
    }
}
