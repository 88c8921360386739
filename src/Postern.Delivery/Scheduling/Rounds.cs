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
    QueueBook queues, Reading reading, HostTable hosts, ReportPlanner reports, JobClocks clocks, Endings endings,
    IDeliveryActions actions, TimeProvider time, Random random)
{
    private const double Jitter = 0.1;

    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>When a job leaves the queue as expired.</summary>
    public DateTimeOffset ExpiryOf(DeliveryJob job) => clocks.ExpiryOf(job);

    /// <summary>The job can be given to a host, unless its time is over.</summary>
    public void Return(DeliveryJob job)
    {
        if (time.GetUtcNow() < ExpiryOf(job))
        {
            MakeReady(job);
            return;
        }
        job.Place = JobPlace.Settling;
        if (reading.TakeUpOrWait(job)) endings.Expire(job);
    }

    /// <summary>
    /// All jobs of a message that has just come to be are where they wait now; those that have expired, in one
    /// settlement.
    /// </summary>
    /// <param name="jobs">The jobs; none is at rest or stands anywhere.</param>
    /// <param name="wait">Where a job waits that has not expired.</param>
    public void Begin(IReadOnlyList<DeliveryJob> jobs, Action<DeliveryJob> wait)
    {
        var now = time.GetUtcNow();
        var expired = jobs.Where(j => now >= ExpiryOf(j)).ToList();
        if (expired.Count > 0) endings.Expire(expired);
        foreach (var job in jobs)
            if (job.Place != JobPlace.Done) wait(job);
    }

    /// <summary>A job waits from now on, as the store already says.</summary>
    public void HoldUntil(DeliveryJob job, DateTimeOffset due)
    {
        due = Earlier(due, ExpiryOf(job));
        queues.Hold(job, due, clocks.WakeOf(job, due));
    }

    /// <summary>A message of our own waits for its turn, as the store already says.</summary>
    public void HoldFor(DeliveryJob job, WaitReason reason, DateTimeOffset due)
    {
        job.Reason = reason;
        actions.Publish(Pending(job, due));
        HoldUntil(job, due);
    }

    /// <summary>Other options hold: a job that waits is looked at when they say so.</summary>
    public void Rearm(DeliveryJob job)
    {
        if (job.Place == JobPlace.Held) queues.Rearm(job, clocks.WakeOf(job, job.Due));
        else if (job.Place == JobPlace.Ready) queues.Rearm(job, clocks.WakeOf(job, DateTimeOffset.MaxValue));
    }

    /// <summary>Every host was tried or is left out. The job is taken from its queue.</summary>
    public void EndPass(DeliveryJob job, Choice end)
    {
        // Contract §3: a pass in which all hosts were left out is no round.
        if (job.Tried.Count == 0) HoldForHost(job, isRound: false, end.HeldUntil);
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
        job.EmptyPasses = 0;
        if (job.Rounds > Options.ProfileOf(job.Queue.Name).MaxRetries)
        {
            endings.Expire(job);
        }
        else if (reason == WaitReason.Mail)
        {
            job.Reason = reason;
            Hold(job, AfterWait(job), isNew: true);
        }
        else
        {
            HoldForHost(job, isRound: true, heldUntil);
        }
    }

    /// <summary>Holds a job without a reply to its dot, as part of a settlement; the round is over for it.</summary>
    public void HoldUncertain(DeliveryJob job, Settlement settlement, Dcid dcid, bool alert)
    {
        job.Rounds++;
        var profile = Options.ProfileOf(job.Queue.Name);
        if (job.Rounds > profile.MaxRetries)
        {
            endings.Expire(job, settlement);
            return;
        }
        var due = UncertainUntil(job);
        settlement.Tell(job,
            new Uncertain(dcid, job.Message.Mid, job.Rids, due, profile.Name, alert));
        HoldFrom(job, settlement, due);
    }

    /// <summary>Holds a job whose round a host's 4xx ended, as part of a settlement.</summary>
    public void HoldAnswered(DeliveryJob job, Settlement settlement)
    {
        job.Rounds++;
        if (job.Rounds > Options.ProfileOf(job.Queue.Name).MaxRetries)
        {
            endings.Expire(job, settlement);
            return;
        }
        job.Reason = WaitReason.Mail;
        HoldPending(job, settlement, Earlier(AfterWait(job), ExpiryOf(job)));
    }

    /// <summary>
    /// Holds a job whose content cannot be read, as part of a settlement. It is nobody's round, and the wait doubles
    /// all the same. That is told once a message.
    /// </summary>
    public void HoldHere(DeliveryJob job, Settlement settlement, string error)
    {
        if (queues.WithoutContent.Add(job.Message.Mid))
        {
            actions.Publish(new GatewayNotice("Critical",
                $"MID {job.Message.Mid} cannot be read from the spool and waits until it can, or is deleted: {error}"));
        }
        job.EmptyPasses++;
        job.Reason = WaitReason.Content;
        var wait = Backoff.AfterRounds(job.Rounds + job.EmptyPasses, Options.ProfileOf(job.Queue.Name));
        HoldFrom(job, settlement, Earlier(time.GetUtcNow() + wait, ExpiryOf(job)));
    }

    // The doubling wait after its dot, and never before the profile's wait.
    private DateTimeOffset UncertainUntil(DeliveryJob job)
    {
        var uncertainty = job.Uncertainty!;
        var doubled = Backoff.After(uncertainty.Times - 1, Options.FinalDotTimeout, TimeSpan.MaxValue / 4);
        var afterDot = uncertainty.DotWritten + doubled;
        var afterRound = time.GetUtcNow() + WaitOf(job);
        return Earlier(afterDot > afterRound ? afterDot : afterRound, ExpiryOf(job));
    }

    /// <summary>A job whose time has come: expired, to tell its sender that it waits, or due.</summary>
    public void Wake(DeliveryJob job)
    {
        var now = time.GetUtcNow();
        if (now >= ExpiryOf(job))
        {
            if (reading.TakeUpOrWait(job)) endings.Expire(job);
        }
        else if (clocks.WarningOf(job) <= now)
        {
            if (reading.TakeUpOrWait(job)) Warn(job);
        }
        else if (job.Place == JobPlace.Held && job.Due <= now) BeginRound(job);
        else Rearm(job);
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
        if (job.Place == JobPlace.Held) BeginRound(job);
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
        HoldUntil(job, ExpiryOf(job));
    }

    // The warning and the note that it was sent are one commit, so that a restart sends no second one. The job is
    // nowhere to be chosen from until then, and goes on as it waited before.
    private void Warn(DeliveryJob job)
    {
        var now = time.GetUtcNow();
        var settlement = new Settlement(job.Message);
        settlement.Change.MustHold = true;
        foreach (var part in endings.Waiting(job, other => clocks.WarningOf(other) <= now))
        {
            foreach (var recipient in part.Recipients)
            {
                var reply = part.Attempts.Count == 0 ? null : AttemptText.ReplyOf(part.Attempts[^1]);
                var waiting = Endings.LastHeard(
                    part, recipient, StatusOfWait(part, reply), "no host could be tried yet");
                reports.Add(settlement, part, DsnAction.Delayed, waiting, ExpiryOf(part));
            }
            part.IsWarned = true;
            DateTimeOffset? due = part.Place == JobPlace.Held ? part.Due : null;
            queues.Take(part, JobPlace.Settling);
            if (due is { } at)
            {
                HoldFrom(part, settlement, at);
                continue;
            }
            AddState(part, settlement, null);
            settlement.Then += () => Return(part);
        }
        actions.Commit(settlement);
    }

    // RFC 3463 §3.5: without a reply it is the network; what was never tried has no more than that to say.
    private static EnhancedStatus StatusOfWait(DeliveryJob job, SmtpReply? reply) =>
        reply is not null ? EnhancedStatusText.Of(reply) with { Class = 4 }
        : job.Attempts.Count > 0 ? new(4, 4, 1) : new(4, 4, 0);

    private void BounceForLack(DeliveryJob job)
    {
        var lack = job.Lacks[^1];
        endings.Bounce(job, lack.Status, lack.Text);
    }

    private void HoldForHost(DeliveryJob job, bool isRound, DateTimeOffset? heldUntil)
    {
        // What is new is stored, with all that is known of the job.
        var isNew = isRound || job.Reason != WaitReason.Host;
        if (isNew && !reading.TakeUpOrWait(job)) return;
        job.Reason = WaitReason.Host;
        job.Queue.AddWanting(job);
        hosts.Want(job.Queue);
        // It is released when a host may be probed or is back: a wait that is over without that may be a longer one the
        // next time, so that a long outage does not wake every message every minute.
        var due = time.GetUtcNow()
            + Backoff.AfterRounds(job.Rounds + job.EmptyPasses, Options.ProfileOf(job.Queue.Name));
        // A round doubles the wait by itself, also one that the look-up of the domain has ended.
        if (!isRound) job.EmptyPasses++;
        Hold(job, heldUntil is { } until ? Earlier(due, until) : due, isNew);
    }

    // A hold that is new is stored and logged; a pass without a host only moves the time.
    private void Hold(DeliveryJob job, DateTimeOffset due, bool isNew)
    {
        due = Earlier(due, ExpiryOf(job));
        if (!isNew)
        {
            HoldUntil(job, due);
            return;
        }
        var settlement = new Settlement(job.Message);
        HoldPending(job, settlement, due);
        actions.Commit(settlement);
    }

    private void HoldPending(DeliveryJob job, Settlement settlement, DateTimeOffset due)
    {
        settlement.Tell(job, Pending(job, due));
        HoldFrom(job, settlement, due);
    }

    // The job is held from the commit of the settlement on.
    private void HoldFrom(DeliveryJob job, Settlement settlement, DateTimeOffset due)
    {
        job.Place = JobPlace.Settling;
        job.ReleasedWhileSettling = false;
        AddState(job, settlement, due);
        settlement.Then += () =>
        {
            if (job.Place != JobPlace.Settling) return;
            HoldUntil(job, due);
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
        var isDue = job.Queue.Plan.Entries.Any(e => !e.IsDrained
            && e.Hosts.Any(h => h.AvailabilityFor(access.Toward(e.NameOf(h)), now) == Availability.Probe));
        if (isDue) Release(job);
    }

    /// <summary>Adds the states of a job's recipients to a settlement.</summary>
    public static void AddState(DeliveryJob job, Settlement settlement, DateTimeOffset? due)
    {
        var state = job.ToState(due);
        foreach (var rid in job.Rids) settlement.Change.States.Add((job.Message.Mid, rid, state));
        // A full disk has room for doubt alone; what is not in the store must not be put down.
        settlement.Then += () =>
        {
            if (!settlement.Change.LeavesStatesOut) job.MarkStored();
        };
    }

    private void BeginRound(DeliveryJob job)
    {
        job.BeginRound();
        MakeReady(job);
    }

    private void MakeReady(DeliveryJob job) =>
        queues.MakeReady(job, clocks.WakeOf(job, DateTimeOffset.MaxValue));

    private RecipientsPending Pending(DeliveryJob job, DateTimeOffset till) => new(
        job.Message.Mid, job.Rids, till, Options.ProfileOf(job.Queue.Name).Name);

    private TimeSpan WaitOf(DeliveryJob job) => clocks.WaitOf(job);

    private DateTimeOffset AfterWait(DeliveryJob job) =>
        time.GetUtcNow() + (WaitOf(job) * (1 - Jitter + (2 * Jitter * random.NextDouble())));

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
