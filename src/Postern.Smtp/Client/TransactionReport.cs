using Postern.Mail;

namespace Postern.Smtp.Client;

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
    /// <summary>
    /// When the final dot was handed to the kernel with at least one recipient accepted; null: it was not.
    /// </summary>
    public DateTimeOffset? DotWritten { get; init; }
    /// <summary>What broke; null: every stage that was reached has its reply.</summary>
    public SmtpFault? Fault { get; init; }
    /// <summary>The content could not be read from the spool; the connection was closed before the final dot.</summary>
    public string? ContentError { get; init; }
    /// <summary>False: the connection is closed or must be (421, fault, out of step).</summary>
    public required bool IsUsable { get; init; }
}
