namespace Postern.Mail.Dsn;

/// <summary>
/// What <see cref="DeliveryReport.Compose"/> is told: a message, and those of its recipients that have the same fate.
/// Immutable.
/// </summary>
public sealed record ReportRequest
{
    /// <summary>What became of the recipients; default: they failed.</summary>
    public DsnAction Action { get; init; }

    /// <summary>The gateway's name: Reporting-MTA and the domain of MAILER-DAEMON.</summary>
    public required string HostName { get; init; }

    /// <summary>The Message-ID of the report, angle brackets included.</summary>
    public required string MessageId { get; init; }

    /// <summary>The date of the report, with the offset it is shown in.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The MID of the message that is reported on, for Final-Log-ID.</summary>
    public required Mid Mid { get; init; }

    /// <summary>The envelope of that message; its reverse-path is not null.</summary>
    public required Envelope Original { get; init; }

    /// <summary>When that message was accepted, with the offset it is shown in.</summary>
    public required DateTimeOffset Arrived { get; init; }

    /// <summary>
    /// Until when delayed recipients are tried, with the offset it is shown in; needed for them, and not used for
    /// others.
    /// </summary>
    public DateTimeOffset? RetryUntil { get; init; }

    /// <summary>The recipients that have the same fate, at least one.</summary>
    public required IReadOnlyList<ReportedRecipient> Recipients { get; init; }

    /// <summary>
    /// The first octets of that message, at least the smaller of <see cref="ContentSize"/> and <see cref="MaxCopy"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Octets of that message.</summary>
    public long ContentSize { get; init; }

    /// <summary>The most octets of it that are returned (<c>max_bounce_copy</c>); default 10,000.</summary>
    public long MaxCopy { get; init; } = 10_000;

    /// <summary>The language of the part for people.</summary>
    public ReportLanguage Language { get; init; }

    /// <summary>The text of that part; null, or without a section for the action: the built-in one.</summary>
    public ReportTemplate? Template { get; init; }
}

/// <summary>A recipient in a report, and why it has its fate. Immutable.</summary>
public sealed record ReportedRecipient(EnvelopeRecipient Recipient, EnhancedStatus Status)
{
    /// <summary>The name of the host that spoke, or its address; null where none did.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>What that host said; null where none did.</summary>
    public SmtpReply? Reply { get; init; }

    /// <summary>Our own words where no host spoke, such as <c>DNS Hard Error looking up …</c>.</summary>
    public string? Explanation { get; init; }

    /// <summary>When delivery was tried last, with any offset; null: never.</summary>
    public DateTimeOffset? LastAttempt { get; init; }
}
