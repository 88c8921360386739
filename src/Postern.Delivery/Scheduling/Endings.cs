using System.Globalization;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// How recipients leave the queue, and what their sender is told when they were not delivered (contract §4). For the
/// scheduler's thread only.
/// </summary>
public sealed class Endings(
    QueueBook queues, Reading reading, ReportPlanner reports, JobClocks clocks, IDeliveryActions actions,
    TimeProvider time)
{
    private static readonly EnhancedStatus Expired = new(5, 4, 7);

    /// <summary>
    /// The job has expired, in a commit of its own; it is not at rest. What waits in other domains and has expired as
    /// well goes with it, so that there is one report.
    /// </summary>
    public void Expire(DeliveryJob job)
    {
        var now = time.GetUtcNow();
        Expire(Waiting(job, other => now >= clocks.ExpiryOf(other)));
    }

    /// <summary>Jobs of one message have expired: one commit and one report. None is at rest.</summary>
    public void Expire(IReadOnlyList<DeliveryJob> jobs)
    {
        var settlement = new Settlement(jobs[0].Message);
        foreach (var job in jobs)
        {
            queues.Take(job, JobPlace.Settling);
            Expire(job, settlement);
        }
        actions.Commit(settlement);
    }

    /// <summary>The job has expired, as part of a settlement.</summary>
    public void Expire(DeliveryJob job, Settlement settlement)
    {
        foreach (var recipient in job.Recipients)
            AddFailure(settlement, job, LastHeard(job, recipient, Expired, "timeout"), default, ["timeout"]);
        settlement.Finish(job.Rids);
        queues.Forget(job);
    }

    /// <summary>A hard failure of everything in a job, in a commit of its own.</summary>
    public void Bounce(DeliveryJob job, EnhancedStatus status, string words)
    {
        var settlement = new Settlement(job.Message);
        Fail(job, settlement, status, words);
        actions.Commit(settlement);
    }

    /// <summary>A hard failure of everything in a job by our own decision, as part of a settlement.</summary>
    public void Fail(DeliveryJob job, Settlement settlement, EnhancedStatus status, string words)
    {
        foreach (var recipient in job.Recipients)
        {
            var failed = new ReportedRecipient(recipient, status)
            {
                Explanation = words,
                LastAttempt = job.Attempts is [.., var last] ? last.At : null,
            };
            AddFailure(settlement, job, failed, default, [words]);
        }
        settlement.Finish(job.Rids);
        queues.Forget(job);
    }

    /// <summary>Adds a recipient that failed for good: its line, and the bounce where one is due.</summary>
    /// <param name="settlement">What it becomes durable with.</param>
    /// <param name="job">The job of the recipient.</param>
    /// <param name="failed">The recipient.</param>
    /// <param name="dcid">The connection on which a host refused it; 0: none did.</param>
    /// <param name="lines">What the log says: the lines of that reply, or our own words.</param>
    public void AddFailure(
        Settlement settlement, DeliveryJob job, ReportedRecipient failed, Dcid dcid, IReadOnlyList<string> lines)
    {
        var code = dcid.Value == 0 ? "000" : failed.Reply!.Code.ToString(CultureInfo.InvariantCulture);
        settlement.Tell(job,
            new Bounced(dcid, job.Message.Mid, failed.Recipient.Rid, failed.Status, code, lines));
        if (settlement.Stored.Envelope.ReversePath is null)
            settlement.Tell(job, new DoubleBounce(job.Message.Mid, failed.Recipient.Rid));
        else
            reports.Add(settlement, job, DsnAction.Failed, failed);
    }

    /// <summary>
    /// Adds recipients that a host took and will not report on, where their sender asked to be told. A host without DSN
    /// says nothing of a success, so that we say how far we know it came (RFC 3461 §5.2.2).
    /// </summary>
    public void AddRelayed(
        Settlement settlement, DeliveryJob job, DeliveryConnection connection,
        IReadOnlyList<EnvelopeRecipient> recipients, SmtpReply taken)
    {
        if (connection.Extensions.Dsn) return;
        foreach (var recipient in recipients)
        {
            if (!recipient.Notify.HasFlag(DsnNotify.Success)) continue;
            var relayed = new ReportedRecipient(recipient, EnhancedStatusText.Of(taken))
            {
                RemoteHost = connection.Host.Key.Host,
                Reply = taken,
                LastAttempt = time.GetUtcNow(),
            };
            reports.Add(settlement, job, DsnAction.Relayed, relayed);
        }
    }

    /// <summary>
    /// The job, and what else of its message waits and is in the same case; none of it is at rest.
    /// </summary>
    public List<DeliveryJob> Waiting(DeliveryJob job, Predicate<DeliveryJob> condition)
    {
        var others = job.Message.Jobs.Where(other => !ReferenceEquals(other, job)
            && other.Place is JobPlace.Held or JobPlace.Ready && condition(other)).ToList();
        return [job, .. reading.TakeUp(job.Message, others)];
    }

    /// <summary>
    /// What is known of a recipient from its last attempt, of this run of the gateway or an earlier one.
    /// </summary>
    public static ReportedRecipient LastHeard(
        DeliveryJob job, EnvelopeRecipient recipient, EnhancedStatus status, string words)
    {
        if (job.Attempts.Count == 0) return new(recipient, status) { Explanation = words };
        var last = job.Attempts[^1];
        return new(recipient, status)
        {
            RemoteHost = NameIn(last.Host),
            Reply = AttemptText.ReplyOf(last),
            Explanation = $"{last.Host}: {last.Text}",
            LastAttempt = last.At,
        };
    }

    // Without the brackets and the port that a route writes; an IPv6 address has colons of its own.
    private static string NameIn(string host)
    {
        if (host.StartsWith('[') && host.IndexOf(']', StringComparison.Ordinal) is > 0 and var end) return host[1..end];
        var colon = host.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon == host.LastIndexOf(':') ? host[..colon] : host;
    }
}
