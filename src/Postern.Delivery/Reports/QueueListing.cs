using Postern.Delivery.Queueing;
using Postern.Spool;

namespace Postern.Delivery.Reports;

/// <summary>
/// Recipients of a message in the queue that have the same fate so far, as far as they were asked for. Immutable.
/// </summary>
public sealed record QueuedRecipients
{
    /// <summary>The MID.</summary>
    public required long Mid { get; init; }
    /// <summary>The RIDs.</summary>
    public required IReadOnlyList<int> Rids { get; init; }
    /// <summary>The reverse-path without brackets; empty: the null reverse-path.</summary>
    public required string From { get; init; }
    /// <summary>The addresses, in the order of the RIDs; none when the store cannot tell them.</summary>
    public required IReadOnlyList<string> To { get; init; }
    /// <summary>The receiving domain.</summary>
    public required string ReceivingDomain { get; init; }
    /// <summary>Where an operator sends it in place of its route; null: its route holds.</summary>
    public string? Redirect { get; init; }
    /// <summary>Octets of the message.</summary>
    public long Size { get; init; }
    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Accepted { get; init; }
    /// <summary>Rounds that ended without a result.</summary>
    public int Rounds { get; init; }
    /// <summary>ready, held, looking up, in delivery or settling.</summary>
    public required string State { get; init; }
    /// <summary>
    /// mail: a host answered 4xx to it; host: for want of a host; uncertain; content: it cannot be read; pace: its turn
    /// comes later; none: not tried yet.
    /// </summary>
    public required string Reason { get; init; }
    /// <summary>When it is due; null: it is not held.</summary>
    public DateTimeOffset? Due { get; init; }
    /// <summary>What the last attempt ended with; null: there was none.</summary>
    public string? LastError { get; init; }

    /// <summary>The <see cref="LastError"/> of a message that the store cannot tell of.</summary>
    public const string CannotBeRead = "cannot be read from the spool";

    /// <summary>The row of a message that the store cannot tell of: its addresses are not known.</summary>
    public QueuedRecipients Unread() => this with { LastError = CannotBeRead };

    /// <summary>The row with what the store says of the message; null: its recipients have left the queue.</summary>
    public QueuedRecipients? With(StoredMessage stored)
    {
        var mine = stored.Recipients.Where(r => Rids.Contains(r.Recipient.Rid.Value)).ToList();
        if (mine.Count == 0) return null;
        return this with
        {
            Rids = [.. mine.Select(r => r.Recipient.Rid.Value)],
            From = stored.Envelope.ReversePath?.Text ?? "",
            To = [.. mine.Select(r => r.Recipient.ForwardPath.Text)],
            LastError = mine[0].State.Attempts is [.., var last] ? last.Text : null,
        };
    }

    /// <summary>The row with those of its recipients that are meant, by its addresses; null: none is.</summary>
    public QueuedRecipients? Meant(QueueSelection selection)
    {
        if (!selection.IncludesSender(From)) return null;
        if (selection.Recipient is null) return this;
        var meant = Rids.Zip(To).Where(r => selection.IncludesRecipient(r.Second)).ToList();
        return meant.Count == 0 ? null
            : this with { Rids = [.. meant.Select(r => r.First)], To = [.. meant.Select(r => r.Second)] };
    }
}

/// <summary>A page of the queue.</summary>
/// <param name="Recipients">Oldest first.</param>
/// <param name="Next">What <c>after</c> the next page has; null: there is none.</param>
public sealed record QueueListing(IReadOnlyList<QueuedRecipients> Recipients, long? Next);

/// <summary>What an operation on the queue did, or would touch.</summary>
/// <param name="Messages">Messages in which something was changed, or would be.</param>
/// <param name="Recipients">Recipients it was done to, or would be.</param>
/// <param name="LeftAlone">Recipients that were meant and left alone, since a host has them on a connection, or their
/// last outcome is being made durable, or they are uncertain and it could double them.</param>
public sealed record OperationReport(int Messages, int Recipients, int LeftAlone)
{
    /// <summary>Recipients that an attempt at once was asked for, and that wait since delivery is suspended.</summary>
    public int Suspended { get; init; }
    /// <summary>The same, since every host of their route is drained.</summary>
    public int Drained { get; init; }
    /// <summary>The same, since their route is /dev/null: held until deleted, redirected or expired.</summary>
    public int ToDevNull { get; init; }
    /// <summary>
    /// The highest MID in the queue when it began; none above it was looked at. An operation that is given it as
    /// <c>upTo</c> touches nothing that came in later.
    /// </summary>
    public long UpTo { get; init; }
}
