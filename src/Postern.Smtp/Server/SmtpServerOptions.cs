using System.Text;
using Postern.Mail;

namespace Postern.Smtp.Server;

/// <summary>
/// What a session is told by configuration: its name, limits (contract §7) and time-outs (RFC 5321 §4.5.3.2.7).
/// Immutable; a reload replaces it for new sessions.
/// </summary>
public sealed record SmtpServerOptions
{
    private byte[]? _ehloReply;

    /// <summary>The name in the banner, the EHLO reply and Received fields.</summary>
    public required Domain HostName { get; init; }

    /// <summary>
    /// Octets of a command line with its CRLF. RFC 3461 §5.4 asks for 1,036, RFC 6531 §3.4 for 10 more.
    /// </summary>
    public int MaxCommandLine { get; init; } = 2048;

    /// <summary>Recipients of a message; RFC 5321 §4.5.3.1.8 asks for 100.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Octets of a message, without dot-stuffing and the final dot.</summary>
    public long MaxMessageSize { get; init; } = 50_000_000;

    /// <summary>
    /// Recipients answered with a refusal since the last accepted message; the one after them is answered 421. A number
    /// of its own, not that of <see cref="MaxRecipients"/>: a client that offers all its recipients at once keeps those
    /// that were accepted (SV19).
    /// </summary>
    public int MaxRefusedRecipients { get; init; } = 1000;

    /// <summary>
    /// Octets a second that content must come in at on average, once <see cref="MinimumRateGrace"/> is over.
    /// </summary>
    public int MinimumRate { get; init; } = 500;

    /// <summary>How long the session waits for content in all before the rate is looked at.</summary>
    public TimeSpan MinimumRateGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The wait for a whole command, and for a client to take replies (RFC 5321 §4.5.3.2.7: at least 5 min).
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The wait for any further octet of content.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Commands answered as errors since the last accepted message; the one after them is answered 421.
    /// </summary>
    public int MaxErrors { get; init; } = 20;

    /// <summary>Commands since the last accepted message that carry no mail (NOOP, RSET, VRFY …); then 421.</summary>
    public int MaxIdleCommands { get; init; } = 1000;

    /// <summary>Copies everything but the cached reply, which belongs to the values it was made of.</summary>
    private SmtpServerOptions(SmtpServerOptions other)
    {
        HostName = other.HostName;
        MaxCommandLine = other.MaxCommandLine;
        MaxRecipients = other.MaxRecipients;
        MaxRefusedRecipients = other.MaxRefusedRecipients;
        MaxMessageSize = other.MaxMessageSize;
        MinimumRate = other.MinimumRate;
        MinimumRateGrace = other.MinimumRateGrace;
        CommandTimeout = other.CommandTimeout;
        DataTimeout = other.DataTimeout;
        MaxErrors = other.MaxErrors;
        MaxIdleCommands = other.MaxIdleCommands;
    }

    /// <summary>With the defaults of the contract.</summary>
    public SmtpServerOptions() { }

    // RFC 5321 §4.1.1.1: the keywords, one a line; none that would be answered 500 or 502 (SV03).
    internal ReadOnlySpan<byte> EhloReply => _ehloReply ??= Encoding.ASCII.GetBytes(
        $"250-{HostName}\r\n250-PIPELINING\r\n250-SIZE {MaxMessageSize}\r\n250-8BITMIME\r\n"
        + "250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250 SMTPUTF8\r\n");
}
