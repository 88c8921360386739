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
/// A whole delivery on one fake clock: the real scheduler, scripted hosts, a store that remembers, and the model that
/// holds every step against the rules. Everything that takes time is an event in one queue, so that a seed gives the
/// same run every time.
/// </summary>
internal sealed class SimWorld : IDeliveryActions
{
    private static readonly TimeSpan CommitTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookupTime = TimeSpan.FromMilliseconds(3);

    private readonly PriorityQueue<(int Life, Action Action), (DateTimeOffset, long)> _events = new();
    private readonly Dictionary<HostKey, SimHost> _hosts = [];
    private readonly HashSet<DeliveryConnection> _open = [];
    private readonly Dictionary<(Mid, Rid), RecipientState> _stored = [];
    private readonly Dictionary<Mid, StoredMessage> _messages = [];
    private readonly Queue<Settlement> _commits = new();
    private readonly HashSet<(Mid, string)> _attempted = [];
    private readonly List<string> _told = [];
    private readonly Random _random;
    private HostKey? _ending;
    private string _routes;
    private IReadOnlySet<HostSelector> _drained = new HashSet<HostSelector>();
    private long _sequence;
    private long _mid;
    private long _dcid;
    private int _life;

    public SimWorld(string routes, DeliveryOptions? options = null, int seed = 1)
    {
        Options = options ?? new DeliveryOptions { HostName = "gw.example" };
        _random = new Random(seed);
        _routes = routes;
        Model = new DeliveryModel(Options, name => [.. Answer(name).Hosts.SelectMany(h => h.Addresses)]);
        Scheduler = new DeliveryScheduler(Options, Table(routes), this, Time, _random);
        Model.UseRoutes(routes, DateTimeOffset.MinValue);
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public DeliveryOptions Options { get; }
    public DeliveryScheduler Scheduler { get; private set; }
    public DeliveryModel Model { get; }
    public List<MailEvent> Log { get; } = [];
    /// <summary>When each line of the log was written.</summary>
    public List<DateTimeOffset> LogTimes { get; } = [];
    /// <summary>An operator moves mail by hand (see <see cref="DeliveryModel.IsOperated"/>).</summary>
    public bool IsOperated { init => Model.IsOperated = value; }
    /// <summary>The store is closed to those who read.</summary>
    public bool IsUnreadable { get; set; }
    /// <summary>The records of all messages are damaged.</summary>
    public bool IsDamaged { get; set; }
    /// <summary>States that are no doubt are not written.</summary>
    public bool IsDiskCritical { get; set; }
    /// <summary>How often the scheduler has read.</summary>
    public int Reads { get; private set; }
    /// <summary>With so many commits open nothing more is begun that can wait.</summary>
    public int MostCommits { get; set; } = 2000;
    /// <summary>Commits that are not durable.</summary>
    public int Commits => _commits.Count;
    /// <summary>False: nothing is added to the log, for runs that would fill the memory.</summary>
    public bool KeepsLog { get; set; } = true;

    /// <summary>Told of each time that a message is given to a host, and of each settlement that is durable.</summary>
    public Action<DeliveryJob, HostKey>? OnAttempt { get; set; }
    public Action<Settlement>? OnDurable { get; set; }
    /// <summary>Told of each connection that is being opened.</summary>
    public Action<DeliveryConnection>? OnOpen { get; set; }

    /// <summary>Hosts that messages were given to, in order: a connection opened for one, or a transaction.</summary>
    public List<(Mid Mid, string Host)> Attempts { get; } = [];
    public List<PlannedReport> Reports { get; } = [];
    public IEnumerable<ReportedRecipient> Reported => Reports.SelectMany(r => r.Recipients);
    public Dictionary<string, NextHops> Dns { get; } = new(StringComparer.Ordinal);
    /// <summary>How often it was asked.</summary>
    public int Lookups { get; private set; }
    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Recipients without a final result, as the store has them.</summary>
    public IReadOnlyDictionary<(Mid Mid, Rid Rid), RecipientState> Stored => _stored;

    /// <summary>The first host that a message was given to since it was last asked; null: none.</summary>
    public (Mid Mid, HostKey Host)? LastAttempt { get; set; }

    public SimHost Host(string address, int port = 25)
    {
        var host = new SimHost(address, port);
        _hosts[host.Key] = host;
        return host;
    }

    public static SmtpRouteTable Table(string routes)
    {
        var load = SmtpRoutesFile.Parse(System.Text.Encoding.UTF8.GetBytes(routes), null);
        Assert.Empty(load.Errors);
        return load.Table!;
    }

    public void UseRoutes(string routes)
    {
        _routes = routes;
        Model.UseRoutes(routes, Now);
        Scheduler.UseRoutes(Table(routes));
    }

    public void UseDrained(IReadOnlySet<HostSelector> drained)
    {
        _drained = drained;
        Model.UseDrained(drained, Now);
        Scheduler.UseDrained(drained);
    }

    /// <summary>A message is accepted now.</summary>
    public Mid Accept(params string[] recipients) =>
        Accept(new Envelope { ReversePath = Mailbox.Parse("alice@src.example") }, recipients);

    public Mid Accept(Envelope envelope, params string[] recipients) => Accept(
        envelope, [.. recipients.Select((r, i) => new EnvelopeRecipient(new Rid(i), Mailbox.Parse(r)))]);

    public Mid Accept(Envelope envelope, IEnumerable<EnvelopeRecipient> recipients)
    {
        var message = Store(envelope, recipients, RecipientState.Fresh, Now);
        After(TimeSpan.Zero, () =>
        {
            Model.HandedOver(message);
            Scheduler.Accepted(message);
        });
        return message.Mid;
    }

    /// <summary>A message is accepted, and handed out in the same moment, before anything else happens.</summary>
    public Mid AcceptAtOnce(string recipient)
    {
        var envelope = new Envelope { ReversePath = Mailbox.Parse("alice@src.example") };
        var message = Store(envelope, [new(new Rid(0), Mailbox.Parse(recipient))], RecipientState.Fresh, Now);
        Model.HandedOver(message);
        Scheduler.Accepted(message);
        Scheduler.Pump();
        return message.Mid;
    }

    /// <summary>A message is found in the store at a start.</summary>
    public void Load(RecipientState state, string recipient) =>
        Load(new Envelope { ReversePath = Mailbox.Parse("alice@src.example") }, state, recipient, Now);

    public void Load(Envelope envelope, RecipientState state, string recipient, DateTimeOffset accepted)
    {
        var message = Store(envelope, [new(new Rid(0), Mailbox.Parse(recipient))], state, accepted);
        Scheduler.Load(message);
    }

    /// <summary>
    /// The gateway is killed and started: what was on its way is gone, some of the last commits too, and everything
    /// begins anew from what is durable.
    /// </summary>
    public void Restart()
    {
        for (var kept = _random.Next(_commits.Count + 1); kept > 0; kept--) MakeDurable(_commits.Dequeue());
        _commits.Clear();
        _life++;
        _open.Clear();
        foreach (var host in _hosts.Values) (host.Open, host.Present) = (0, 0);
        Model.Crashed(key => _stored.TryGetValue(key, out var state) ? state : null, Now);
        Scheduler = new DeliveryScheduler(Options, Table(_routes), this, Time, _random);
        Scheduler.UseDrained(_drained);
        foreach (var mid in _messages.Keys) Scheduler.Load(Read(mid)!);
        Scheduler.Pump();
    }

    /// <summary>What the store says of a message; null: it is not there, or cannot be read now.</summary>
    public StoredMessage? Read(Mid mid)
    {
        if (IsUnreadable || !_messages.TryGetValue(mid, out var message)) return null;
        var rest = message.Recipients.Where(r => _stored.ContainsKey((mid, r.Recipient.Rid)))
            .Select(r => r with { State = _stored[(mid, r.Recipient.Rid)] });
        return message with { Recipients = [.. rest] };
    }

    public void After(TimeSpan delay, Action action) => At(Now + delay, action);

    public void At(DateTimeOffset time, Action action) => _events.Enqueue((_life, action), (time, ++_sequence));

    /// <summary>Lets time pass, event by event.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        for (var steps = 0; steps < 100_000_000; steps++)
        {
            var next = _events.TryPeek(out _, out var at) ? at.Item1 : DateTimeOffset.MaxValue;
            var wake = Scheduler.NextWake ?? DateTimeOffset.MaxValue;
            var step = next < wake ? next : wake;
            if (step > end) break;
            if (step > Now) Time.SetUtcNow(step);
            if (next <= wake)
            {
                // What was on its way when the gateway was killed has no end.
                var (life, action) = _events.Dequeue();
                if (life == _life) action();
            }
            else
            {
                Scheduler.Tick();
            }
            Scheduler.Pump();
        }
        if (end > Now) Time.SetUtcNow(end);
    }

    Dcid IDeliveryActions.NextDcid() => new(++_dcid);

    void IDeliveryActions.Open(DeliveryConnection connection)
    {
        connection.Pulse.Owe(Time.GetTimestamp(), false);
        OnOpen?.Invoke(connection);
        if (!_hosts.TryGetValue(connection.Host.Key, out var host))
            throw new InvalidOperationException($"no host {connection.Host}");
        host.Connections++;
        if (connection.Job is { } opener) Attempted(opener, connection);
        Model.Opens(connection, connection.Job, Now);
        host.Present++;
        if (host.OnOpen(connection.Access) is { } opening)
        {
            After(host.BannerDelay ?? host.Latency, () => Opened(connection, host, opening));
            return;
        }
        var stage = host.Mood == Mood.SilentAtEhlo ? SmtpStage.Ehlo : SmtpStage.Banner;
        var silent = new SessionOpening(stage, null, new(stage, SmtpFaultKind.TimedOut, "no reply"));
        After(stage == SmtpStage.Ehlo ? Options.CommandTimeout : Options.GreetingTimeout,
            () => OpeningFailed(connection, host, silent));
    }

    private void Opened(DeliveryConnection connection, SimHost host, SessionOpening opening)
    {
        if (connection.State == ConnectionState.Closed)
        {
            Leave(connection, host);
            return;
        }
        Reply(connection);
        if (!opening.IsReady)
        {
            OpeningFailed(connection, host, opening);
            return;
        }
        _open.Add(connection);
        host.Open++;
        host.MostOpen = Math.Max(host.MostOpen, host.Open);
        Scheduler.Connected(connection, IPAddress.Loopback);
        Model.Ready(connection);
        Scheduler.SessionReady(connection, host.Extensions);
        Model.Readied(connection, Now);
    }

    private void OpeningFailed(DeliveryConnection connection, SimHost host, SessionOpening opening)
    {
        if (connection.State == ConnectionState.Closed)
        {
            Leave(connection, host);
            return;
        }
        Listen(connection);
        Scheduler.SessionFailed(connection, opening);
        Model.OpeningFailed(connection, opening, Heard(), Now);
        Leave(connection, host);
    }

    void IDeliveryActions.Transmit(DeliveryConnection connection, DeliveryJob job)
    {
        connection.Pulse.Owe(Time.GetTimestamp(), false);
        var host = _hosts[connection.Host.Key];
        Attempted(job, connection);
        Model.Transmits(connection, job, Now);
        var accepted = host.Accepted.Count;
        var answer = host.OnTransaction(job.Message.Mid, job.Recipients, Now, Options);
        foreach (var (mid, rid) in host.Accepted.Skip(accepted)) Model.Taken(mid, rid);
        if (answer.SilentAfterDot)
        {
            Reply(connection);
            connection.Pulse.Owe(Time.GetTimestamp(), true);
        }
        After(answer.After, () => End(connection, answer.Report));
    }

    // A fresh connection in place of a kept one that turned out dead is the same attempt.
    private void Attempted(DeliveryJob job, DeliveryConnection connection)
    {
        LastAttempt ??= (job.Message.Mid, connection.Host.Key);
        OnAttempt?.Invoke(job, connection.Host.Key);
        if (KeepsLog && _attempted.Add((job.Message.Mid, connection.Host.ToString())))
            Attempts.Add((job.Message.Mid, connection.Host.ToString()));
    }

    /// <summary>Attempts are told from now on.</summary>
    public void ForgetAttempts()
    {
        Attempts.Clear();
        _attempted.Clear();
    }

    private void End(DeliveryConnection connection, TransactionReport report)
    {
        if (report.Fault is null || (report.Fault.Kind == SmtpFaultKind.Lost && report.Mail is not null))
            Reply(connection);
        var judged = Model.Judge(connection, report, Now);
        Listen(connection);
        Scheduler.TransactionEnded(connection, report);
        Model.Ended(connection, report, judged, Heard(), Now);
        if (!report.IsUsable) Forget(connection);
    }

    bool IDeliveryActions.HasEnded(DeliveryConnection idle) => _hosts[idle.Host.Key].EndsIdle;

    void IDeliveryActions.Close(DeliveryConnection connection)
    {
        Model.Closing(connection, Now);
        Forget(connection);
    }

    void IDeliveryActions.Commit(Settlement settlement)
    {
        settlement.Change.LeavesStatesOut = IsDiskCritical && !settlement.Change.MustHold;
        Model.Commits(settlement, Now);
        _commits.Enqueue(settlement);
        After(CommitTime, () =>
        {
            MakeDurable(_commits.Dequeue());
            Model.Durable(settlement);
            Scheduler.Settled(settlement);
        });
    }

    private void MakeDurable(Settlement settlement)
    {
        foreach (var (mid, rid, state) in settlement.Change.States)
            if (!settlement.Change.LeavesStatesOut || state.Uncertainty is not null) _stored[(mid, rid)] = state;
        foreach (var key in settlement.Change.Finished) _stored.Remove(key);
        foreach (var mid in settlement.Change.Removed)
        {
            _messages.Remove(mid, out var message);
            foreach (var (recipient, _) in message!.Recipients) _stored.Remove((mid, recipient.Rid));
        }
        Reports.AddRange(settlement.Reports);
        OnDurable?.Invoke(settlement);
    }

    void IDeliveryActions.Resolve(PlanEntry entry) => After(LookupTime, () =>
        Scheduler.EntryResolved(entry, Ask(entry.Name!.Name)));

    void IDeliveryActions.Resolve(DomainQueue queue, RoutePlan plan) => After(LookupTime, () =>
        Scheduler.DomainResolved(queue, plan, Ask(queue.Name)));

    StoredRead IDeliveryActions.Read(Mid mid, IReadOnlyCollection<Rid> rids)
    {
        Reads++;
        if (IsDamaged) return new(null, "damaged");
        return new(Read(mid) is { } read
            ? read with { Recipients = [.. read.Recipients.Where(r => rids.Contains(r.Recipient.Rid))] } : null, null);
    }

    bool IDeliveryActions.IsBehind => _commits.Count >= MostCommits;

    bool IDeliveryActions.MayDeliverTo(IPAddress address) => !IPAddress.IsLoopback(address);

    void IDeliveryActions.Publish(MailEvent mailEvent)
    {
        if (KeepsLog)
        {
            Log.Add(mailEvent);
            LogTimes.Add(Now);
        }
        if (mailEvent is not HostHealthChanged changed) return;
        var text = changed.Text.Split(':')[0];
        if (!HostSelector.TryParse(changed.Host, out var host) || !IPAddress.TryParse(host.Host, out _)) return;
        var key = new HostKey(host.Host, host.Port ?? 25);
        if (_ending == key && !text.StartsWith("owes", StringComparison.Ordinal)) _told.Add(text);
        else Model.Told(key, text, Now);
    }

    private void Listen(DeliveryConnection connection)
    {
        _told.Clear();
        _ending = connection.Host.Key;
    }

    private List<string> Heard()
    {
        _ending = null;
        return _told;
    }

    private NextHops Answer(string name) => Dns.TryGetValue(name, out var found) ? found
        : new(
            [], NextHopFailure.NxDomain, $"DNS Hard Error looking up {name} (MX):  NXDomain", TimeSpan.FromMinutes(1));

    private NextHops Ask(string name)
    {
        Lookups++;
        return Answer(name);
    }

    private StoredMessage Store(
        Envelope envelope, IEnumerable<EnvelopeRecipient> recipients, RecipientState state, DateTimeOffset accepted)
    {
        var mid = new Mid(++_mid);
        var stored = recipients.Select(r => new StoredRecipient(r, state)).ToList();
        foreach (var recipient in stored) _stored[(mid, recipient.Recipient.Rid)] = state;
        var message = new StoredMessage(mid, new Icid(1), envelope, accepted) { Size = 1000, Recipients = stored };
        Model.Accepted(message);
        return _messages[mid] = message;
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
        Model.Gone(connection, Now);
    });

    private void Reply(DeliveryConnection connection)
    {
        // The model looks at the debt before it is paid.
        Model.Replied(connection, Now);
        connection.Pulse.Replied(Time.GetTimestamp(), false);
    }
}
