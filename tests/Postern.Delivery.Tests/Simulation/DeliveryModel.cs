using System.Net;
using System.Runtime.CompilerServices;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>A recipient as the model knows it.</summary>
internal sealed class RecipientModel(Mid mid, Rid rid, string domain, string address, DateTimeOffset accepted)
{
    public Mid Mid { get; } = mid;
    public Rid Rid { get; } = rid;
    public string Domain { get; } = domain;
    public string Address { get; } = address;
    public DateTimeOffset Accepted { get; } = accepted;
    public HashSet<HostKey> Tried { get; } = [];
    /// <summary>Tried, or only told that the host wants no more connections: that is not seen from outside.</summary>
    public HashSet<HostKey> MaybeTried { get; } = [];
    public int Rounds { get; set; }
    /// <summary>Its sender was told that it waits.</summary>
    public bool IsWarned { get; set; }
    /// <summary>A host answered a 4xx to the mail itself in this round; null: perhaps.</summary>
    public bool? MailAnswered { get; set; } = false;
    public LineModel? On { get; set; }
    public bool IsHeld { get; set; }
    public WaitReason Reason { get; set; }
    public DateTimeOffset Due { get; set; }
    public DateTimeOffset HeldSince { get; set; }
    public DateTimeOffset LastEvent { get; set; } = accepted;
    /// <summary>Where and when it was left uncertain, and how often.</summary>
    public (HostKey Host, int Times, DateTimeOffset Dot)? Doubt { get; set; }
    /// <summary>The host that it goes to again, on a fresh connection or in a further transaction.</summary>
    public HostKey? SameHost { get; set; }
    public bool OwesCommit { get; set; }
    public int Committing { get; set; }
    public Fate LastFate { get; set; } = Fate.NextHost;
    public int Acceptances { get; set; }
    public bool MayDouble { get; set; }
    public bool IsDiscarded { get; set; }

    public override string ToString() => $"MID {Mid} RID {Rid} <{Address}>"
        + $" [round {Rounds + 1}, tried {string.Join(' ', Tried)}; maybe {string.Join(' ', MaybeTried)};"
        + (IsHeld ? $" held since {HeldSince:HH:mm:ss.fff} for {Reason} to {Due:HH:mm:ss.fff};" : "")
        + $" uncertain at {Doubt?.Host}]";
}

/// <summary>What a transaction says of its host, of whom, and which addresses were refused.</summary>
internal sealed record JudgedModel(
    Effect Effect, IReadOnlyList<RecipientModel> Recipients, IReadOnlyList<string> Refused);

/// <summary>What the model finds wrong.</summary>
internal sealed class ModelException(string text) : Exception(text);

/// <summary>
/// Follows a delivery by contract §3 from what is seen of it, and finds every step that breaks a rule. It reads no
/// book of the scheduler: only connections, replies, commits, routes and the lines of the log.
/// </summary>
internal sealed partial class DeliveryModel(DeliveryOptions options, Func<string, IReadOnlyList<IPAddress>> addressesOf)
{
    private readonly Dictionary<HostKey, HostModel> _hosts = [];
    private readonly Dictionary<Mid, StoredMessage> _messages = [];
    private readonly Dictionary<(Mid, Rid), RecipientModel> _recipients = [];
    private readonly Dictionary<DeliveryConnection, LineModel> _lines = [];
    private readonly Dictionary<(string, string), Access> _accesses = [];
    private Dictionary<string, RouteModel> _routes = new(StringComparer.Ordinal);
    private IReadOnlySet<HostSelector> _drained = new HashSet<HostSelector>();
    private DateTimeOffset _routesSince = DateTimeOffset.MinValue;

    /// <summary>Recipients without a final result.</summary>
    public IReadOnlyDictionary<(Mid, Rid), RecipientModel> Recipients => _recipients;

    /// <summary>
    /// An operator ends, redirects and hurries mail by hand, or changes options or drains, unseen by the model: what
    /// that overrules is let pass.
    /// </summary>
    public bool IsOperated { get; set; }

    /// <summary>Attempts that were held against the rules.</summary>
    public int Attempts { get; private set; }

    public static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Complaint what)
    {
        if (!holds) throw new ModelException(what.ToText());
    }

    public HostModel Host(HostKey key)
    {
        if (!_hosts.TryGetValue(key, out var host))
            _hosts[key] = host = new(key, options) { IsDrained = _drained.Any(d => d.Matches(key)) };
        return host;
    }

    public void UseRoutes(string text, DateTimeOffset now)
    {
        var before = _routes;
        _routes = RouteReading.Read(text, addressesOf);
        _routesSince = now;
        // What waits for a connection to open to which its route no longer leads goes on elsewhere.
        foreach (var line in _lines.Values.Where(l => l.IsOpening && l.Recipients.Count > 0 && !IsLed(l)))
        {
            Host(line.Connection.Host.Key).Abandoned(line, now);
            Leave(line, now);
        }
        foreach (var recipient in _recipients.Values)
        {
            // What waited for another route than /dev/null begins anew, unless it was still on its way.
            if (recipient.On is not null || recipient.IsHeld) continue;
            if (!before.TryGetValue(recipient.Domain, out var old) || !old.Discards) continue;
            recipient.MaybeTried.UnionWith(recipient.Tried);
            recipient.Tried.Clear();
            if (recipient.MailAnswered == true) recipient.MailAnswered = null;
        }
    }

    // Where a name leads that was not in the route before is known when it is looked up.
    private bool IsLed(LineModel line) => _routes.TryGetValue(line.Domain, out var route)
        && route.Profile == line.Connection.Access.Profile
        && route.Entries.Any(e => e.Targets.Contains(line.Connection.Host.Key)
            && (IPAddress.TryParse(e.Name, out _)
                || line.Connection.HostText.StartsWith(e.Name, StringComparison.Ordinal)));

    public void UseDrained(IReadOnlySet<HostSelector> drained, DateTimeOffset now)
    {
        _drained = drained;
        foreach (var host in _hosts.Values)
        {
            var isDrained = drained.Any(d => d.Matches(host.Key));
            if (host.IsDrained && !isDrained) host.Released(now);
            host.IsDrained = isDrained;
            host.LastEvent = now;
        }
        _routesSince = drained.Any(d => !IPAddress.TryParse(d.Host, out _)) ? _routesSince : now;
    }

    public void Accepted(StoredMessage message)
    {
        _messages[message.Mid] = message;
        foreach (var (recipient, state) in message.Recipients)
        {
            var path = recipient.ForwardPath;
            var known = new RecipientModel(
                message.Mid, recipient.Rid, path.ReceivingDomain, path.Text, message.Accepted);
            _recipients.Add((message.Mid, recipient.Rid), known);
            Restore(known, state);
        }
    }

    /// <summary>The gateway hears of a message: by its route of this moment it may be discarded.</summary>
    public void HandedOver(StoredMessage message)
    {
        foreach (var (recipient, _) in message.Recipients)
        {
            var known = _recipients[(message.Mid, recipient.Rid)];
            known.IsDiscarded = _routes.TryGetValue(known.Domain, out var route) && route.Discards;
        }
    }

    /// <summary>All but what is durable is forgotten.</summary>
    public void Crashed(Func<(Mid, Rid), RecipientState?> stored, DateTimeOffset now)
    {
        _hosts.Clear();
        _lines.Clear();
        foreach (var (key, recipient) in _recipients.ToList())
        {
            if (recipient.On is { Transmits: true } || recipient.OwesCommit || recipient.Committing > 0)
                recipient.MayDouble = true;
            recipient.LastEvent = now;
            if (stored(key) is { } state) Restore(recipient, state);
            else _recipients.Remove(key);
        }
    }

    private static void Restore(RecipientModel recipient, RecipientState state)
    {
        BeginRound(recipient);
        (recipient.On, recipient.SameHost, recipient.OwesCommit, recipient.Committing) = (null, null, false, 0);
        recipient.Rounds = state.Rounds;
        recipient.Reason = state.Reason;
        recipient.IsHeld = state is { Due: not null, Reason: WaitReason.Mail or WaitReason.Uncertain };
        recipient.Due = state.Due ?? DateTimeOffset.MinValue;
        recipient.Doubt = state.Uncertainty is { } doubt
            ? (new(doubt.Address, doubt.Port), doubt.Times, doubt.DotWritten) : null;
        recipient.LastFate = Fate.NextHost;
    }

    private static void BeginRound(RecipientModel recipient)
    {
        recipient.Tried.Clear();
        recipient.MaybeTried.Clear();
        recipient.MailAnswered = false;
        recipient.IsHeld = false;
    }

    /// <summary>A connection is begun, for a message or not.</summary>
    public void Opens(DeliveryConnection connection, DeliveryJob? job, DateTimeOffset now)
    {
        var line = new LineModel(connection, now);
        _lines.Add(connection, line);
        Host(connection.Host.Key).Opened(line, now);
        if (job is not null) Attempt(line, job, now);
    }

    /// <summary>A message is offered on a connection.</summary>
    public void Transmits(DeliveryConnection connection, DeliveryJob job, DateTimeOffset now)
    {
        var line = _lines[connection];
        if (line.Recipients.Count == 0) Attempt(line, job, now);
        Require(line.Recipients.Count == job.Recipients.Count
            && job.Recipients.All(r => line.Recipients.Exists(k => k.Mid == job.Message.Mid && k.Rid == r.Rid)),
            $"{connection.Dcid} was opened for others than it is used for");
        line.Transmits = true;
        line.Messages++;
        Require(line.Messages <= options.ControlOf(line.Domain).MaxMessagesPerConnection,
            $"{connection.Dcid} is used too often");
    }

    /// <summary>The host has taken a recipient, whether or not anybody is told.</summary>
    public void Taken(Mid mid, Rid rid)
    {
        var recipient = _recipients[(mid, rid)];
        Require(++recipient.Acceptances == 1 || recipient.MayDouble, $"{recipient} is accepted twice");
    }

    public void Replied(DeliveryConnection connection, DateTimeOffset now) =>
        Host(connection.Host.Key).Replied(now, hasReplied: true);

    /// <summary>A session is ready; what follows in the same breath is told by <see cref="Readied"/>.</summary>
    public void Ready(DeliveryConnection connection) => _lines[connection].IsReady = true;

    public void Readied(DeliveryConnection connection, DateTimeOffset now)
    {
        var line = _lines[connection];
        if (line.Transmits) return;
        Host(connection.Host.Key).Abandoned(line, now);
        Leave(line, now);
    }

    // It was given up after ten seconds without a banner.
    private static void PassOn(RecipientModel recipient, LineModel line)
    {
        line.Recipients.Remove(recipient);
        recipient.On = null;
        recipient.Tried.Add(line.Connection.Host.Key);
    }

    // The connection ended, or is of no use, before a word about its message: after ten seconds the message may have
    // given it up already, which is looked for once a second.
    private static void Leave(LineModel line, DateTimeOffset now)
    {
        foreach (var recipient in line.Recipients)
        {
            (recipient.On, recipient.LastEvent) = (null, now);
            if (now - line.Began >= TimeSpan.FromSeconds(11.02)) recipient.Tried.Add(line.Connection.Host.Key);
            else if (now - line.Began >= TimeSpan.FromSeconds(10)) recipient.MaybeTried.Add(line.Connection.Host.Key);
        }
        line.Recipients.Clear();
    }

    public void OpeningFailed(
        DeliveryConnection connection, SessionOpening opening, List<string> told, DateTimeOffset now)
    {
        var line = _lines[connection];
        var host = Host(connection.Host.Key);
        var mid = line.Recipients.Count > 0 ? line.Recipients[0].Mid : default;
        var wantsNoMore = host.Ended(line, OutcomeModel.OfOpening(opening), mid, [], told, now);
        host.Ending(line, now);
        foreach (var recipient in line.Recipients)
        {
            if (wantsNoMore is null) recipient.MaybeTried.Add(host.Key);
            else if (wantsNoMore == false) recipient.Tried.Add(host.Key);
        }
        Leave(line, now);
    }

    public void Closing(DeliveryConnection connection, DateTimeOffset now)
    {
        var line = _lines[connection];
        Host(connection.Host.Key).Ending(line, now);
        Leave(line, now);
    }

    public void Gone(DeliveryConnection connection, DateTimeOffset now)
    {
        if (_lines.Remove(connection, out var line)) Host(connection.Host.Key).Gone(line, now);
    }

    /// <summary>The facts of a transaction decide about its recipients, before anybody else hears of them.</summary>
    public JudgedModel Judge(DeliveryConnection connection, TransactionReport report, DateTimeOffset now)
    {
        var line = _lines[connection];
        var key = connection.Host.Key;
        var wasReused = line.Messages > 1;
        var (effect, fates, refusedAt) = OutcomeModel.OfTransaction(
            report, line.Recipients.Count, wasReused,
            _routes.TryGetValue(line.Domain, out var route) && route.HoldsAfterRcpt4xx);
        for (var i = 0; i < fates.Length; i++)
        {
            var recipient = line.Recipients[i];
            var (fate, answered, isStored) = fates[i];
            (recipient.On, recipient.LastFate, recipient.LastEvent) = (null, fate, now);
            recipient.OwesCommit = isStored;
            recipient.SameHost = fate is Fate.SameHost or Fate.Fresh ? key : null;
            if (answered == true) recipient.MailAnswered = true;
            if (answered is null && recipient.MailAnswered == false) recipient.MailAnswered = null;
            if (fate == Fate.Uncertain)
            {
                recipient.MayDouble = true;
                recipient.Doubt = (key, (recipient.Doubt?.Times ?? 0) + 1, report.DotWritten!.Value);
            }
            // At MAIL a further connection may only have been one too many: the host's part decides (see Ended).
            var wasTried = fate is Fate.NextHost or Fate.Held or Fate.Uncertain;
            if (wasTried && effect is not (Effect.Out or Effect.NoConnection)) recipient.Tried.Add(key);
            if (fate is Fate.NextHost or Fate.Held && recipient.Doubt?.Host == key && (isStored || answered is null))
                recipient.Doubt = null;
        }
        var judged = new JudgedModel(
            effect, [.. line.Recipients], [.. refusedAt.Select(index => line.Recipients[index].Address)]);
        line.Recipients.Clear();
        line.Transmits = false;
        return judged;
    }

    public void Ended(
        DeliveryConnection connection, TransactionReport report, JudgedModel judged, List<string> told,
        DateTimeOffset now)
    {
        var line = _lines[connection];
        var host = Host(connection.Host.Key);
        if (report.Mail is { Code: < 300 } && report.Recipients.Any(r => r?.Code == 250)) host.RecipientAccepted();
        var wantsNoMore = host.Ended(line, judged.Effect, judged.Recipients[0].Mid, judged.Refused, told, now);
        if (judged.Effect is Effect.Out or Effect.NoConnection)
        {
            foreach (var recipient in judged.Recipients)
                if (wantsNoMore != true) (wantsNoMore is null ? recipient.MaybeTried : recipient.Tried).Add(host.Key);
        }
        if (!report.IsUsable) host.Ending(line, now);
    }

    /// <summary>The log tells of a host outside the end of a connection.</summary>
    public void Told(HostKey key, string what, DateTimeOffset now)
    {
        if (what.StartsWith("owes a reply", StringComparison.Ordinal)) return;
        if (what.StartsWith("owes no reply", StringComparison.Ordinal)) Host(key).Released(now);
        else Require(what.Contains("drained", StringComparison.Ordinal), $"{key} {what}, out of the blue");
    }
}
