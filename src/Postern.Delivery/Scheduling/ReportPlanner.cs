using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Decides which reports a settlement causes (RFC 3461 §4.1, contract §4), and when they may go: more than
/// <c>max_bounces_per_hour</c> to one domain wait their turn. For the scheduler's thread only.
/// </summary>
public sealed class ReportPlanner(TimeProvider time)
{
    private readonly ReportPace _pace = new();

    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>Adds a recipient to the report on its fate, where one is wanted.</summary>
    /// <param name="settlement">What the report becomes durable with.</param>
    /// <param name="job">The job of the recipient.</param>
    /// <param name="action">Its fate.</param>
    /// <param name="recipient">The recipient.</param>
    /// <param name="retryUntil">Until when a delayed one is tried; the report says the latest.</param>
    public void Add(
        Settlement settlement, DeliveryJob job, DsnAction action, ReportedRecipient recipient,
        DateTimeOffset? retryUntil = null)
    {
        var profile = Options.ProfileOf(job.Queue.Name);
        var original = settlement.Stored.Envelope;
        if (!profile.SendBounces || !DeliveryReport.IsWanted(original, recipient.Recipient, action)) return;
        var report = settlement.Reports.Find(r => r.Action == action);
        if (report is null) settlement.Reports.Add(report = Plan(action, profile, original.ReversePath!));
        report.Recipients.Add(recipient);
        if (report.RetryUntil is null || retryUntil > report.RetryUntil) report.RetryUntil = retryUntil;
    }

    private PlannedReport Plan(DsnAction action, BounceProfile profile, Mailbox sender)
    {
        var now = time.GetUtcNow();
        var domain = sender.ReceivingDomain;
        var tooOld = now + Options.ProfileOf(domain).MaxTimeInQueue;
        var turn = _pace.Take(domain, now, Options.MaxBouncesPerHour, tooOld);
        return new PlannedReport(action, profile) { NotBefore = turn > now ? turn : null, IsDropped = turn is null };
    }
}
