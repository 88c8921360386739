namespace Postern.Mail;

/// <summary>RET of RFC 3461 §4.3: how much of the message a failure report returns.</summary>
public enum DsnReturn
{
    /// <summary>Not given.</summary>
    Unspecified,
    /// <summary><c>RET=FULL</c></summary>
    Full,
    /// <summary><c>RET=HDRS</c></summary>
    Headers,
}

/// <summary>NOTIFY of RFC 3461 §4.1. <see cref="Unspecified"/> is not the same as any list.</summary>
[Flags]
public enum DsnNotify
{
    /// <summary>No NOTIFY parameter: failures are reported.</summary>
    Unspecified = 0,
    /// <summary><c>NEVER</c>, alone.</summary>
    Never = 1,
    /// <summary><c>SUCCESS</c></summary>
    Success = 2,
    /// <summary><c>FAILURE</c></summary>
    Failure = 4,
    /// <summary><c>DELAY</c></summary>
    Delay = 8,
}

/// <summary>The envelope of a message without its recipients (RFC 5321 §2.3.1). Immutable.</summary>
public sealed record Envelope
{
    /// <summary>The reverse-path; null for the null reverse-path <c>&lt;&gt;</c>.</summary>
    public Mailbox? ReversePath { get; init; }

    /// <summary><c>BODY=8BITMIME</c> was declared (RFC 6152 §2).</summary>
    public bool EightBitMime { get; init; }

    /// <summary><c>SMTPUTF8</c> was given (RFC 6531 §3.4).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>RET (RFC 3461 §4.3).</summary>
    public DsnReturn Return { get; init; }

    /// <summary>
    /// ENVID in xtext as it was received, at most 100 characters (RFC 3461 §4.4); null when not given.
    /// </summary>
    public string? EnvelopeId { get; init; }
}

/// <summary>A recipient of an envelope: its forward-path and DSN parameters. Immutable.</summary>
public sealed record EnvelopeRecipient(Rid Rid, Mailbox ForwardPath)
{
    /// <summary>NOTIFY (RFC 3461 §4.1).</summary>
    public DsnNotify Notify { get; init; }

    /// <summary>
    /// ORCPT, <c>addr-type;xtext</c> as it was received, at most 500 characters (RFC 3461 §4.2); null when not given.
    /// </summary>
    public string? OriginalRecipient { get; init; }
}
