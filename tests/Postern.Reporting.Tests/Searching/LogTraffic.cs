using System.Net;
using Postern.Mail;

namespace Postern.Reporting.Tests.Searching;

/// <summary>
/// Traffic of a gateway with many sessions and deliveries side by side, as a seed makes it: the events in their order,
/// and what is to be found in them, known without reading a line.
/// </summary>
internal sealed class LogTraffic
{
    private static readonly string[] people = ["alice", "bob", "carol", "dave"];
    private static readonly string[] domains = ["example.com", "example.net", "dead.example"];

    private readonly Random random;
    private readonly List<IEnumerator<MailEvent>> actors = [];
    private readonly List<HashSet<SentMessage>> concerned = [];
    private readonly List<(Dcid Dcid, IPAddress Address, int Port, HashSet<SentMessage> Opening)> idle = [];
    private HashSet<SentMessage> present = [];
    private long icid;
    private long mid;
    private long dcid = 100;

    public LogTraffic(int seed, int sessions)
    {
        random = new Random(seed);
        for (var session = 0; session < sessions; session++) actors.Add(Session().GetEnumerator());
        while (actors.Count > 0)
        {
            var actor = actors[random.Next(Math.Min(actors.Count, 12))];
            present = [];
            if (actor.MoveNext()) Add(actor.Current);
            else actors.Remove(actor);
        }
    }

    /// <summary>Everything that happened, in order.</summary>
    public List<MailEvent> Events { get; } = [];

    public List<SentMessage> Messages { get; } = [];

    /// <summary>The indexes of the events that tell of a message, but for ends of connections.</summary>
    public IEnumerable<int> StoryOf(SentMessage message) => Enumerable.Range(0, Events.Count)
        .Where(i => Events[i] is not (IncomingClosed or OutgoingClosed)
            && concerned[i].Any(c => c == message || c.Original == message));

    private void Add(MailEvent mailEvent)
    {
        Events.Add(mailEvent);
        concerned.Add(present);
    }

    private IEnumerable<MailEvent> Session()
    {
        var me = new Icid(++icid);
        var client = IPAddress.Parse($"127.0.1.{random.Next(1, 4)}");
        var opening = new HashSet<SentMessage>();
        present = opening;
        yield return new IncomingConnection(me, "incoming", IPAddress.Loopback, client, "localhost", true);
        present = opening;
        yield return new SenderGroupMatched(me, true, "relay_from", "127.0.0.0/8");
        for (var count = random.Next(1, 5); count > 0; count--)
        {
            var message = new SentMessage(new Mid(++mid), me, Events.Count)
            {
                Client = client,
                Sender = random.Next(8) == 0 ? null : Someone("src.example"),
                Subject = random.Next(10) == 0 ? null
                    : $"number {random.Next(20)}: MID {random.Next(1, 40)} queued for delivery\nStart MID 1 ICID 1",
            };
            Messages.Add(message);
            opening.Add(message);
            message.Start = Events.Count;
            foreach (var step in Intake(message, me)) yield return step;
        }
        yield return new IncomingClosed(me);
    }

    private IEnumerable<MailEvent> Intake(SentMessage message, Icid me)
    {
        yield return Tell(message, new MessageStarted(message.Mid, me));
        yield return Tell(message, new MessageFrom(message.Mid, me, message.Sender));
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var recipient = Someone(domains[random.Next(domains.Length)]);
            message.AllRecipients.Add(recipient);
            if (random.Next(6) == 0)
            {
                yield return Tell(message, new RecipientRejected(message.Mid, me, recipient.Text));
                continue;
            }
            message.Recipients.Add(recipient);
            yield return Tell(message,
                new RecipientAccepted(message.Mid, me, new Rid(message.Recipients.Count - 1), recipient));
        }
        if (message.Recipients.Count == 0 || random.Next(12) == 0)
        {
            message.IsFinished = true;
            yield return Tell(message, new MessageAborted(message.Mid, me, "the client closed the connection"));
            yield break;
        }
        if (message.Subject is not null) yield return Tell(message, new SubjectSeen(message.Mid, message.Subject));
        yield return Tell(message, new MessageReady(message.Mid, random.Next(100, 9000), message.Sender));
        yield return Tell(message, new MessageQueued(message.Mid));
        actors.Add(Delivery(message).GetEnumerator());
    }

    private IEnumerable<MailEvent> Delivery(SentMessage message)
    {
        foreach (var (index, recipient) in message.Recipients.Index())
        {
            var rid = new Rid(index);
            var isDead = recipient.ReceivingDomain == "dead.example";
            for (var round = 0; isDead && round < 3; round++)
            {
                present = Waiting("dead.example");
                yield return new OutgoingConnectionError(new Dcid(++dcid), "dead.example", "127.0.0.99", 25,
                    "[Errno 111] Connection refused", IPAddress.Loopback, "network error");
                yield return Tell(message, new RecipientsPending(message.Mid, [rid], Samples.At, "default"));
            }
            if (isDead)
            {
                yield return Tell(message, new Bounced(default, message.Mid, rid, new(5, 4, 7), "000", ["expired"]));
                if (message.Sender is not null) foreach (var step in Report(message)) yield return step;
                continue;
            }
            var connection = Take();
            if (connection.Opening.Count == 0)
            {
                present = connection.Opening;
                present.Add(message);
                yield return new OutgoingConnection(
                    connection.Dcid, IPAddress.Loopback, connection.Address, connection.Port);
                present = connection.Opening;
                yield return new OutgoingTls(connection.Dcid, "TLSv1.3", "TLS_AES_256_GCM_SHA384");
            }
            connection.Opening.Add(message);
            message.Attempts.Add((Events.Count, connection.Dcid, connection.Address, connection.Port));
            yield return Tell(message, new DeliveryStarted(connection.Dcid, message.Mid, [rid]));
            yield return Tell(message, new Delivered(connection.Dcid, message.Mid, [rid], "2.0.0 accepted"));
            if (random.Next(2) == 0) yield return new OutgoingClosed(connection.Dcid);
            else idle.Add(connection);
        }
        message.IsFinished = true;
        yield return Tell(message, new MessageFinished(message.Mid));
    }

    private IEnumerable<MailEvent> Report(SentMessage original)
    {
        var report = new SentMessage(new Mid(++mid), default, Events.Count) { Original = original };
        Messages.Add(report);
        yield return Tell(report, new BounceGenerated(report.Mid, original.Mid));
        report.Start = Events.Count;
        yield return Tell(report, new MessageStarted(report.Mid, default));
        yield return Tell(report, new MessageFrom(report.Mid, default, null));
        report.Recipients.Add(original.Sender!);
        report.AllRecipients.Add(original.Sender!);
        yield return Tell(report, new RecipientAccepted(report.Mid, default, new Rid(0), original.Sender!));
        yield return Tell(report, new MessageQueued(report.Mid));
        actors.Add(Delivery(report).GetEnumerator());
    }

    private (Dcid Dcid, IPAddress Address, int Port, HashSet<SentMessage> Opening) Take()
    {
        if (idle.Count > 0 && random.Next(2) == 0)
        {
            var taken = idle[random.Next(idle.Count)];
            idle.Remove(taken);
            return taken;
        }
        var address = IPAddress.Parse($"127.0.0.{random.Next(10, 14)}");
        return (new Dcid(++dcid), address, random.Next(2) == 0 ? 25 : 2525, []);
    }

    private HashSet<SentMessage> Waiting(string domain) =>
        [.. Messages.Where(m => !m.IsFinished && m.Recipients.Any(r => r.ReceivingDomain == domain))];

    private Mailbox Someone(string domain) => Mailbox.Parse($"{people[random.Next(people.Length)]}@{domain}");

    private MailEvent Tell(SentMessage message, MailEvent mailEvent)
    {
        present = [message];
        return mailEvent;
    }
}

/// <summary>A message of <see cref="LogTraffic"/>.</summary>
internal sealed class SentMessage(Mid mid, Icid icid, int start)
{
    public Mid Mid => mid;
    public Icid Icid => icid;
    public int Start { get; set; } = start;
    public IPAddress? Client { get; init; }
    public Mailbox? Sender { get; init; }
    public string? Subject { get; init; }
    public SentMessage? Original { get; init; }
    public List<Mailbox> Recipients { get; } = [];
    public List<Mailbox> AllRecipients { get; } = [];
    public List<(int Event, Dcid Dcid, IPAddress Address, int Port)> Attempts { get; } = [];
    public bool IsFinished { get; set; }
}
