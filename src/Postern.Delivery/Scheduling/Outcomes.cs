using System.Net;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Turns what connections and transactions report into outcomes: for the host at once, for recipients through a commit,
/// and only after it for the connection and the next host. For the scheduler's thread only.
/// </summary>
public sealed class Outcomes(
    QueueBook queues, ConnectionBook connections, HostTable hosts, Rounds rounds, Endings endings,
    IDeliveryActions actions, TimeProvider time)
{
    private const int AlertFromTime = 3;
    private const int MaxNoteLength = 512;
    private readonly DestinationTallies _tallies = new();

    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>What became of mail, by receiving domain.</summary>
    public DestinationTallies Tallies => _tallies;

    /// <summary>How much each host takes from each route.</summary>
    public FlowBook Flows { get; } = new();

    /// <summary>No connection goes on with another message.</summary>
    public bool IsStopping { get; set; }

    /// <summary>TCP is connected.</summary>
    public void Connected(DeliveryConnection connection, IPAddress localAddress)
    {
        connection.LocalAddress = localAddress;
        actions.Publish(
            new OutgoingConnection(connection.Dcid, localAddress, connection.Host.Address!, connection.Host.Key.Port));
    }

    /// <summary>A connection did not come to take messages.</summary>
    public void OpeningFailed(DeliveryConnection connection, SessionOpening opening)
    {
        var details = AttemptText.DetailsOf(opening.Refusal, opening.Fault);
        PublishError(connection, details, ReasonOf(opening));
        // The mail is held and never bounced for it, so that somebody has to be told.
        if (opening.Stage == SmtpStage.Auth) AlertCredentials(connection, details);
        var job = connection.Job;
        connections.Remove(connection);
        var mark = OutcomeTable.MarkOf(opening);
        connection.Host.NoteReply(opening.Refusal ?? opening.Fault?.Reply, time.GetUtcNow());
        var wantsNoMore = hosts.Apply(connection, mark, job?.Message.Mid ?? default, [], Options, details);
        if (job is null) return;
        if (wantsNoMore) job.LeaveHost();
        else Tried(job, connection, AttemptText.Of(opening.Stage), opening.Refusal, details);
        GiveBack(job);
    }

    /// <summary>The job leaves its connection untried.</summary>
    public void Detach(DeliveryConnection connection, DeliveryJob job)
    {
        connection.Job = null;
        GiveBack(job);
    }

    /// <summary>The probe ended without a word about the host.</summary>
    public void AbandonProbe(DeliveryConnection connection)
    {
        connection.IsProbe = false;
        hosts.AbandonProbe(connection.Host, connection.Access);
    }

    /// <summary>The host lacks what the message needs: the next host; the connection stays for others.</summary>
    public void Lacking(DeliveryConnection connection, DeliveryJob job, Lack lack)
    {
        job.NoteLack(lack);
        connection.Job = null;
        hosts.Apply(connection, HostMark.None, job.Message.Mid, [], Options, lack.Text);
        Tried(job, connection, "ehlo", null, lack.Text);
        connections.Touch(connection.Host);
        GiveBack(job);
    }

    /// <summary>Recipients accepted for a route that discards.</summary>
    public void Discard(DeliveryJob job)
    {
        var settlement = new Settlement(job.Message);
        settlement.Tell(job, new Discarded(job.Message.Mid, job.Rids));
        settlement.Finish(job.Rids);
        queues.Forget(job);
        actions.Commit(settlement);
    }

    /// <summary>A transaction ended: the verdict, the commit, and what goes on after it.</summary>
    public void TransactionEnded(DeliveryConnection connection, TransactionReport report)
    {
        var job = connection.Job!;
        var wasReused = connection.Messages > 0;
        connection.Messages++;
        connection.IsBroken = !report.IsUsable;
        var addresses = new Mailbox[job.Recipients.Count];
        for (var i = 0; i < addresses.Length; i++) addresses[i] = job.Recipients[i].ForwardPath;
        var afterRcpt4xx =
            job.Queue.Plan.Policy.HoldsAfterRcpt4xx ? RecipientFate.Held : RecipientFate.NextHost;
        var verdict = OutcomeTable.Judge(
            report, addresses, wasReused, Options.PossibleDelivery && !IsStopping, afterRcpt4xx);
        var details = AttemptText.DetailsOf(RefusalIn(verdict), report.Fault);
        // The end of an idle connection is nobody's failure: its DCID closes, and no more is said of it.
        if (verdict.Recipients.Any(r => r.Fate == RecipientFate.FreshConnection))
            connections.Distrust(connection.Host);
        else if (report.Fault is not null)
            PublishError(connection, details, ReasonOf(report.Fault.Kind));
        connection.State = ConnectionState.Settling;
        connection.Host.NoteReply(AttemptText.LastReplyIn(report), time.GetUtcNow());
        if (verdict.AnyRecipientTaken) connection.Host.Strikes.RecipientAccepted();
        if (verdict.Alert) AlertCredentials(connection, details);
        var wantsNoMore =
            hosts.Apply(connection, verdict.Mark, job.Message.Mid, verdict.RefusedAddresses, Options, details);
        Settle(connection, report, verdict, wantsNoMore, details);
    }

    /// <summary>Publishes the lines of a settlement that is durable, those of its reports included.</summary>
    public void Publish(Settlement settlement)
    {
        foreach (var (domain, line) in settlement.Events)
        {
            _tallies.Count(domain, line, settlement.Message.Accepted, time.GetUtcNow());
            actions.Publish(line);
        }
        foreach (var report in settlement.Reports) PublishReport(settlement.Stored, report);
        if (settlement.Change.Removed.Count > 0) actions.Publish(new MessageFinished(settlement.Message.Mid));
    }

    private void PublishReport(StoredMessage about, PlannedReport report)
    {
        if (report.IsDropped)
        {
            actions.Publish(new ReportDropped(about.Mid, [.. report.Rids], about.Envelope.ReversePath!));
        }
        if (report.Stored is not { } stored) return;
        actions.Publish(new BounceGenerated(stored.Mid, about.Mid, report.Action));
        actions.Publish(new MessageStarted(stored.Mid, default));
        actions.Publish(new MessageFrom(stored.Mid, default, null));
        foreach (var recipient in stored.Recipients)
        {
            actions.Publish(
                new RecipientAccepted(stored.Mid, default, recipient.Recipient.Rid, recipient.Recipient.ForwardPath));
        }
        actions.Publish(new MessageReady(stored.Mid, stored.Size, null));
        actions.Publish(new MessageQueued(stored.Mid));
    }

    /// <summary>Counts a host as tried by a job and notes why.</summary>
    public void Tried(
        DeliveryJob job, HostHealth host, string hostText, Dcid dcid, string stage, SmtpReply? reply, string text)
    {
        job.MarkTried(host);
        var address = host.Address is null ? "" : host.Key.ToString();
        var note = text.Length > MaxNoteLength ? text[..MaxNoteLength] : text;
        job.Note(new(time.GetUtcNow(), hostText, address, dcid, stage, reply?.Code ?? 0, note));
    }

    private void Tried(DeliveryJob job, DeliveryConnection connection, string stage, SmtpReply? reply, string text) =>
        Tried(job, connection.Host, connection.HostText, connection.Dcid, stage, reply, text);

    /// <summary>The job is no longer on its way to the host it was given to, and goes on from its queue.</summary>
    public void GiveBack(DeliveryJob job)
    {
        EndFlight(job);
        job.Queue.Active--;
        queues.MakeRunnable(job.Queue);
        rounds.Return(job);
    }

    /// <summary>
    /// Messages do not wait longer than ten seconds for a banner; connections do not stay idle for long.
    /// </summary>
    public void WatchConnections()
    {
        foreach (var connection in connections.All.ToArray())
        {
            var age = time.GetElapsedTime(connection.Since);
            if (connection is { State: ConnectionState.Opening, Job: { } job } && age >= HostTable.Patience
                && !HasJustAnswered(connection))
            {
                connection.Job = null;
                Tried(job, connection, "banner", null, "no banner within ten seconds");
                GiveBack(job);
            }
            else if (connection.State == ConnectionState.Idle && age >= ConnectionBook.IdleTime)
            {
                connections.Close(connection);
            }
        }
        connections.TouchSuspects();
    }

    // What it has answered may be an event that still waits to be taken.
    private bool HasJustAnswered(DeliveryConnection connection) =>
        connection.Pulse is { OwesSince: 0, LastReply: > 0 and var at } && time.GetElapsedTime(at) < HostTable.Patience;

    private void Settle(
        DeliveryConnection connection, TransactionReport report, Verdict verdict, bool wantsNoMore, string details)
    {
        var job = connection.Job!;
        var (source, host) = (job.Queue.Plan.Source, job.Entry?.Key ?? connection.Host.Key);
        EndFlight(job);
        job.Place = JobPlace.Settling;
        var parts = new TransactionParts(job, verdict);
        var taken = parts.Recipients(RecipientFate.Accepted).Count;
        var settlement = new Settlement(job.Message);
        var onward = new List<DeliveryJob>();
        AddAccepted(settlement, parts, connection, report);
        AddBounces(settlement, parts, connection);
        AddUncertain(settlement, parts, connection, report);
        AddHeld(settlement, parts, connection, report);
        AddNextHost(settlement, parts, connection, report, onward, wantsNoMore, details);
        AddSameHost(parts, connection, report, onward);
        AddHeldHere(settlement, parts, report);
        if (!parts.KeepsJob) queues.Forget(job);
        settlement.Then += () =>
        {
            if (taken > 0) Flows.Count(source, host, taken, time.GetUtcNow());
            GoOn(connection, report, job.Queue, onward);
        };
        if (!settlement.Change.IsEmpty)
        {
            actions.Commit(settlement);
            return;
        }
        Publish(settlement);
        settlement.Then();
    }

    private void GoOn(
        DeliveryConnection connection, TransactionReport report, DomainQueue queue, List<DeliveryJob> onward)
    {
        queue.Active--;
        var max = Options.ControlOf(queue.Name).MaxMessagesPerConnection;
        var goesOn = !IsStopping && report.IsUsable && connection.Messages < max
            && connection.State == ConnectionState.Settling && !hosts.IsDrained(connection)
            && connection.Host.AvailabilityFor(connection.Access, time.GetUtcNow()) != Availability.LeftOut;
        if (goesOn) connections.MakeIdle(connection);
        else connections.Close(connection);
        foreach (var part in onward) rounds.Return(part);
        queues.MakeRunnable(queue);
        queues.RemoveIfEmpty(queue);
    }

    private void AddAccepted(
        Settlement settlement, TransactionParts parts, DeliveryConnection connection, TransactionReport report)
    {
        var accepted = parts.Recipients(RecipientFate.Accepted);
        if (accepted.Count == 0) return;
        var mid = settlement.Message.Mid;
        settlement.Tell(parts.Job, report.FinalDot is { IsPositive: true } reply
            ? new Delivered(connection.Dcid, mid, RidsOf(accepted), string.Join('\n', reply.Lines))
            : new PossibleDelivery(connection.Dcid, mid, RidsOf(accepted)));
        if (report.FinalDot is { IsPositive: true } taken)
            endings.AddRelayed(settlement, parts.Job, connection, accepted, taken);
        settlement.Finish(RidsOf(accepted));
    }

    private void AddBounces(Settlement settlement, TransactionParts parts, DeliveryConnection connection)
    {
        var bounced = parts.Recipients(RecipientFate.Bounce);
        foreach (var (recipient, reply) in bounced.Select(r => (r, parts.ReplyTo(r)!)))
        {
            var status = EnhancedStatusText.Of(reply);
            var host = connection.Host.Key.Host;
            var failed = new ReportedRecipient(recipient, status)
            {
                RemoteHost = host,
                Reply = reply,
                LastAttempt = time.GetUtcNow(),
            };
            endings.AddFailure(settlement, parts.Job, failed, connection.Dcid, reply.Lines);
        }
        if (bounced.Count > 0) settlement.Finish(RidsOf(bounced));
    }

    // Contract §3: never offered to another host in this round, and the doubt is durable.
    private void AddUncertain(
        Settlement settlement, TransactionParts parts, DeliveryConnection connection, TransactionReport report)
    {
        if (parts.Take(RecipientFate.Uncertain) is not { } part) return;
        var host = connection.Host;
        Tried(part, connection, "dot", null, report.Fault?.Details ?? "no reply");
        part.Uncertainty = new(connection.HostText, host.Key.Host, host.Key.Port, (part.Uncertainty?.Times ?? 0) + 1,
            report.DotWritten!.Value);
        part.Reason = WaitReason.Uncertain;
        rounds.HoldUncertain(part, settlement, connection.Dcid, part.Uncertainty.Times >= AlertFromTime);
    }

    private void AddNextHost(
        Settlement settlement, TransactionParts parts, DeliveryConnection connection, TransactionReport report,
        List<DeliveryJob> onward, bool wantsNoMore, string details)
    {
        foreach (var answersMail in (ReadOnlySpan<bool>)[true, false])
        {
            if (parts.Take(RecipientFate.NextHost, answersMail) is not { } part) continue;
            part.MailAnswered |= answersMail;
            var reply = parts.ReplyTo(part.Recipients[0]);
            AddDelayed(settlement, parts, part, connection);
            onward.Add(part);
            if (wantsNoMore)
            {
                part.LeaveHost();
                continue;
            }
            Tried(part, connection, AttemptText.StageOf(report, reply), reply, AttemptText.Of(reply) ?? details);
            if (reply is not null) Rounds.AddState(part, settlement, null);
        }
    }

    // The route says that a recipient's 4xx is not a reason to ask another host (on_rcpt_4xx=hold).
    private void AddHeld(
        Settlement settlement, TransactionParts parts, DeliveryConnection connection, TransactionReport report)
    {
        if (parts.Take(RecipientFate.Held) is not { } part) return;
        var reply = parts.ReplyTo(part.Recipients[0])!;
        AddDelayed(settlement, parts, part, connection);
        Tried(part, connection, AttemptText.StageOf(report, reply), reply, AttemptText.Of(reply)!);
        rounds.HoldAnswered(part, settlement);
    }

    private static void AddDelayed(
        Settlement settlement, TransactionParts parts, DeliveryJob part, DeliveryConnection connection)
    {
        var isAnswered = false;
        foreach (var recipient in part.Recipients)
        {
            if (parts.ReplyTo(recipient) is not { } said) continue;
            isAnswered = true;
            settlement.Tell(part, new Delayed(connection.Dcid, settlement.Message.Mid, recipient.Rid, said));
        }
        // The host that was in doubt has spoken: whatever it had taken, it has not taken this.
        if (isAnswered && part.Uncertainty is { } doubt && IsHost(connection.Host, doubt)) part.Uncertainty = null;
    }

    private static void AddSameHost(
        TransactionParts parts, DeliveryConnection connection, TransactionReport report, List<DeliveryJob> onward)
    {
        foreach (var fate in (ReadOnlySpan<RecipientFate>)[RecipientFate.Again, RecipientFate.FreshConnection])
        {
            if (parts.Take(fate) is not { } part) continue;
            (part.FirstHost, part.IsFirstByTurn) = (connection.Host.Key, false);
            part.NeedsFresh = fate == RecipientFate.FreshConnection || !report.IsUsable;
            onward.Add(part);
        }
    }

    private void AddHeldHere(Settlement settlement, TransactionParts parts, TransactionReport report)
    {
        if (parts.Take(RecipientFate.HeldHere) is { } part) rounds.HoldHere(part, settlement, report.ContentError!);
    }

    private static bool IsHost(HostHealth host, StoredUncertainty doubt) =>
        host.Key == new HostKey(doubt.Address, doubt.Port);

    private static void EndFlight(DeliveryJob job)
    {
        if (job.Entry is { } entry) entry.InFlight--;
        job.Entry = null;
    }

    private void PublishError(DeliveryConnection connection, string details, string reason) =>
        actions.Publish(new OutgoingConnectionError(
            connection.Dcid, connection.DomainName, connection.Host.Key.Host, connection.Host.Key.Port, details,
            connection.LocalAddress, reason));

    private static string ReasonOf(SessionOpening opening) =>
        opening.Fault is { Kind: SmtpFaultKind.Unmet, Stage: SmtpStage.StartTls } ? "TLS error"
        : opening.Fault is { Kind: SmtpFaultKind.Unmet } ? "authentication error"
        : opening.Refusal is not null ? ReasonOf(SmtpFaultKind.WrongClass) : ReasonOf(opening.Fault!.Kind);

    private static string ReasonOf(SmtpFaultKind kind) =>
        kind is SmtpFaultKind.Malformed or SmtpFaultKind.WrongClass ? "unexpected SMTP response" : "network error";

    private void AlertCredentials(DeliveryConnection connection, string details) =>
        actions.Publish(new GatewayNotice("Warning",
            $"credentials cannot be used at {connection.Host} for profile {connection.Access.Profile ?? "none"}: "
            + details));

    private static Rid[] RidsOf(IReadOnlyList<EnvelopeRecipient> recipients)
    {
        var rids = new Rid[recipients.Count];
        for (var i = 0; i < rids.Length; i++) rids[i] = recipients[i].Rid;
        return rids;
    }

    private static SmtpReply? RefusalIn(Verdict verdict) =>
        verdict.Recipients.FirstOrDefault(r => r.Reply is { IsPositive: false }).Reply;
}
