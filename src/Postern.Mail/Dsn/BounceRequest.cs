namespace Postern.Mail.Dsn;

/// <summary>
/// What <see cref="BounceReport.Compose"/> is told: a message and those of its recipients that failed. Immutable.
/// </summary>
public sealed record BounceRequest
{
    /// <summary>The gateway's name: Reporting-MTA and the domain of MAILER-DAEMON.</summary>
    public required string HostName { get; init; }

    /// <summary>The Message-ID of the report, angle brackets included.</summary>
    public required string MessageId { get; init; }

    /// <summary>The date of the report, with the offset it is shown in.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>The envelope of the message that failed; its reverse-path is not null.</summary>
    public required Envelope Original { get; init; }

    /// <summary>When that message was accepted, with the offset it is shown in.</summary>
    public required DateTimeOffset Arrived { get; init; }

    /// <summary>The recipients that failed together, at least one.</summary>
    public required IReadOnlyList<FailedRecipient> Recipients { get; init; }

    /// <summary>
    /// The first octets of that message, at least the smaller of <see cref="ContentSize"/> and <see cref="MaxCopy"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Octets of that message.</summary>
    public long ContentSize { get; init; }

    /// <summary>The most octets of it that are returned (<c>max_bounce_copy</c>); default 10,000.</summary>
    public long MaxCopy { get; init; } = 10_000;
}

/// <summary>A recipient that failed for good, and why. Immutable.</summary>
public sealed record FailedRecipient(EnvelopeRecipient Recipient, EnhancedStatus Status)
{
    /// <summary>The name of the host that spoke, or its address; null where none did.</summary>
    public string? RemoteHost { get; init; }

    /// <summary>What that host said; null where none did.</summary>
    public SmtpReply? Reply { get; init; }

    /// <summary>Our own words where no host spoke, such as <c>DNS Hard Error looking up …</c>.</summary>
    public string? Explanation { get; init; }
}
