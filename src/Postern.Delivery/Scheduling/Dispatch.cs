using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Gives ready jobs to hosts and connections (contract §3, choosing). For the scheduler's thread only.
/// </summary>
public sealed class Dispatch(
    QueueBook queues, Reading reading, ConnectionBook connections, HostTable hosts, Planner planner, Rounds rounds,
    Releases releases, Endings endings, Outcomes outcomes, IDeliveryActions actions, TimeProvider time)
{
    /// <summary>How many jobs are looked at for one that has not failed at the host to be probed.</summary>
    private const int ProbeSearch = 10_000;
    private const int EndedAtOnce = 1000;
    private static readonly EnhancedStatus BadHost = new(5, 1, 2);
    private static readonly EnhancedStatus NullMx = new(5, 1, 10);
    private static readonly EnhancedStatus Loops = new(5, 4, 6);

    private readonly HostChoice _choice = new();
    private readonly List<DeliveryJob> _heads = [];
    private readonly Dictionary<PlanEntry, DeliveryJob> _resolving = [];
    private readonly Queue<(DomainQueue Queue, RoutePlan Plan, NextHops Found)> _unresolved = new();
    private readonly PriorityQueue<DomainQueue, DateTimeOffset> _windows = new();

    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>Nothing is given to a host.</summary>
    public bool IsSuspended { get; set; }

    /// <summary>What an operator has suspended.</summary>
    public SuspendedDelivery Suspended { get; set; } = SuspendedDelivery.None;

    /// <summary>When the next recipient window ends; null: none is waited for.</summary>
    public DateTimeOffset? NextWindow => _windows.TryPeek(out _, out var at) ? at : null;

    private sealed class Subject(
        DeliveryJob job, Access access, ConnectionBook connections, DeliveryOptions options) : IChoiceSubject
    {
        public HostKey? FirstHost => job.FirstHost;
        public string? FirstEntry => job.Uncertainty?.Host;
        public bool WaitsForFirst => !job.IsFirstByTurn;
        public Access AccessTo(PlanEntry entry, HostHealth host) => access.Toward(entry.NameOf(host));
        public bool WasTried(HostHealth host) => job.WasTried(host);
        public bool HasRoom(HostHealth host, Access toward) =>
            connections.HasRoom(host, job.NeedsFresh, toward, options);
    }

    /// <summary>Gives one job of the queue to a host, or finds out why none can be given.</summary>
    public void Run(DomainQueue queue)
    {
        if (IsSuspended || Suspended.Includes(queue.Name)) return;
        if (queue.Plan.State == PlanState.Discard)
        {
            foreach (var job in queues.TakeAllReady(queue, JobPlace.Settling)) rounds.HoldForDiscard(job);
            return;
        }
        if (!planner.Ensure(queue)) return;
        queue.ReadHeads(_heads);
        foreach (var head in _heads)
        {
            if (LimitOf(queue, head.Rids.Count) != QueueLimit.None) return;
            var access = Options.AccessTo(queue);
            var choice = _choice.Choose(queue.Plan, new Subject(head, access, connections, Options), time.GetUtcNow());
            if (choice.Kind == ChoiceKind.Wait)
            {
                // A host that is left out may be back before one that is busy has room.
                foreach (var host in _choice.Busy) connections.Of(host).Wait(queue);
                foreach (var host in _choice.LeftOut) connections.Of(host).Wait(queue);
                continue;
            }
            if (choice.Kind == ChoiceKind.Take)
            {
                Assign(head, choice, access);
            }
            else
            {
                queues.Take(head, JobPlace.Settling);
                rounds.EndPass(head, choice);
            }
            queues.MakeRunnable(queue);
            return;
        }
    }

    /// <summary>
    /// A host may be probed: one job that is held for want of it, and for which its time is over, goes on.
    /// </summary>
    /// <returns>False: there is none.</returns>
    public bool ReleaseForProbe(HostHealth host)
    {
        DeliveryJob? oldest = null, unburdened = null;
        foreach (var job in hosts.QueuesWanting(host).Where(q => MayProbe(q, host))
            .SelectMany(q => q.Wanting).Take(ProbeSearch))
        {
            if (job.Place != JobPlace.Held) continue;
            if (oldest is null || job.Order.CompareTo(oldest.Order) < 0) oldest = job;
            if (!job.FailedAt(host) && (unburdened is null || job.Order.CompareTo(unburdened.Order) < 0))
                unburdened = job;
        }
        if ((unburdened ?? oldest) is not { } chosen) return false;
        rounds.Release(chosen);
        return true;
    }

    // A host may be left out for one TLS policy or profile and not for another, or drained by a name that leads to it.
    private bool MayProbe(DomainQueue queue, HostHealth host) =>
        queue.Plan.Entries.Any(e => !e.IsDrained && (e.Targets.Contains(host) || e.NameHealth == host)
            && host.AvailabilityFor(Options.AccessTo(queue).Toward(e.NameOf(host)), time.GetUtcNow())
                == Availability.Probe);

    /// <summary>Offers a job on a connection that is open; or finds that the host lacks what it needs.</summary>
    public void Offer(DeliveryConnection connection, DeliveryJob job)
    {
        var isDrained = hosts.IsDrained(connection);
        if (IsSuspended || isDrained || Suspended.Includes(job.Queue.Name))
        {
            outcomes.Detach(connection, job);
            if (connection.IsProbe) outcomes.AbandonProbe(connection);
            if (isDrained) connections.Close(connection);
            return;
        }
        var stored = job.Message.Stored!;
        var lack = Lack.Of(connection.Extensions, stored.Envelope.SmtpUtf8, stored.HasEightBit, stored.Size);
        if (lack is not null)
        {
            outcomes.Lacking(connection, job, lack);
            return;
        }
        connections.MakeBusy(connection, job);
        actions.Publish(new DeliveryStarted(connection.Dcid, stored.Mid, job.Rids));
        actions.Transmit(connection, job);
    }

    /// <summary>
    /// Jobs that wait for a connection to open to which their route no longer leads go on by the route as it is now.
    /// </summary>
    public void LeaveOldWays()
    {
        foreach (var connection in connections.All.Where(c => c is { State: ConnectionState.Opening, Job: not null })
            .ToList())
        {
            if (IsLedTo(connection, connection.Job!.Queue)) continue;
            outcomes.Detach(connection, connection.Job);
            if (connection.IsProbe) outcomes.AbandonProbe(connection);
        }
    }

    // An entry whose name is not looked up yet leads where it led.
    private bool IsLedTo(DeliveryConnection connection, DomainQueue queue) =>
        queue.Plan.Entries.Any(e => (e.Targets.Contains(connection.Host)
                || (e.Targets.Count == 0 && e.Text == connection.HostText))
            && Options.AccessTo(queue).Toward(e.NameOf(connection.Host)) == connection.Access);

    /// <summary>Takes what DNS says of an entry's name.</summary>
    public void EntryResolved(PlanEntry entry, NextHops found)
    {
        var hasTargets = planner.Take(entry, found);
        _resolving.Remove(entry, out var job);
        var name = entry.NameHealth!;
        if (hasTargets)
        {
            hosts.NameResolved(name);
            connections.Touch(name);
            if (job is null) return;
            if (job.FirstHost is not { } first || entry.Targets.All(t => t.Key != first))
                (job.FirstHost, job.IsFirstByTurn) = (entry.Targets[0].Key, true);
            outcomes.GiveBack(job);
            return;
        }
        var reason = found.Error ?? "no address";
        hosts.LeaveOutName(name, Options, reason);
        connections.Touch(name);
        if (job is null) return;
        actions.Publish(new OutgoingConnectionError(
            default, job.Queue.Name, name.Key.Host, entry.Port, reason, null, "network error"));
        outcomes.Tried(job, name, entry.Text, default, "dns", null, reason);
        outcomes.GiveBack(job);
    }

    /// <summary>Takes what DNS says of a receiving domain.</summary>
    public void DomainResolved(DomainQueue queue, RoutePlan plan, NextHops found)
    {
        if (!ReferenceEquals(queue.Plan, plan)) return;
        if (planner.Take(plan, found))
        {
            releases.Add(queue);
            queues.MakeRunnable(queue);
            return;
        }
        // Until all that is ready has taken the answer, it is not asked for again.
        plan.State = PlanState.Resolving;
        _unresolved.Enqueue((queue, plan, found));
        for (var ended = 0; ended < EndedAtOnce && EndUnresolved(); ended++)
        {
            // What is more than that stays ready, and takes the answer at the next ticks.
        }
    }

    /// <summary>Mail is ready that has no next hop, and has not taken that yet.</summary>
    public bool HasUnresolved => _unresolved.Count > 0;

    /// <summary>One job takes the answer that its domain has no next hop.</summary>
    /// <returns>False: all have.</returns>
    public bool EndUnresolved()
    {
        while (_unresolved.TryPeek(out var answer))
        {
            var (queue, plan, found) = answer;
            var isPresent = ReferenceEquals(queue.Plan, plan);
            if (isPresent) queue.ReadHeads(_heads);
            if (isPresent && _heads is [var job, ..])
            {
                queues.Take(job, JobPlace.Settling);
                if (reading.TakeUpOrWait(job)) EndUnresolved(job, found);
                return true;
            }
            _unresolved.Dequeue();
            if (isPresent) plan.State = PlanState.Unresolved;
        }
        return false;
    }

    private void EndUnresolved(DeliveryJob job, NextHops found)
    {
        var error = found.Error ?? "no next hop";
        switch (found.Failure)
        {
            case NextHopFailure.Temporary:
                job.Note(new(time.GetUtcNow(), job.Queue.Name, "", default, "dns", 0, error));
                rounds.EndRound(job, Spool.WaitReason.Host);
                break;
            case NextHopFailure.NullMx:
                endings.Bounce(job, NullMx, error);
                break;
            case NextHopFailure.Refused:
                endings.Bounce(job, Loops, error);
                break;
            default:
                endings.Bounce(job, BadHost, error);
                break;
        }
    }

    /// <summary>Queues whose recipient window has ended go on, or go when they are empty.</summary>
    public void OpenWindows(DateTimeOffset now)
    {
        while (_windows.TryPeek(out var queue, out var at) && at <= now)
        {
            _windows.Dequeue();
            queue.WindowRecipients = 0;
            queues.MakeRunnable(queue);
            queues.RemoveIfEmpty(queue);
        }
    }

    /// <summary>How a queue stands to its destination control, for a job with so many recipients.</summary>
    public QueueLimit LimitOf(DomainQueue queue, int recipients)
    {
        var control = Options.ControlOf(queue.Name);
        if (queue.Active >= control.MaxConnections) return QueueLimit.Connections;
        // What is larger than the limit itself goes alone.
        if (control.RecipientLimit == 0 || queue.WindowRecipients == 0
            || queue.WindowRecipients + recipients <= control.RecipientLimit) return QueueLimit.None;
        return QueueLimit.Recipients;
    }

    private void Assign(DeliveryJob job, Choice choice, Access access)
    {
        if (choice is { Probe: true, Target: { } host } && job.FailedAt(host))
            job = job.Queue.ReadyWithoutFailureAt(host, job, ProbeSearch) ?? job;
        if (!reading.TakeUpOrWait(job)) return;
        // Of many that expire at once some are still ready.
        if (time.GetUtcNow() >= rounds.ExpiryOf(job))
        {
            endings.Expire(job);
            return;
        }
        var entry = choice.Entry!;
        job.Entry = entry;
        entry.InFlight++;
        job.Queue.Active++;
        if (choice.Target is not { } target)
        {
            if (choice.Probe) HostTable.BeginProbe(entry.NameHealth!, access.Toward(entry.HostName));
            queues.Take(job, JobPlace.Resolving);
            _resolving[entry] = job;
            planner.BeginResolving(entry);
            return;
        }
        queues.Take(job, JobPlace.Assigned);
        CountRecipients(job);
        access = access.Toward(entry.NameOf(target));
        var connection = job.NeedsFresh ? null : connections.FindIdle(target, access);
        if (choice.Probe) HostTable.BeginProbe(target, access);
        if (connection is not null)
        {
            connection.IsProbe = choice.Probe;
            Offer(connection, job);
            return;
        }
        connection = new DeliveryConnection(actions.NextDcid(), target, access, entry.Text)
        {
            Job = job,
            IsProbe = choice.Probe,
            DomainName = job.Queue.Name,
            HostName = entry.NameOf(target),
        };
        connections.Add(connection, Options);
        actions.Open(connection);
    }

    private void CountRecipients(DeliveryJob job)
    {
        var control = Options.ControlOf(job.Queue.Name);
        if (control.RecipientLimit == 0) return;
        if (job.Queue.WindowRecipients == 0)
        {
            job.Queue.WindowEnds = time.GetUtcNow() + TimeSpan.FromMinutes(control.RecipientMinutes);
            _windows.Enqueue(job.Queue, job.Queue.WindowEnds);
        }
        job.Queue.WindowRecipients += job.Rids.Count;
    }
}
