using System.Net;
using System.Net.Sockets;

namespace Postern.Smtp.Client;

/// <summary>
/// One SMTP session as client (RFC 5321 §3). For one thread at a time; owned by a delivery connection. Outcomes are
/// values: what the host and the network do is reported, never thrown, and what it means is decided in Delivery.
/// </summary>
public sealed class SmtpClientSession : IAsyncDisposable
{
    /// <summary>How long the reply to QUIT is waited for.</summary>
    public static readonly TimeSpan QuitTimeout = TimeSpan.FromSeconds(5);

    private readonly ClientWire _wire;
    private readonly SmtpClientOptions _options;
    private readonly TimeProvider _time;
    private readonly CommandBuffer _commands = new();
    private bool _needsReset;
    private bool _usable = true;
    private bool _quit;

    private SmtpClientSession(
        Stream stream, Socket? socket, IPAddress local, SmtpClientOptions options, TimeProvider time, ReplyPulse pulse)
    {
        (LocalAddress, _options, _time) = (local, options, time);
        _wire = new ClientWire(stream, socket, options, time, pulse);
    }

    /// <summary>The source address of the connection, IPv4-mapped addresses as IPv4.</summary>
    public IPAddress LocalAddress { get; }

    /// <summary>What the host offers; valid after <see cref="OpenAsync(CancellationToken)"/>.</summary>
    public SmtpExtensions Extensions { get; private set; } = SmtpExtensions.None;

    /// <summary>The TLS of the session; null: none. Valid after <see cref="OpenAsync(CancellationToken)"/>.</summary>
    public SessionTls? Tls { get; private set; }

    /// <summary>False: no further transaction may be begun on this connection.</summary>
    public bool IsUsable => _usable && _wire.IsOpen;
    /// <summary>The host closed the connection, or said something, while it owed nothing. Only between calls.</summary>
    public bool HostSpoke => _wire.HostSpoke();

    /// <summary>Connects TCP. Null <paramref name="source"/>: the system chooses.</summary>
    /// <returns>The session, or the fault with stage <see cref="SmtpStage.Connect"/>.</returns>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellationToken"/>.</exception>
    public static ValueTask<(SmtpClientSession? Session, SmtpFault? Fault)> ConnectAsync(
        IPEndPoint destination, IPAddress? source, SmtpClientOptions options, TimeProvider time, ReplyPulse pulse,
        CancellationToken cancellationToken)
    {
        pulse.Owe(time.GetTimestamp(), afterDot: false);
        return TcpConnector.ConnectAsync(destination, source, options, time, Begin, cancellationToken);

        SmtpClientSession Begin(Socket socket)
        {
            var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return new SmtpClientSession(
                new NetworkStream(socket, ownsSocket: true), socket,
                local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local, options, time, pulse);
        }
    }

    /// <summary>The source address of a connection that never was: what the log shows of it.</summary>
    /// <param name="destination">Where it should have led.</param>
    /// <param name="source">What was asked for; null: the system chooses.</param>
    /// <returns>Null when the system has no way there.</returns>
    public static IPAddress? SourceTowards(IPEndPoint destination, IPAddress? source) =>
        TcpConnector.SourceTowards(destination, source);

    /// <summary>
    /// A session over a connection that exists. <paramref name="stream"/> must end a pending read and write when it is
    /// disposed of, must take a read and a write at the same time, and is the session's from now on.
    /// </summary>
    public static SmtpClientSession Over(
        Stream stream, IPAddress local, SmtpClientOptions options, TimeProvider time, ReplyPulse pulse)
    {
        pulse.Owe(time.GetTimestamp(), afterDot: false);
        return new SmtpClientSession(stream, null, local, options, time, pulse);
    }

    /// <summary>Waits for the banner and says EHLO, or HELO where EHLO is answered 5xx (RFC 5321 §3.2).</summary>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellationToken"/>.</exception>
    public ValueTask<SessionOpening> OpenAsync(CancellationToken cancellationToken) =>
        OpenAsync(SessionSecurity.Nothing, cancellationToken);

    /// <summary>
    /// Waits for the banner, says EHLO, or HELO where EHLO is answered 5xx (RFC 5321 §3.2), and does STARTTLS (RFC
    /// 3207) and AUTH (RFC 4954) as <paramref name="security"/> asks.
    /// </summary>
    /// <exception cref="OperationCanceledException">For <paramref name="cancellationToken"/>.</exception>
    public async ValueTask<SessionOpening> OpenAsync(SessionSecurity security, CancellationToken cancellationToken)
    {
        await using var registration = CloseOn(cancellationToken).ConfigureAwait(false);
        var run = new OpeningRun(_wire, _options, _commands, security, _time);
        var opening = await run.RunAsync().ConfigureAwait(false);
        (Extensions, Tls) = (run.Extensions, run.Tls);
        if (!opening.IsReady)
        {
            _usable = false;
            cancellationToken.ThrowIfCancellationRequested();
        }

        return opening;
    }

    /// <summary>
    /// Runs one transaction. Never throws: a cancel ends it with the fault <see cref="SmtpFaultKind.Lost"/> at the
    /// stage it had reached and everything that is known until then; when the final dot was written, its reply is
    /// unknown.
    /// </summary>
    public async ValueTask<TransactionReport> SendAsync(
        OutgoingTransaction transaction, CancellationToken cancellationToken)
    {
        await using var registration = CloseOn(cancellationToken).ConfigureAwait(false);
        var run = new TransactionRun(_wire, _options, Extensions, _commands, _time, transaction);
        var report = await run.RunAsync(_needsReset).ConfigureAwait(false);
        _needsReset = run.NeedsReset;
        _usable &= report.IsUsable;
        // What is not usable is closed at once, so that nothing more can be said on it by mistake.
        if (!report.IsUsable) _wire.Abort(WireEnd.Closed);
        return report;
    }

    /// <summary>QUIT; waits for its reply at most five seconds. Never fails.</summary>
    public async ValueTask QuitAsync()
    {
        if (_quit || !_wire.IsOpen || _wire.HostSpoke()) return;
        _quit = true;
        _usable = false;
        _commands.Clear();
        _commands.Verb("QUIT\r\n"u8);
        _wire.SetDeadline(QuitTimeout);
        if (!await _wire.WriteAsync(_commands.Octets).ConfigureAwait(false)) return;
        // RFC 5321 §4.1.1.10: the reply is waited for, and changes nothing.
        await _wire.ReadReplyAsync(SmtpStage.Mail, QuitTimeout, stillOwed: false).ConfigureAwait(false);
    }

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => _wire.DisposeAsync();

    private CancellationTokenRegistration CloseOn(CancellationToken cancellationToken) =>
        cancellationToken.UnsafeRegister(static wire => ((ClientWire)wire!).Abort(WireEnd.ShutDown), _wire);
}
