using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// What happens when no host is left to try: a round ends, mail is held, expires or bounces (contract §3 words, §4).
/// For the scheduler's thread only.
/// </summary>
public sealed class Rounds(
    QueueBook queues, HostTable hosts, IDeliveryActions actions, TimeProvider time, Random random)
{
    private const double Jitter = 0.1;
    private static readonly EnhancedStatus Expired = new(5, 4, 7);

    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>When a job leaves the queue as expired.</summary>
    public DateTimeOffset ExpiryOf(DeliveryJob job) =>
        job.Message.Stored.Accepted + Options.ProfileOf(job.Queue.Name).MaxTimeInQueue;

    /// <summary>The job can be given to a host, unless its time is over.</summary>
    public void Return(DeliveryJob job)
    {
        var expiry = ExpiryOf(job);
        if (time.GetUtcNow() >= expiry) Expire(job);
        else queues.MakeReady(job, expiry);
    }

    /// <summary>Every host was tried or is left out. The job is taken from its queue.</summary>
    public void EndPass(DeliveryJob job, Choice end)
    {
        // Contract §3: a pass in which all hosts were left out is no round.
        if (job.Tried.Count == 0) HoldForHost(job, isNew: job.Reason != WaitReason.Host, end.HeldUntil);
        else if (job.Lacks.Count == job.Tried.Count && !end.AnyLeftOut && end.HeldUntil is null) BounceForLack(job);
        else EndRound(job, job.MailAnswered ? WaitReason.Mail : WaitReason.Host, end.HeldUntil);
    }

    /// <summary>A round ended without a result for the job.</summary>
    /// <param name="job">The job; it is taken from its queue.</param>
    /// <param name="reason">Why there is no result.</param>
    /// <param name="heldUntil">Hosts that were not used in this round may be used from then on; null: none.</param>
    public void EndRound(DeliveryJob job, WaitReason reason, DateTimeOffset? heldUntil = null)
    {
        job.Rounds++;
        if (job.Rounds > Options.ProfileOf(job.Queue.Name).MaxRetries)
        {
            Expire(job);
        }
        else if (reason == WaitReason.Mail)
        {
            job.Reason = reason;
            Hold(job, AfterWait(job), isNew: true);
        }
        else
        {
            HoldForHost(job, isNew: true, heldUntil);
        }
    }

    /// <summary>Holds a job without a reply to its dot, as part of a settlement; the round is over for it.</summary>
    public void HoldUncertain(DeliveryJob job, Settlement settlement, Dcid dcid, bool alert)
    {
        job.Rounds++;
        var profile = Options.ProfileOf(job.Queue.Name);
        if (job.Rounds > profile.MaxRetries)
        {
            Fail(job, settlement, Expired, job.Uncertainty!.Host, null, "timeout", default);
            return;
        }
        var due = UncertainUntil(job);
        settlement.Events.Add(
            new Uncertain(dcid, job.Message.Mid, [.. job.Recipients.Select(r => r.Rid)], due, profile.Name, alert));
        HoldFrom(job, settlement, due);
    }

    /// <summary>Holds a job whose round a host's 4xx ended, as part of a settlement.</summary>
    public void HoldAnswered(DeliveryJob job, Settlement settlement)
    {
        job.Rounds++;
        if (job.Rounds > Options.ProfileOf(job.Queue.Name).MaxRetries)
        {
            Fail(job, settlement, Expired, job.LastFailure?.Host, job.LastFailure?.Reply, "timeout", default);
            return;
        }
        job.Reason = WaitReason.Mail;
        HoldPending(job, settlement, Earlier(AfterWait(job), ExpiryOf(job)));
    }

    /// <summary>Holds a job whose content cannot be read, as part of a settlement: nobody's round.</summary>
    public void HoldHere(DeliveryJob job, Settlement settlement) =>
        HoldFrom(job, settlement, Earlier(time.GetUtcNow() + WaitOf(job), ExpiryOf(job)));

    // The doubling wait after its dot, and never before the profile's wait.
    private DateTimeOffset UncertainUntil(DeliveryJob job)
    {
        var uncertainty = job.Uncertainty!;
        var doubled = Backoff.After(uncertainty.Times - 1, Options.FinalDotTimeout, TimeSpan.MaxValue / 4);
        var afterDot = uncertainty.DotWritten + doubled;
        var afterRound = time.GetUtcNow() + WaitOf(job);
        return Earlier(afterDot > afterRound ? afterDot : afterRound, ExpiryOf(job));
    }

    /// <summary>A job whose time has come: due, or expired.</summary>
    public void Wake(DeliveryJob job)
    {
        var now = time.GetUtcNow();
        if (now >= ExpiryOf(job))
        {
            if (job.Place == JobPlace.Ready) job.Queue.Take(job);
            Expire(job);
            return;
        }
        if (job.Place == JobPlace.Held) job.BeginRound();
        else if (job.Place == JobPlace.Ready) job.Queue.Take(job);
        queues.MakeReady(job, ExpiryOf(job));
    }

    /// <summary>A job that is held goes on at once, as an operator wants it.</summary>
    public void ReleaseNow(DeliveryJob job)
    {
        job.Queue.RemoveWanting(job);
        job.BeginRound();
        queues.MakeReady(job, ExpiryOf(job));
    }

    /// <summary>What was held for want of a host in this queue may go on, oldest first.</summary>
    public void Release(DomainQueue queue)
    {
        foreach (var job in queue.TakeWanting().OrderBy(j => j.Order)) Release(job);
        hosts.Unwant(queue);
    }

    /// <summary>One job of those that are held for want of a host may go on.</summary>
    public void Release(DeliveryJob job)
    {
        job.Queue.RemoveWanting(job);
        if (job.Place == JobPlace.Settling)
        {
            job.ReleasedWhileSettling = true;
            return;
        }
        if (job.Place != JobPlace.Held) return;
        job.BeginRound();
        queues.MakeReady(job, ExpiryOf(job));
    }

    /// <summary>
    /// A job that mail of /dev/null waits in: until it is deleted, redirected or expired (contract §3, choosing, 8).
    /// </summary>
    public void HoldForDiscard(DeliveryJob job)
    {
        actions.Publish(new GatewayNotice("Info", $"MID {job.Message.Mid} waits and its route is /dev/null now: "
            + "held until deleted, redirected or expired"));
        job.Reason = WaitReason.Host;
        job.Queue.AddWanting(job);
        queues.Hold(job, ExpiryOf(job));
    }

    /// <summary>Removes the recipients of a job for good, with a bounce where one is due.</summary>
    public void Fail(
        DeliveryJob job, Settlement settlement, EnhancedStatus status, string? host, SmtpReply? reply, string words,
        Dcid dcid)
    {
        foreach (var recipient in job.Recipients)
        {
            var failed = new FailedRecipient(recipient, status)
            {
                RemoteHost = host,
                Reply = reply,
                Explanation = words,
            };
            AddFailure(settlement, job, failed, dcid);
        }
        FinishRecipients(settlement, job.Recipients);
        queues.Forget(job);
    }

    /// <summary>
    /// Writes that recipients have their final result, and that the message goes when they were the last.
    /// </summary>
    public static void FinishRecipients(Settlement settlement, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        var message = settlement.Message;
        message.Remaining -= recipients.Count;
        if (message.Remaining == 0)
        {
            settlement.Change.Removed.Add(message.Mid);
            return;
        }
        foreach (var recipient in recipients) settlement.Change.Finished.Add((message.Mid, recipient.Rid));
    }

    /// <summary>A hard failure of everything in a job, in a commit of its own.</summary>
    public void Bounce(DeliveryJob job, EnhancedStatus status, string words)
    {
        var settlement = new Settlement(job.Message, job.Queue.Name);
        Fail(job, settlement, status, null, null, words, default);
        actions.Commit(settlement);
    }

    private void Expire(DeliveryJob job)
    {
        var settlement = new Settlement(job.Message, job.Queue.Name);
        Fail(job, settlement, Expired, job.LastFailure?.Host, job.LastFailure?.Reply, "timeout", default);
        actions.Commit(settlement);
    }

    private void BounceForLack(DeliveryJob job)
    {
        var lack = job.Lacks[^1];
        Bounce(job, lack.Status, lack.Text);
    }

    /// <summary>Adds a recipient that failed for good: its line, and the bounce where one is due.</summary>
    public void AddFailure(Settlement settlement, DeliveryJob job, FailedRecipient failed, Dcid dcid)
    {
        var profile = Options.ProfileOf(job.Queue.Name);
        var isReply = failed.Reply is not null && dcid.Value != 0;
        settlement.Events.Add(new Bounced(dcid, job.Message.Mid, failed.Recipient.Rid, failed.Status,
            isReply ? failed.Reply!.Code.ToString(System.Globalization.CultureInfo.InvariantCulture) : "000",
            isReply ? failed.Reply!.Lines : [failed.Explanation ?? ""]));
        if (job.Message.Stored.Envelope.ReversePath is null)
        {
            settlement.Events.Add(new DoubleBounce(job.Message.Mid, failed.Recipient.Rid));
            return;
        }
        if (!profile.SendBounces || !BounceReport.IsWanted(job.Message.Stored.Envelope, failed.Recipient)) return;
        settlement.Report.Add(failed);
        settlement.ReturnOctets = profile.MaxBounceCopy;
    }

    private void HoldForHost(DeliveryJob job, bool isNew, DateTimeOffset? heldUntil)
    {
        job.Reason = WaitReason.Host;
        job.Queue.AddWanting(job);
        hosts.Want(job.Queue);
        var due = time.GetUtcNow() + WaitOf(job);
        Hold(job, heldUntil is { } until ? Earlier(due, until) : due, isNew);
    }

    // A hold that is new is stored and logged; a pass without a host only moves the time.
    private void Hold(DeliveryJob job, DateTimeOffset due, bool isNew)
    {
        due = Earlier(due, ExpiryOf(job));
        if (!isNew)
        {
            queues.Hold(job, due);
            return;
        }
        var settlement = new Settlement(job.Message, job.Queue.Name);
        HoldPending(job, settlement, due);
        actions.Commit(settlement);
    }

    private void HoldPending(DeliveryJob job, Settlement settlement, DateTimeOffset due)
    {
        settlement.Events.Add(new RecipientsPending(job.Message.Mid, [.. job.Recipients.Select(r => r.Rid)], due,
            Options.ProfileOf(job.Queue.Name).Name));
        HoldFrom(job, settlement, due);
    }

    /// <summary>Holds a job from the commit of a settlement on, whatever round it is in.</summary>
    public void HoldFrom(DeliveryJob job, Settlement settlement, DateTimeOffset due)
    {
        job.Place = JobPlace.Settling;
        job.ReleasedWhileSettling = false;
        AddState(job, settlement, due);
        settlement.Then += () =>
        {
            if (job.Place != JobPlace.Settling) return;
            queues.Hold(job, due);
            if (job.ReleasedWhileSettling) Release(job);
            else GoOnIfProbeIsDue(job);
        };
    }

    // The time of a host may have ended while the job was busy with another one: nobody wanted the host then, so that
    // nobody was released to probe it.
    private void GoOnIfProbeIsDue(DeliveryJob job)
    {
        if (job.Reason != WaitReason.Host || job.Queue.Plan.State != PlanState.Ready) return;
        var access = Options.AccessTo(job.Queue);
        var now = time.GetUtcNow();
        var isDue = job.Queue.Plan.Entries.Where(e => !e.IsDrained)
            .SelectMany(e => e.Targets.Count == 0 && e.NameHealth is { } name ? [name] : e.Targets)
            .Any(h => h.AvailabilityFor(access, now) == Availability.Probe);
        if (isDue) Release(job);
    }

    /// <summary>Adds the states of a job's recipients to a settlement.</summary>
    public static void AddState(DeliveryJob job, Settlement settlement, DateTimeOffset? due)
    {
        var state = job.ToState(due);
        foreach (var recipient in job.Recipients) settlement.Change.States.Add((job.Message.Mid, recipient.Rid, state));
    }

    private TimeSpan WaitOf(DeliveryJob job) => Backoff.AfterRounds(job.Rounds, Options.ProfileOf(job.Queue.Name));

    private DateTimeOffset AfterWait(DeliveryJob job) =>
        time.GetUtcNow() + (WaitOf(job) * (1 - Jitter + (2 * Jitter * random.NextDouble())));

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
