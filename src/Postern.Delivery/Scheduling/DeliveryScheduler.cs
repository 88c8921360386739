using System.Net;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Routing;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Decides which message goes to which host on which connection, and what becomes of it. It has no I/O, no thread and
/// no timer of its own: events come in through its members, actions go out through <see cref="IDeliveryActions"/>, and
/// <see cref="Pump"/> runs after each burst of events. All members are for one thread.
/// </summary>
public sealed class DeliveryScheduler
{
    private const int WokenAtOnce = 1000;
    private const int RunsAtOnce = 1000;
    // Some ten milliseconds, so that other events do not wait for long.
    private const int ReadAtOnce = 500;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly IDeliveryActions _actions;
    private readonly QueueBook _queues = new();
    private readonly Reading _reading;
    private readonly ConnectionBook _connections;
    private readonly HostTable _hosts;
    private readonly Planner _planner;
    private readonly ReportPlanner _reports;
    private readonly JobClocks _clocks;
    private readonly Rounds _rounds;
    private readonly Releases _releases;
    private readonly RouteChange _routeChange;
    private readonly ClockChange _clockChange;
    private readonly Dispatch _dispatch;
    private readonly Outcomes _outcomes;
    private readonly Explainer _explainer;
    private readonly Overview _overview;
    private DateTimeOffset _nextWatch;
    // The last pump has left something for the next one.
    private bool _isPumping;
    private DeliveryOptions _options;

    /// <summary>Makes a scheduler with an empty queue.</summary>
    public DeliveryScheduler(
        DeliveryOptions options, SmtpRouteTable routes, IDeliveryActions actions, TimeProvider time, Random random)
    {
        _options = options;
        _time = time;
        _actions = actions;
        _connections = new ConnectionBook(time, actions);
        _hosts = new HostTable(time, actions, _connections);
        _planner = new Planner(routes, _hosts, actions, time, random);
        _reports = new ReportPlanner(time) { Options = options };
        _clocks = new JobClocks { Options = options };
        _reading = new Reading(_queues, actions, time);
        var endings = new Endings(_queues, _reading, _reports, _clocks, actions, time);
        _rounds = new Rounds(_queues, _reading, _hosts, _reports, _clocks, endings, actions, time, random)
        {
            Options = options,
        };
        _outcomes = new Outcomes(_queues, _connections, _hosts, _rounds, endings, actions, time)
        {
            Options = options,
        };
        _releases = new Releases(_queues, _rounds, _hosts);
        _routeChange = new RouteChange(_queues, _planner, _releases);
        _clockChange = new ClockChange(_queues, _clocks, _rounds);
        _dispatch = new Dispatch(
            _queues, _reading, _connections, _hosts, _planner, _rounds, _releases, endings, _outcomes, actions, time)
        {
            Options = options,
        };
        _explainer = new Explainer(_queues, _connections, _planner, _rounds, _dispatch, time);
        _overview = new Overview(_queues, _connections, _hosts, _planner, _outcomes.Tallies);
        Flow = new FlowReporting(
            _queues, _hosts, _planner, _outcomes.Flows, queue => _options.AccessTo(queue), time);
        Operations = new QueueOperations(_queues, _reading, _rounds, endings, _hosts, _planner, _dispatch, actions);
        _queues.Removed = QueueRemoved;
        _hosts.Release = _releases.Add;
        _hosts.ProbeDue = _dispatch.ReleaseForProbe;
        _nextWatch = DateTimeOffset.MaxValue;
    }

    /// <summary>No message is on a connection and no outcome waits to be durable.</summary>
    public bool IsQuiet => _connections.Engaged == 0;

    /// <summary>All queues, for listings.</summary>
    public IReadOnlyCollection<DomainQueue> Queues => _queues.Queues;

    /// <summary>All hosts, for listings.</summary>
    public IReadOnlyCollection<HostHealth> Hosts => _hosts.Hosts;

    /// <summary>Recipients whose jobs came to rest, since the start.</summary>
    public long Rested => _queues.Rested;

    /// <summary>When <see cref="Tick"/> must run next; null: never.</summary>
    public DateTimeOffset? NextWake
    {
        get
        {
            var wake = _nextWatch;
            // A settlement that is durable comes first, and asks again.
            if (!_actions.IsBehind && _queues.NextWake is { } job && job < wake) wake = job;
            if (!_actions.IsBehind && (_dispatch.HasUnresolved || _isPumping)) wake = DateTimeOffset.MinValue;
            if (!IsSuspended && _hosts.NextProbe is { } probe && probe < wake) wake = probe;
            if (_dispatch.NextWindow is { } window && window < wake) wake = window;
            return wake == DateTimeOffset.MaxValue ? null : wake;
        }
    }

    /// <summary>Takes up a message from the store as far as it got; it is due when it was.</summary>
    public void Load(StoredMessage stored)
    {
        var message = new QueuedMessage(stored);
        if (stored.Recipients.Count == 0)
        {
            // Every recipient has its result, and a crash came before the message was removed.
            var rest = new Settlement(message);
            rest.Change.Removed.Add(stored.Mid);
            _actions.Commit(rest);
            return;
        }
        AddJobs(message, stored.Recipients);
        _queues.Add(message);
        _rounds.Begin([.. message.Jobs], job =>
        {
            // What was held for want of a host is due at once: no host is known to be out any more.
            if (job.Due <= _time.GetUtcNow() || job.Reason is WaitReason.Host or WaitReason.None) _rounds.Return(job);
            else _rounds.HoldUntil(job, job.Due);
        });
    }

    /// <summary>Takes a message that was just committed. Recipients whose route is /dev/null are discarded.</summary>
    public void Accepted(StoredMessage stored)
    {
        var message = new QueuedMessage(stored);
        // All jobs are there before the first is decided: a message without one is gone.
        var jobs = stored.Recipients.GroupBy(r => r.Recipient.ForwardPath.ReceivingDomain)
            .Select(group => (NewJob(message, [.. group.Select(r => r.Recipient)]), group.First().State)).ToList();
        _queues.Add(message);
        foreach (var (job, state) in jobs)
        {
            if (job.Queue.Plan.State == PlanState.Discard) _outcomes.Discard(job);
            else if (state.Due is { } due) _rounds.HoldFor(job, state.Reason, due);
            else _rounds.Return(job);
        }
    }

    /// <summary>New routes, at once also for what waits (contract §3, choosing, 8).</summary>
    public void UseRoutes(SmtpRouteTable routes)
    {
        _routeChange.Begin(routes);
        _dispatch.LeaveOldWays();
    }

    /// <summary>The hosts that are taken out by hand, all of them, from now on.</summary>
    public void UseDrained(IReadOnlySet<HostSelector> drained) => _hosts.UseDrained(drained);

    /// <summary>What DNS said is asked for again, and names that had no address are tried at once.</summary>
    /// <returns>True, so that it can be awaited as a question.</returns>
    public bool ForgetDns()
    {
        _planner.ForgetDns();
        foreach (var name in _hosts.Hosts.Where(h => h.Address is null).ToList()) _hosts.NameResolved(name);
        return true;
    }

    /// <summary>What an operator has suspended, all of it, from now on.</summary>
    public void UseSuspended(SuspendedDelivery suspended)
    {
        _dispatch.Suspended = suspended;
        foreach (var queue in _queues.Queues) _queues.MakeRunnable(queue);
    }

    /// <summary>What operators do to mail that waits.</summary>
    public QueueOperations Operations { get; }

    /// <summary>Tells which way mail takes; changes nothing.</summary>
    public Explainer Explainer => _explainer;

    /// <summary>Tells of hosts, receiving domains and totals; changes nothing.</summary>
    public Overview Overview => _overview;

    /// <summary>Tells which way mail flows; changes nothing.</summary>
    public FlowReporting Flow { get; }

    /// <summary>New options; the times of mail that waits are those of its bounce profile at once.</summary>
    public void UseOptions(DeliveryOptions options)
    {
        var before = _options;
        _options = _reports.Options = _clocks.Options = _rounds.Options = _outcomes.Options = _dispatch.Options =
            options;
        _clockChange.Begin(before);
    }

    /// <summary>Nothing is begun while it is true: the store is closed, or the gateway stops.</summary>
    public bool IsSuspended
    {
        get => _dispatch.IsSuspended;
        set
        {
            _dispatch.IsSuspended = value;
            if (value) return;
            foreach (var queue in _queues.Queues) _queues.MakeRunnable(queue);
        }
    }

    /// <summary>TCP is connected.</summary>
    public void Connected(DeliveryConnection connection, IPAddress localAddress) =>
        _outcomes.Connected(connection, localAddress);

    /// <summary>TLS was agreed on, whatever comes behind it.</summary>
    public void Secured(DeliveryConnection connection, SessionTls tls) =>
        _actions.Publish(new OutgoingTls(connection.Dcid, tls.Protocol, tls.Cipher));

    /// <summary>The connection takes messages.</summary>
    public void SessionReady(DeliveryConnection connection, SmtpExtensions extensions)
    {
        if (connection.State != ConnectionState.Opening) return;
        connection.Extensions = extensions;
        var job = connection.Job;
        _connections.Opened(connection);
        EndSilence(connection);
        if (job is not null) _dispatch.Offer(connection, job);
        else if (connection.IsProbe) _outcomes.AbandonProbe(connection);
    }

    /// <summary>There is no TCP connection; its source address is null when there is no way to the host.</summary>
    public void ConnectFailed(DeliveryConnection connection, IPAddress? localAddress, SmtpFault fault)
    {
        connection.LocalAddress = localAddress;
        SessionFailed(connection, new SessionOpening(SmtpStage.Connect, null, fault));
    }

    /// <summary>The connection was refused, or broke before it took messages.</summary>
    public void SessionFailed(DeliveryConnection connection, SessionOpening opening)
    {
        if (connection.State == ConnectionState.Opening) _outcomes.OpeningFailed(connection, opening);
    }

    /// <summary>The connection is closed, by whichever side.</summary>
    public void ConnectionEnded(DeliveryConnection connection) => _connections.Ended(connection);

    /// <summary>A transaction ended.</summary>
    public void TransactionEnded(DeliveryConnection connection, TransactionReport report)
    {
        EndSilence(connection);
        if (connection.State == ConnectionState.Busy) _outcomes.TransactionEnded(connection, report);
    }

    /// <summary>A settlement is durable.</summary>
    public void Settled(Settlement settlement)
    {
        _outcomes.Publish(settlement);
        settlement.Then();
        if (settlement.Retracted.Count > 0) TakeBack(settlement);
        foreach (var report in settlement.Reports)
            if (report.Stored is { } stored) Accepted(stored);
    }

    /// <summary>A name was looked up.</summary>
    public void EntryResolved(PlanEntry entry, NextHops found) => _dispatch.EntryResolved(entry, found);

    /// <summary>A receiving domain was looked up.</summary>
    public void DomainResolved(DomainQueue queue, RoutePlan plan, NextHops found) =>
        _dispatch.DomainResolved(queue, plan, found);

    /// <summary>True from <see cref="BeginStop"/> on.</summary>
    public bool IsStopping => _outcomes.IsStopping;

    /// <summary>Nothing new begins; connections without a message close.</summary>
    public void BeginStop()
    {
        _outcomes.IsStopping = true;
        IsSuspended = true;
        foreach (var connection in _connections.All.ToArray())
        {
            if (connection.State is not (ConnectionState.Idle or ConnectionState.Opening)) continue;
            if (connection.Job is { } job) _outcomes.Detach(connection, job);
            _connections.Close(connection);
        }
    }

    /// <summary>Runs what the clock has made due.</summary>
    public void Tick()
    {
        var now = _time.GetUtcNow();
        // What more is due wakes at the next tick, which is at once: other events come in between.
        var reads = _reading.Reads;
        bool HasTime() => _reading.Reads - reads < ReadAtOnce && !_actions.IsBehind;
        for (var woken = 0; woken < WokenAtOnce && HasTime() && _queues.TakeDue(now) is { } job; woken++)
            _rounds.Wake(job);
        while (HasTime() && _dispatch.EndUnresolved())
        {
            // One at a time, as long as there is time.
        }
        if (!_dispatch.IsSuspended) _hosts.RunProbes(now);
        _dispatch.OpenWindows(now);
        if (now < _nextWatch) return;
        _outcomes.WatchConnections();
        _hosts.WatchSilence();
        _nextWatch = _connections.Count > 0 ? now + WatchInterval : DateTimeOffset.MaxValue;
    }

    /// <summary>
    /// Gives to hosts what can be given. To be called after every burst of events. What is more than a part comes after
    /// the next tick, which is at once.
    /// </summary>
    public void Pump()
    {
        _routeChange.Run();
        _clockChange.Run();
        _releases.Run();
        var (runs, reads) = (0, _reading.Reads);
        bool HasTime() => runs < RunsAtOnce && _reading.Reads - reads is var read && read < ReadAtOnce
            && (read == 0 || !_actions.IsBehind);
        do
        {
            for (; HasTime() && _queues.NextRunnable() is { } queue; runs++) _dispatch.Run(queue);
        }
        while (HasTime() && !_dispatch.IsSuspended && _connections.WakeWaiters(_queues, _options));
        _isPumping = _routeChange.HasMore || _clockChange.HasMore || _releases.HasMore || !HasTime();
        if (_connections.Count > 0 && _nextWatch == DateTimeOffset.MaxValue)
            _nextWatch = _time.GetUtcNow() + WatchInterval;
        if (_hosts.IsDueForSweep) _hosts.Sweep(_overview.Used().ToHashSet());
    }

    private void QueueRemoved(DomainQueue queue)
    {
        _hosts.Unwant(queue);
        _planner.Leave(queue);
    }

    // The watch looks once a second; a host that replied is not left out until then.
    private void EndSilence(DeliveryConnection connection)
    {
        if (connection.Host.Silent) _hosts.WatchSilence();
    }

    // Recipients whose bounce could not be written wait as the store has them, or anew when it cannot tell.
    private void TakeBack(Settlement settlement)
    {
        var message = settlement.Message;
        var rids = settlement.Retracted.Select(failed => failed.Recipient.Rid).ToList();
        var stored = _reading.Read(message, rids)?.Recipients
            ?? [.. settlement.Retracted.Select(failed => new StoredRecipient(failed.Recipient, RecipientState.Fresh))];
        message.TakeUp(settlement.Stored);
        var jobs = AddJobs(message, stored);
        message.Remaining += rids.Count;
        if (_queues.Find(message.Mid) is null) _queues.Add(message);
        var again = _time.GetUtcNow() + Reading.Longest;
        foreach (var job in jobs) _queues.Hold(job, again, again);
    }

    // A job for all that have the same fate so far.
    private List<DeliveryJob> AddJobs(QueuedMessage message, IEnumerable<StoredRecipient> recipients)
    {
        var jobs = new List<DeliveryJob>();
        foreach (var group in recipients.GroupBy(r => (
            r.Recipient.ForwardPath.ReceivingDomain, r.State.Reason, r.State.Due, r.State.Rounds,
            r.State.Uncertainty, r.State.IsWarned, r.State.Redirect)))
        {
            var state = group.First().State;
            var job = NewJob(message, [.. group.Select(r => r.Recipient)], state.Redirect);
            job.TakeUp(state);
            job.Due = state.Due ?? DateTimeOffset.MinValue;
            jobs.Add(job);
        }
        return jobs;
    }

    private DeliveryJob NewJob(
        QueuedMessage message, IReadOnlyList<EnvelopeRecipient> recipients, string? redirect = null)
    {
        var queue = _queues.QueueOf(recipients[0].ForwardPath, redirect, out var isNew);
        if (isNew) _planner.Assign(queue);
        var job = new DeliveryJob(message, queue, recipients) { Place = JobPlace.Settling };
        QueueBook.Count(job);
        return job;
    }
}
