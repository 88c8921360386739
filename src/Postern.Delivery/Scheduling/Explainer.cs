using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Tells which way mail takes now and why, by the functions that <see cref="Dispatch"/> calls. It changes nothing.
/// For the scheduler's thread only; every answer has a bound, so that no question holds mail up.
/// </summary>
public sealed class Explainer(
    QueueBook queues, ConnectionBook connections, Planner planner, Rounds rounds, Dispatch dispatch, TimeProvider time)
{
    /// <summary>Jobs of a queue that are looked at for its parts and its next attempt.</summary>
    public const int MaxJobs = 100_000;
    /// <summary>Groups of recipients of a message that are told.</summary>
    public const int MaxGroups = 1000;

    /// <summary>The receiving domains whose mail goes by its route, for a walk through them in pages.</summary>
    public IReadOnlyList<string> QueueNames() => [.. queues.Queues.Where(q => q.Redirect is null).Select(q => q.Name)];

    /// <summary>Recipients of these queues whose way would be another one by another table.</summary>
    public int CountElsewhere(IEnumerable<string> names, SmtpRouteTable table)
    {
        var count = 0;
        foreach (var name in names)
        {
            if (queues.Find(name) is { } queue && !LeadsAlike(planner.RouteOf(queue), Planner.RouteOf(queue, table)))
                count += queue.Recipients;
        }
        return count;
    }

    /// <summary>Which way mail to an address takes now.</summary>
    /// <param name="mailbox">The recipient.</param>
    /// <param name="found">What DNS says of the domain, for the case that no mail has asked yet; null: not known.
    /// </param>
    public AddressReport Explain(Mailbox mailbox, NextHops? found)
    {
        var queue = queues.Find(mailbox.ReceivingDomain);
        var waiting = queues.AllOf(mailbox.ReceivingDomain);
        var asked = queue ?? new DomainQueue(mailbox.ReceivingDomain, mailbox.Domain, mailbox.Literal);
        if (queue is null) planner.Assign(asked);
        if (found is not null && asked.Plan.State is PlanState.Unresolved)
        {
            // The answer goes into a queue of the question's own: mail asks for itself.
            asked = new DomainQueue(asked.Name, asked.Domain, asked.Literal);
            planner.Assign(asked);
            planner.Take(asked.Plan, found);
        }
        var matches = planner.RoutesOf(asked);
        var access = dispatch.Options.AccessTo(asked);
        var order = OrderOf(asked, new Newcomer(access, this));
        return new AddressReport
        {
            Address = mailbox.Text,
            ReceivingDomain = asked.Name,
            Outcome = KindOf(matches is [var first, ..] ? first : null),
            Route = matches is [var best, ..] ? ReportOf(best) : null,
            Beats = [.. matches.Skip(1).Select(ReportOf)],
            Hosts = StepsOf(order, access),
            NotTried = LeftOver(asked.Plan, order, access, static _ => false),
            DnsError = found is { Hosts.Count: 0 } ? found.Error ?? "no next hop" : null,
            Queue = ReportOf(waiting, mailbox.ReceivingDomain),
            Next = NextOf(waiting),
        };
    }

    /// <summary>The domain's next hops are to be looked up before an explanation can name them.</summary>
    public bool NeedsDns(Mailbox mailbox)
    {
        if (queues.Find(mailbox.ReceivingDomain) is { } queue)
            return queue.Plan.State is PlanState.Unresolved or PlanState.Resolving;
        var asked = new DomainQueue(mailbox.ReceivingDomain, mailbox.Domain, mailbox.Literal);
        planner.Assign(asked);
        return asked.Plan.State == PlanState.Unresolved;
    }

    /// <summary>A message in the queue; null: it is not there.</summary>
    /// <param name="mid">The MID.</param>
    /// <param name="read">What the store says of it, for the jobs that are at rest; null: it cannot be read.</param>
    public MessageReport? Explain(Mid mid, StoredMessage? read)
    {
        if (queues.Find(mid) is not { } message) return null;
        var stored = message.Stored ?? read;
        return new MessageReport
        {
            Mid = mid.Value,
            Icid = stored?.Icid.Value ?? 0,
            From = stored?.Envelope.ReversePath?.Text ?? "",
            Accepted = message.Accepted,
            Size = message.Size,
            EnvelopeId = stored?.Envelope.EnvelopeId,
            Recipients = [.. message.Jobs.OrderBy(j => j.Order).Take(MaxGroups).Select(j => ReportOf(j, read))],
        };
    }

    private RecipientsReport ReportOf(DeliveryJob job, StoredMessage? read)
    {
        var (recipients, attempts) = TextsOf(job, read);
        var isBound = job.Place is JobPlace.Assigned or JobPlace.Resolving or JobPlace.Settling;
        var access = dispatch.Options.AccessTo(job.Queue);
        var order = OrderOf(job);
        return new RecipientsReport
        {
            Rids = [.. job.Rids.Select(r => r.Value)],
            Addresses = [.. recipients.Select(r => r.ForwardPath.Text)],
            ReceivingDomain = job.Queue.Name,
            State = StateOf(job),
            IsUncertain = job.Uncertainty is not null,
            Rounds = job.Rounds,
            Expires = rounds.ExpiryOf(job),
            Attempts = [.. attempts.Select(a =>
                new AttemptReport(a.At, a.Host, a.Address, a.Dcid.Value, a.Stage, a.Code, a.Text))],
            Next = NextOf(job),
            Hosts = isBound ? [] : StepsOf(order, access),
            NotTried = isBound ? []
                : LeftOver(job.Queue.Plan, order, access, h => job.Place != JobPlace.Held && job.WasTried(h)),
        };
    }

    private static (IReadOnlyList<EnvelopeRecipient> Recipients, IReadOnlyList<StoredAttempt> Attempts) TextsOf(
        DeliveryJob job, StoredMessage? read)
    {
        if (!job.IsAtRest) return (job.Recipients, job.Attempts);
        var mine = read?.Recipients.Where(r => job.Rids.Contains(r.Recipient.Rid)).ToList() ?? [];
        return ([.. mine.Select(r => r.Recipient)], mine is [var first, ..] ? first.State.Attempts : []);
    }

    /// <summary>Where a job is, in a word.</summary>
    public static string StateOf(DeliveryJob job) => job.Place switch
    {
        JobPlace.Ready => "ready",
        JobPlace.Held => "held",
        JobPlace.Resolving => "looking up",
        JobPlace.Assigned => "in delivery",
        _ => "settling",
    };

    private NextStep NextOf(DeliveryJob job) => job.Place switch
    {
        JobPlace.Ready => NextOfReady(job),
        JobPlace.Resolving => new(time.GetUtcNow(), NextKind.LookingUp, job.Entry?.Text ?? ""),
        JobPlace.Assigned => connections.All.FirstOrDefault(c => c.Job == job) is { } connection
            ? new(time.GetUtcNow(), NextKind.OnConnection, $"{connection.Host}", connection.Dcid.Value)
            : new(time.GetUtcNow(), NextKind.OnItsWay),
        JobPlace.Settling => new(time.GetUtcNow(), NextKind.Settling),
        _ => NextOfHeld(job),
    };

    private NextStep NextOfReady(DeliveryJob job)
    {
        var queue = job.Queue;
        if (dispatch.IsSuspended) return new(null, NextKind.NotHandedOut);
        if (dispatch.Suspended.Includes(queue.Name)) return new(null, NextKind.Suspended);
        if (queue.Plan.State is PlanState.Unresolved or PlanState.Resolving)
            return new(time.GetUtcNow(), NextKind.LookingUp, queue.Name);
        switch (dispatch.LimitOf(queue, job.Rids.Count))
        {
            case QueueLimit.Connections:
                return new(null, NextKind.ConnectionLimit);
            case QueueLimit.Recipients:
                return new(queue.WindowEnds, NextKind.RecipientLimit);
        }
        var order = OrderOf(job);
        return order is { Steps.Count: 0, End: ChoiceKind.Wait }
            ? new(null, NextKind.HostBusy, string.Join(", ", order.Busy))
            : new(time.GetUtcNow(), NextKind.AtOnce);
    }

    private NextStep NextOfHeld(DeliveryJob job)
    {
        if (job.Queue.Plan.State == PlanState.Discard) return new(job.Due, NextKind.DevNull);
        if (job.Due >= rounds.ExpiryOf(job) && !job.Queue.IsWanting(job)) return new(job.Due, NextKind.Expiry);
        if (job.Queue.IsWanting(job))
        {
            var probe = NextProbe(job.Queue);
            return probe is { } at && at < job.Due ? new(at, NextKind.Probe) : new(job.Due, NextKind.HostWait);
        }
        if (job.Reason == WaitReason.Pace) return new(job.Due, NextKind.Pace);
        if (job.Reason == WaitReason.Content) return new(job.Due, NextKind.Content);
        return job.Uncertainty is { } doubt
            ? new(job.Due, NextKind.Uncertain, $"{new HostKey(doubt.Address, doubt.Port)}")
            : new(job.Due, NextKind.MailWait);
    }

    private DateTimeOffset? NextProbe(DomainQueue queue)
    {
        DateTimeOffset? next = null;
        var access = dispatch.Options.AccessTo(queue);
        foreach (var entry in queue.Plan.Entries.Where(e => !e.IsDrained))
        {
            foreach (var host in entry.Hosts.Where(h => h is { Drained: false, Silent: false }))
            {
                var clocks = host.ClocksFor(access.Toward(entry.NameOf(host))).ToList();
                if (clocks.Exists(c => c.Probing) || clocks.Max(c => c.Until) is not { } until) continue;
                // A probe whose time has come goes to the next message; what is held is no earlier than now.
                if (until > time.GetUtcNow() && (next is null || until < next)) next = until;
            }
        }
        return next;
    }

    private NextStep NextOf(IEnumerable<DomainQueue> waiting)
    {
        DeliveryJob? next = null;
        foreach (var job in waiting.SelectMany(q => q.All).Take(MaxJobs))
        {
            if (job.Place != JobPlace.Held) return NextOf(job);
            if (next is null || job.Due < next.Due) next = job;
        }
        return next is null ? new(null, NextKind.Nothing) : NextOf(next);
    }

    private static QueueReport ReportOf(IReadOnlyList<DomainQueue> waiting, string name)
    {
        int ready = 0, bound = 0;
        var held = new int[Enum.GetValues<WaitReason>().Length];
        QueuedMessage? oldest = null;
        foreach (var job in waiting.SelectMany(q => q.All).Take(MaxJobs))
        {
            var count = job.Rids.Count;
            if (oldest is null || job.Message.Mid.CompareTo(oldest.Mid) < 0) oldest = job.Message;
            if (job.Place == JobPlace.Ready) ready += count;
            else if (job.Place != JobPlace.Held) bound += count;
            else held[(int)job.Reason] += count;
        }
        return new QueueReport
        {
            Domain = name,
            Recipients = waiting.Sum(q => q.Recipients),
            Ready = ready,
            InDelivery = bound,
            HeldForMail = held[(int)WaitReason.Mail],
            HeldForHost = held[(int)WaitReason.Host],
            HeldUncertain = held[(int)WaitReason.Uncertain],
            HeldForPace = held[(int)WaitReason.Pace],
            HeldUnreadable = held[(int)WaitReason.Content],
            Oldest = oldest?.Accepted,
            Connections = waiting.Sum(q => q.Active),
            IsComplete = waiting.Sum(q => (long)q.Jobs) <= MaxJobs,
            Redirected =
            [
                .. waiting.Where(q => q is { Redirect: not null, Recipients: > 0 }).Take(MaxGroups)
                    .Select(q => new RedirectedReport(q.Redirect!, q.Recipients)),
            ],
        };
    }

    private HostOrder OrderOf(DomainQueue queue, IChoiceSubject subject) =>
        HostOrder.Of(queue.Plan, subject, time.GetUtcNow());

    private HostOrder OrderOf(DeliveryJob job) =>
        OrderOf(job.Queue, new Waiting(job, dispatch.Options.AccessTo(job.Queue), this));

    private static IReadOnlyList<HostStep> StepsOf(HostOrder order, Access access) =>
    [
        .. order.Steps.Select(s => StepOf(s.Entry, s.Target ?? s.Entry.NameHealth!, access,
            s.Probe ? StepReason.WouldProbe : s.Target is null ? StepReason.LookedUpFirst : null)),
    ];

    private List<HostStep> LeftOver(RoutePlan plan, HostOrder order, Access access, Func<HostHealth, bool> wasTried)
    {
        var left = new List<HostStep>();
        var tried = order.Steps.Select(s => s.Target ?? s.Entry.NameHealth).ToHashSet();
        foreach (var entry in plan.Entries)
        {
            foreach (var host in entry.Hosts)
            {
                if (tried.Contains(host)) continue;
                var isOut = entry.IsDrained || host.AvailabilityFor(access.Toward(entry.NameOf(host)),
                    time.GetUtcNow()) == Availability.LeftOut;
                StepReason? reason = wasTried(host) ? StepReason.TriedInRound
                    : isOut ? null
                    : order.Busy.Contains(host) ? StepReason.Busy
                    : order.HeldUntil is not null ? StepReason.HeldForProbe
                    : order.End == ChoiceKind.Wait ? StepReason.BehindBusy : StepReason.EnoughBefore;
                left.Add(StepOf(entry, host, access, reason) with { NotBefore = order.HeldUntil });
            }
        }
        return left;
    }

    private static HostStep StepOf(PlanEntry entry, HostHealth host, Access access, StepReason? reason)
    {
        var toward = access.Toward(entry.NameOf(host));
        var state = entry.IsDrained ? HostState.Drained : HostReporting.StateOf(host, toward);
        return new HostStep
        {
            Entry = entry.Text,
            Host = host.ToString(),
            Address = host.Address?.ToString(),
            Port = host.Key.Port,
            Priority = entry.Priority,
            Weight = entry.Weight,
            Tls = toward.Tls.ToString().ToLowerInvariant(),
            TlsName = toward.VerifiedName,
            Auth = toward.Profile,
            State = state,
            Until = state == HostState.LeftOut ? host.ClocksFor(toward).Max(c => c.Until) : null,
            IsUntried = HostReporting.IsUntried(host, state),
            Failures = host.Failures,
            LastError = host.LastError,
            Reason = reason ?? state switch
            {
                HostState.Drained => host.Drained ? StepReason.DrainedByHand : StepReason.DrainedUnderName,
                HostState.Silent => StepReason.UntilReply,
                HostState.Probing => StepReason.UntilProbed,
                HostState.Suspect => StepReason.Failed,
                HostState.LeftOut => StepReason.LeftOut,
                _ => null,
            },
        };
    }

    private static RouteReport ReportOf(SmtpRoute route) => new(route.Key, KindOf(route), route.Line);

    private static string KindOf(SmtpRoute? route) => route?.Kind switch
    {
        null or RouteKind.UseDns => "dns",
        RouteKind.Discard => "discard",
        _ => "hosts",
    };

    private static bool LeadsAlike(SmtpRoute? one, SmtpRoute? other) =>
        KindOf(one) == KindOf(other) && one?.AuthProfile == other?.AuthProfile
        && (one?.Hosts ?? []).SequenceEqual(other?.Hosts ?? []);

    // A message that comes in now: it has tried no host and has no connection of its own.
    private sealed class Newcomer(Access access, Explainer explainer) : IChoiceSubject
    {
        public HostKey? FirstHost => null;
        public Access AccessTo(PlanEntry entry, HostHealth host) => access.Toward(entry.NameOf(host));
        public bool WasTried(HostHealth host) => false;
        public bool HasRoom(HostHealth host, Access toward) => explainer.HasRoom(host, needsFresh: false, toward);
    }

    // A job at its next attempt: what is held begins a new round then (see DeliveryJob.BeginRound).
    private sealed class Waiting(DeliveryJob job, Access access, Explainer explainer) : IChoiceSubject
    {
        private readonly bool _isNewRound = job.Place == JobPlace.Held;
        public HostKey? FirstHost => _isNewRound ? job.FirstHostOfRound : job.FirstHost;
        public string? FirstEntry => job.Uncertainty?.Host;
        public bool WaitsForFirst => _isNewRound || !job.IsFirstByTurn;
        public Access AccessTo(PlanEntry entry, HostHealth host) => access.Toward(entry.NameOf(host));
        public bool WasTried(HostHealth host) => !_isNewRound && job.WasTried(host);
        public bool HasRoom(HostHealth host, Access toward) =>
            explainer.HasRoom(host, !_isNewRound && job.NeedsFresh, toward);
    }

    private bool HasRoom(HostHealth host, bool needsFresh, Access access) =>
        connections.HasRoom(host, needsFresh, access, dispatch.Options);
}
