using System.Net;
using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>How far a connection or a transaction got.</summary>
public enum SmtpStage
{
    /// <summary>TCP.</summary>
    Connect,
    /// <summary>Waiting for the 220.</summary>
    Banner,
    /// <summary>EHLO or HELO.</summary>
    Ehlo,
    /// <summary>STARTTLS and the handshake.</summary>
    StartTls,
    /// <summary>AUTH.</summary>
    Auth,
    /// <summary>MAIL.</summary>
    Mail,
    /// <summary>RCPT.</summary>
    Rcpt,
    /// <summary>DATA, until its 354.</summary>
    Data,
    /// <summary>The content is being written; the final dot is not.</summary>
    Content,
    /// <summary>The final dot was written (in whole or in part handed to the kernel).</summary>
    FinalDot,
}

/// <summary>Why a stage did not end with a usable reply.</summary>
public enum SmtpFaultKind
{
    /// <summary>The connection was refused, reset, closed, or the network said no.</summary>
    Lost,
    /// <summary>No reply within the time-out of the stage.</summary>
    TimedOut,
    /// <summary>Not a reply: no three digits, a code that differs in a continuation line, or past a limit.</summary>
    Malformed,
    /// <summary>A reply of a class the command does not have, such as 354 to MAIL or 250 to DATA.</summary>
    WrongClass,
}

/// <summary>What broke, where. <see cref="Details"/> is for the log; <see cref="Reply"/> is set for a wrong class.</summary>
public sealed record SmtpFault(SmtpStage Stage, SmtpFaultKind Kind, string Details, SmtpReply? Reply = null);

/// <summary>Limits and time-outs of a client session (RFC 5321 §4.5.3.2; contract §2 and §7 for the defaults).</summary>
public sealed record SmtpClientOptions
{
    /// <summary>The name in EHLO.</summary>
    public required string HostName { get; init; }
    /// <summary>TCP; default 30 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>The 220; default 5 min.</summary>
    public TimeSpan GreetingTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>EHLO, MAIL, RCPT; default 5 min.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>The 354 to DATA: 2 min (RFC 5321 §4.5.3.2.4).</summary>
    public TimeSpan DataInitiationTimeout { get; init; } = TimeSpan.FromMinutes(2);
    /// <summary>Each block of content; default 3 min.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(3);
    /// <summary>The reply to the final dot; default 10 min.</summary>
    public TimeSpan FinalDotTimeout { get; init; } = TimeSpan.FromMinutes(10);
    /// <summary>Octets of a reply line, CRLF included; default 2,000.</summary>
    public int MaxReplyLine { get; init; } = 2000;
    /// <summary>Lines of a reply; default 100.</summary>
    public int MaxReplyLines { get; init; } = 100;
}

/// <summary>
/// When a connection last began to owe a reply and when it last replied, in ticks of <see cref="TimeProvider.GetTimestamp"/>.
/// Written by the session, read by the scheduler at any time from another thread (contract §3, choosing, 3).
/// </summary>
public sealed class ReplyPulse
{
    private long _owesSince;
    private long _lastReply;
    private int _afterDot;

    /// <summary>Since when a reply is owed; 0: none is.</summary>
    public long OwesSince => Volatile.Read(ref _owesSince);
    /// <summary>When the last reply came; 0: none yet.</summary>
    public long LastReply => Volatile.Read(ref _lastReply);
    /// <summary>The reply that is owed is the one to the final dot.</summary>
    public bool AfterDot => Volatile.Read(ref _afterDot) != 0;

    /// <summary>A reply is owed from now on; a reply that is owed already keeps its time.</summary>
    public void Owe(long timestamp, bool afterDot)
    {
        Volatile.Write(ref _afterDot, afterDot ? 1 : 0);
        if (afterDot || Volatile.Read(ref _owesSince) == 0) Volatile.Write(ref _owesSince, timestamp);
    }

    /// <summary>A reply came. <paramref name="stillOwed"/>: more of a pipelined group are due.</summary>
    public void Replied(long timestamp, bool stillOwed)
    {
        Volatile.Write(ref _lastReply, timestamp);
        Volatile.Write(ref _owesSince, stillOwed ? timestamp : 0);
    }
}

/// <summary>What a host offers in its EHLO reply (RFC 5321 §4.1.1.1).</summary>
public sealed record SmtpExtensions
{
    /// <summary>EHLO was refused and HELO taken: no extension at all.</summary>
    public static readonly SmtpExtensions None = new();
    /// <summary>RFC 2920</summary>
    public bool Pipelining { get; init; }
    /// <summary>RFC 6152</summary>
    public bool EightBitMime { get; init; }
    /// <summary>RFC 6531</summary>
    public bool SmtpUtf8 { get; init; }
    /// <summary>RFC 3461</summary>
    public bool Dsn { get; init; }
    /// <summary>RFC 3207</summary>
    public bool StartTls { get; init; }
    /// <summary>RFC 2034</summary>
    public bool EnhancedStatusCodes { get; init; }
    /// <summary>RFC 1870: SIZE was offered.</summary>
    public bool Size { get; init; }
    /// <summary>RFC 1870: the largest message in octets; null or 0: no fixed limit.</summary>
    public long? MaxSize { get; init; }
    /// <summary>RFC 4954: the mechanisms, upper-case.</summary>
    public IReadOnlyList<string> AuthMechanisms { get; init; } = [];
}

/// <summary>How opening a session ended: ready, or refused by a reply, or broken. Exactly one of the last two is set unless ready.</summary>
public sealed record SessionOpening(SmtpStage Stage, SmtpReply? Refusal, SmtpFault? Fault)
{
    /// <summary>The session takes transactions.</summary>
    public bool IsReady => Refusal is null && Fault is null;
}

/// <summary>Content to send, pulled piece by piece; empty at the end. The piece is valid until the next call.</summary>
public interface IContentSource
{
    /// <summary>The next piece.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReadNextAsync(CancellationToken cancellationToken);
}

/// <summary>One message for some recipients of it.</summary>
public sealed record OutgoingTransaction(
    Envelope Envelope, IReadOnlyList<EnvelopeRecipient> Recipients, long Size, bool HasEightBit, Func<IContentSource> OpenContent);

/// <summary>
/// The bare facts of a transaction, in the order of RFC 5321 §3.3. What they mean is decided in Delivery.
/// Replies to commands that were pipelined behind a failed MAIL are null.
/// </summary>
public sealed record TransactionReport
{
    /// <summary>The reply to MAIL; null: none.</summary>
    public SmtpReply? Mail { get; init; }
    /// <summary>The replies to RCPT, by index of the recipient; null: none.</summary>
    public required IReadOnlyList<SmtpReply?> Recipients { get; init; }
    /// <summary>The reply to DATA; null: none, or not sent.</summary>
    public SmtpReply? Data { get; init; }
    /// <summary>The reply to the final dot; null: none.</summary>
    public SmtpReply? FinalDot { get; init; }
    /// <summary>When the final dot was handed to the kernel with at least one recipient accepted; null: it was not.</summary>
    public DateTimeOffset? DotWritten { get; init; }
    /// <summary>What broke; null: every stage that was reached has its reply.</summary>
    public SmtpFault? Fault { get; init; }
    /// <summary>The content could not be read from the spool; the connection was closed before the final dot.</summary>
    public string? ContentError { get; init; }
    /// <summary>False: the connection is closed or must be (421, fault, out of step).</summary>
    public required bool IsUsable { get; init; }
}

/// <summary>
/// One SMTP session as client. For one thread at a time; owned by a delivery connection. Outcomes are values: it throws
/// only <see cref="OperationCanceledException"/>, for <c>cancellationToken</c>.
/// </summary>
public sealed class SmtpClientSession : IAsyncDisposable
{
    /// <summary>Connects TCP. Null <paramref name="source"/>: the system chooses.</summary>
    /// <returns>The session, or the fault with stage <see cref="SmtpStage.Connect"/>.</returns>
    public static ValueTask<(SmtpClientSession? Session, SmtpFault? Fault)> ConnectAsync(
        IPEndPoint destination, IPAddress? source, SmtpClientOptions options, TimeProvider time, ReplyPulse pulse,
        CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The source address of the connection.</summary>
    public IPAddress LocalAddress => throw new NotImplementedException();

    /// <summary>What the host offers; valid after <see cref="OpenAsync"/>.</summary>
    public SmtpExtensions Extensions => throw new NotImplementedException();

    /// <summary>Completes when the peer closes or speaks while no transaction runs; restarted by each transaction.</summary>
    public Task IdleEnded => throw new NotImplementedException();

    /// <summary>Waits for the banner and says EHLO, or HELO where EHLO is answered 5xx.</summary>
    public ValueTask<SessionOpening> OpenAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Runs one transaction. On a later cancel nothing of the report is lost: cancel only closes the connection.</summary>
    public ValueTask<TransactionReport> SendAsync(OutgoingTransaction transaction, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>QUIT; waits for its reply at most five seconds. Never fails.</summary>
    public ValueTask QuitAsync() => throw new NotImplementedException();

    /// <summary>Closes the connection.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
