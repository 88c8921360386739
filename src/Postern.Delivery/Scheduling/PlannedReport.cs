using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// A report to the reverse-path that becomes durable with the settlement that causes it. For the scheduler's thread;
/// whoever composes it has it alone meanwhile.
/// </summary>
public sealed class PlannedReport(DsnAction action, BounceProfile profile)
{
    /// <summary>What became of its recipients.</summary>
    public DsnAction Action { get; } = action;
    /// <summary>Its language, its text, and how much of the message it returns.</summary>
    public BounceProfile Profile { get; } = profile;
    /// <summary>Its recipients.</summary>
    public List<ReportedRecipient> Recipients { get; } = [];
    /// <summary>Their RIDs.</summary>
    public IEnumerable<Rid> Rids => Recipients.Select(reported => reported.Recipient.Rid);
    /// <summary>Until when delayed recipients are tried.</summary>
    public DateTimeOffset? RetryUntil { get; set; }
    /// <summary>When it may go, by the pace of its domain; null: at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }
    /// <summary>It would be too old when its turn comes: it is logged and not written.</summary>
    public bool IsDropped { get; init; }
    /// <summary>The message; set when it is composed.</summary>
    public StoredMessage? Stored { get; set; }
}
