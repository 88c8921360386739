using Postern.Mail;

namespace Postern.Spool;

/// <summary>A message as the queue holds it: everything but its body. Immutable.</summary>
public sealed record StoredMessage(Mid Mid, Icid Icid, Envelope Envelope, DateTimeOffset Accepted)
{
    /// <summary>Octets of the content as it goes out, our Received field included, without dot-stuffing.</summary>
    public long Size { get; init; }

    /// <summary>The content has octets above 127, so that it needs 8BITMIME (RFC 6152 §3).</summary>
    public bool HasEightBit { get; init; }

    /// <summary>The recipients without a final result, by RID.</summary>
    public required IReadOnlyList<StoredRecipient> Recipients { get; init; }
}

/// <summary>A recipient that has no final result yet, and how far it got. Immutable.</summary>
public sealed record StoredRecipient(EnvelopeRecipient Recipient, RecipientState State);

/// <summary>Why a recipient waits.</summary>
public enum WaitReason
{
    /// <summary>Not tried yet, or being tried.</summary>
    None,
    /// <summary>A host answered a 4xx to the mail itself.</summary>
    Mail,
    /// <summary>For want of a host.</summary>
    Host,
    /// <summary>No reply after the final dot.</summary>
    Uncertain,
    /// <summary>A report to a domain that has had its share of them for the time being.</summary>
    Pace,
    /// <summary>The content of the message cannot be read from the spool.</summary>
    Content,
}

/// <summary>
/// How far a recipient got; a record of its own in the spool, so that an outcome is a small write. Immutable.
/// </summary>
public sealed record RecipientState
{
    /// <summary>Not tried yet.</summary>
    public static readonly RecipientState Fresh = new();

    /// <summary>Rounds that ended without a result.</summary>
    public int Rounds { get; init; }

    /// <summary>Why it waits.</summary>
    public WaitReason Reason { get; init; }

    /// <summary>When it is due; null: at once.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The sender was told that the recipient waits.</summary>
    public bool IsWarned { get; init; }

    /// <summary>The last attempts, oldest first, at most <see cref="MaxAttempts"/>.</summary>
    public IReadOnlyList<StoredAttempt> Attempts { get; init; } = [];

    /// <summary>Set from the first final dot without a reply until a final result or a clear answer.</summary>
    public StoredUncertainty? Uncertainty { get; init; }

    /// <summary>The destination hosts that an operator sends it to in place of its route; null: none.</summary>
    public string? Redirect { get; init; }

    /// <summary>How many attempts are kept a recipient.</summary>
    public const int MaxAttempts = 10;
}

/// <summary>One attempt at one host, as `showmessage` tells it. Immutable.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Host">The destination host as written in the route, or the MX name.</param>
/// <param name="Address">Address and port, or empty where there was none.</param>
/// <param name="Dcid">The connection; 0: none.</param>
/// <param name="Stage">connect, banner, ehlo, mail, rcpt, data, content or dot.</param>
/// <param name="Code">The reply code; 0: no reply.</param>
/// <param name="Text">The reply, or what happened; at most 512 characters.</param>
public sealed record StoredAttempt(
    DateTimeOffset At, string Host, string Address, Dcid Dcid, string Stage, int Code, string Text);

/// <summary>An attempt that ended after the final dot without a usable reply. Immutable.</summary>
/// <param name="Host">The destination host as written in the route, or the MX name.</param>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="Times">How often so far, from 1.</param>
/// <param name="DotWritten">When the last final dot was written.</param>
public sealed record StoredUncertainty(string Host, string Address, int Port, int Times, DateTimeOffset DotWritten);
