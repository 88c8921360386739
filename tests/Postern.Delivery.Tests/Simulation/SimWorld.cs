using System.Net;
using Microsoft.Extensions.Time.Testing;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Routing;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>
/// A whole delivery on one fake clock: the real scheduler, scripted hosts, a store that remembers. Everything that
/// takes time is an event in one queue, so that a seed gives the same run every time.
/// </summary>
internal sealed class SimWorld : IDeliveryActions
{
    private readonly PriorityQueue<Action, (DateTimeOffset, long)> _events = new();
    private readonly Dictionary<HostKey, SimHost> _hosts = [];
    private readonly HashSet<DeliveryConnection> _open = [];
    private readonly Dictionary<(Mid, Rid), RecipientState> _stored = [];
    private readonly HashSet<(Mid, Rid)> _uncertain = [];
    private readonly HashSet<(Mid, Rid)> _finished = [];
    private readonly HashSet<(Mid, Rid)> _offered = [];
    private readonly Dictionary<(Mid, Rid), HashSet<HostKey>> _round = [];
    private long _sequence;
    private long _mid;
    private long _dcid;

    public SimWorld(string routes, DeliveryOptions? options = null, int seed = 1)
    {
        Options = options ?? new DeliveryOptions { HostName = "gw.example" };
        Scheduler = new DeliveryScheduler(Options, Table(routes), this, Time, new Random(seed));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public DeliveryOptions Options { get; }
    public DeliveryScheduler Scheduler { get; }
    public List<MailEvent> Log { get; } = [];

    /// <summary>Hosts that messages were given to, in order: a connection opened for one, or a transaction.</summary>
    public List<(Mid Mid, string Host)> Attempts { get; } = [];
    public List<FailedRecipient> Reported { get; } = [];
    public Dictionary<string, NextHops> Dns { get; } = new(StringComparer.Ordinal);
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Recipients without a final result, as the store has them.</summary>
    public IReadOnlyDictionary<(Mid Mid, Rid Rid), RecipientState> Stored => _stored;

    /// <summary>Recipients that were left uncertain at least once: the only ones that may be doubled.</summary>
    public IReadOnlySet<(Mid, Rid)> UncertainOnce => _uncertain;

    public IEnumerable<string> Lines => Log.Select(e => e.ToString()!);

    public SimHost Host(string address, int port = 25)
    {
        var host = new SimHost(address, port);
        _hosts[new HostKey(address, port)] = host;
        return host;
    }

    public static SmtpRouteTable Table(string routes)
    {
        var load = SmtpRoutesFile.Parse(System.Text.Encoding.UTF8.GetBytes(routes), null);
        Assert.Empty(load.Errors);
        return load.Table!;
    }

    /// <summary>A message is accepted now.</summary>
    public Mid Accept(params string[] recipients) =>
        Accept(new Envelope { ReversePath = Mailbox.Parse("alice@src.example") }, recipients);

    public Mid Accept(Envelope envelope, params string[] recipients)
    {
        var mid = new Mid(++_mid);
        var stored = recipients.Select((r, i) =>
            new StoredRecipient(new EnvelopeRecipient(new Rid(i), Mailbox.Parse(r)), RecipientState.Fresh)).ToList();
        foreach (var recipient in stored) _stored[(mid, recipient.Recipient.Rid)] = recipient.State;
        var message = new StoredMessage(mid, new Icid(1), envelope, Now) { Size = 1000, Recipients = stored };
        After(TimeSpan.Zero, () => Scheduler.Accepted(message));
        return mid;
    }

    /// <summary>A message is found in the store at a start.</summary>
    public void Load(RecipientState state, string recipient)
    {
        var mid = new Mid(++_mid);
        var stored = new StoredRecipient(new EnvelopeRecipient(new Rid(0), Mailbox.Parse(recipient)), state);
        _stored[(mid, new Rid(0))] = state;
        var envelope = new Envelope { ReversePath = Mailbox.Parse("alice@src.example") };
        Scheduler.Load(new StoredMessage(mid, new Icid(1), envelope, Now) { Size = 1000, Recipients = [stored] });
    }

    public void After(TimeSpan delay, Action action) => _events.Enqueue(action, (Now + delay, ++_sequence));

    /// <summary>Lets time pass, event by event.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        for (var steps = 0; steps < 20_000_000; steps++)
        {
            var next = _events.TryPeek(out _, out var at) ? at.Item1 : DateTimeOffset.MaxValue;
            var wake = Scheduler.NextWake ?? DateTimeOffset.MaxValue;
            var step = next < wake ? next : wake;
            if (step > end) break;
            if (step > Now) Time.SetUtcNow(step);
            if (next <= wake) _events.Dequeue()();
            else Scheduler.Tick();
            Scheduler.Pump();
        }
        if (end > Now) Time.SetUtcNow(end);
    }

    Dcid IDeliveryActions.NextDcid() => new(++_dcid);

    void IDeliveryActions.Open(DeliveryConnection connection)
    {
        connection.Pulse.Owe(Time.GetTimestamp(), false);
        if (!_hosts.TryGetValue(connection.Host.Key, out var host))
            throw new InvalidOperationException($"no host {connection.Host}");
        host.Connections++;
        if (connection.Job is { } opener) Attempted(opener, connection);
        host.Present++;
        var opening = host.OnOpen();
        if (opening is null)
        {
            var silent =
                new SessionOpening(SmtpStage.Banner, null, new(SmtpStage.Banner, SmtpFaultKind.TimedOut, "no banner"));
            After(Options.GreetingTimeout, () =>
            {
                Scheduler.SessionFailed(connection, silent);
                Leave(connection, host);
            });
            return;
        }
        After(host.BannerDelay ?? host.Latency, () =>
        {
            if (connection.State == ConnectionState.Closed)
            {
                Leave(connection, host);
                return;
            }
            Reply(connection);
            if (!opening.IsReady)
            {
                Scheduler.SessionFailed(connection, opening);
                Leave(connection, host);
                return;
            }
            _open.Add(connection);
            host.Open++;
            host.MostOpen = Math.Max(host.MostOpen, host.Open);
            Scheduler.Connected(connection, IPAddress.Loopback);
            Scheduler.SessionReady(connection, host.Extensions);
        });
    }

    void IDeliveryActions.Transmit(DeliveryConnection connection, DeliveryJob job)
    {
        connection.Pulse.Owe(Time.GetTimestamp(), false);
        var host = _hosts[connection.Host.Key];
        Attempted(job, connection);
        foreach (var recipient in job.Recipients)
        {
            var key = (job.Message.Mid, recipient.Rid);
            Assert.DoesNotContain(key, _finished);
            Assert.True(_offered.Add(key), $"{key} is offered twice at the same time");
            if (!_round.TryGetValue(key, out var tried)) _round[key] = tried = [];
            Assert.True(
                tried.Add(connection.Host.Key) || job.NeedsFresh, $"{key} tries {connection.Host} twice in a round");
        }
        var report = host.OnTransaction(job.Message.Mid, job.Recipients, Now);
        if (report is null)
        {
            var lost = new TransactionReport
            {
                Recipients = new SmtpReply?[job.Recipients.Count],
                IsUsable = false,
                Fault = new(SmtpStage.Mail, SmtpFaultKind.TimedOut, "no reply to MAIL"),
            };
            After(Options.CommandTimeout, () => End(connection, lost));
            return;
        }
        After(host.Latency, () => End(connection, report));
    }

    // A fresh connection in place of a kept one that turned out dead is the same attempt.
    private void Attempted(DeliveryJob job, DeliveryConnection connection)
    {
        var attempt = (job.Message.Mid, connection.Host.ToString());
        if (!Attempts.Contains(attempt)) Attempts.Add(attempt);
    }

    private void End(DeliveryConnection connection, TransactionReport report)
    {
        if (report.Fault is null) Reply(connection);
        if (!report.IsUsable) Forget(connection);
        foreach (var recipient in connection.Job!.Recipients)
        {
            var key = (connection.Job.Message.Mid, recipient.Rid);
            _offered.Remove(key);
            if (report.DotWritten is not null && report.FinalDot is null) _uncertain.Add(key);
            // A kept connection that was dead is nobody's failure, and a further one that is lost before MAIL while
            // others prosper only says that the host wants no more: the same host may be tried again.
            if (report.Mail is null && report.Fault is { Kind: SmtpFaultKind.Lost })
                _round[key].Remove(connection.Host.Key);
        }
        Scheduler.TransactionEnded(connection, report);
    }

    void IDeliveryActions.Close(DeliveryConnection connection) => Forget(connection);

    void IDeliveryActions.Commit(Settlement settlement) => After(TimeSpan.FromMilliseconds(1), () =>
    {
        var mid = settlement.Message.Mid;
        foreach (var (m, rid, state) in settlement.Change.States)
        {
            Assert.True(_stored.ContainsKey((m, rid)), $"state of {m} {rid} after its end");
            _stored[(m, rid)] = state;
            if (state.Uncertainty is not null) _uncertain.Add((m, rid));
        }
        foreach (var (m, rid) in settlement.Change.Finished) Finish(m, rid);
        foreach (var m in settlement.Change.Removed)
            foreach (var key in _stored.Keys.Where(k => k.Item1 == m).ToList()) Finish(m, key.Item2);
        Reported.AddRange(settlement.Report);
        Scheduler.Settled(settlement);
    });

    void IDeliveryActions.Resolve(PlanEntry entry) => After(TimeSpan.FromMilliseconds(3), () =>
        Scheduler.EntryResolved(entry, Answer(entry.Name!.Name)));

    void IDeliveryActions.Resolve(DomainQueue queue, RoutePlan plan) => After(TimeSpan.FromMilliseconds(3), () =>
        Scheduler.DomainResolved(queue, plan, Answer(queue.Name)));

    bool IDeliveryActions.MayDeliverTo(IPAddress address) => !IPAddress.IsLoopback(address);

    void IDeliveryActions.Publish(MailEvent mailEvent)
    {
        Log.Add(mailEvent);
        var (mid, rids) = mailEvent switch
        {
            RecipientsPending pending => (pending.Mid, pending.Recipients),
            Uncertain uncertain => (uncertain.Mid, uncertain.Recipients),
            _ => (default, []),
        };
        foreach (var rid in rids) _round.Remove((mid, rid));
    }

    private NextHops Answer(string name) => Dns.TryGetValue(name, out var found) ? found
        : new(
            [], NextHopFailure.NxDomain, $"DNS Hard Error looking up {name} (MX):  NXDomain", TimeSpan.FromMinutes(1));

    private void Finish(Mid mid, Rid rid)
    {
        _stored.Remove((mid, rid));
        Assert.True(_finished.Add((mid, rid)), $"{mid} {rid} ended twice");
    }

    private void Forget(DeliveryConnection connection)
    {
        var host = _hosts[connection.Host.Key];
        if (!_open.Remove(connection)) return;
        host.Open--;
        Leave(connection, host);
    }

    // QUIT and its reply: until then the host counts the connection.
    private void Leave(DeliveryConnection connection, SimHost host) => After(host.Latency, () =>
    {
        host.Present--;
        Scheduler.ConnectionEnded(connection);
    });

    private void Reply(DeliveryConnection connection) => connection.Pulse.Replied(Time.GetTimestamp(), false);
}
