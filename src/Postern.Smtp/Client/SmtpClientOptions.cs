namespace Postern.Smtp.Client;

/// <summary>
/// Limits and time-outs of a client session (RFC 5321 §4.5.3.2; contract §2 and §7 for the defaults).
/// </summary>
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
