using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Delivery.Tests.Simulation;

/// <summary>
/// Three hosts that take nothing for 72 hours, each in its own way, while mail comes in all the time for domains with
/// different bounce profiles; and what was seen of each recipient: when it came, when it was offered to whom, what the
/// host made of it, what its sender was told, and how it ended. Whether that is right is for
/// <see cref="ProfilePromise"/> to say, which knows nothing of the scheduler.
/// </summary>
internal sealed class LongOutage
{
    public static readonly TimeSpan Length = TimeSpan.FromHours(72);

    // Domains, what their hosts do in the outage, and their profiles.
    private const string Routes = """
        down.example 10.0.0.1
        short.example 10.0.0.1
        patient.example 10.0.0.1
        untold.example 10.0.0.1
        silent.example 10.0.0.2
        busy.example 10.0.0.3
        busyshort.example 10.0.0.3
        few.example 10.0.0.3
        pair.example 10.0.0.1/pri=0, 10.0.0.3/pri=10

        """;

    private static readonly (string Domain, BounceProfile Profile)[] domains =
    [
        ("down.example", new() { Name = "day", DelayWarning = TimeSpan.FromHours(4) }),
        ("short.example", new() { MaxTimeInQueue = TimeSpan.FromHours(6), DelayWarning = TimeSpan.FromHours(1) }),
        ("patient.example", new()
        {
            MaxTimeInQueue = TimeSpan.FromHours(96), MaxRetries = 10_000, DelayWarning = TimeSpan.FromHours(24),
        }),
        ("untold.example", new()
        {
            MaxTimeInQueue = TimeSpan.FromHours(12), SendBounces = false, DelayWarning = TimeSpan.FromHours(2),
        }),
        ("silent.example", new() { MaxTimeInQueue = TimeSpan.FromHours(30) }),
        ("busy.example", new() { MaxRetries = 1000, MaxTimeInQueue = TimeSpan.FromHours(48) }),
        ("busyshort.example", new()
        {
            MaxTimeInQueue = TimeSpan.FromHours(2), InitialWait = TimeSpan.FromMinutes(7),
            MaxWait = TimeSpan.FromMinutes(30), DelayWarning = TimeSpan.FromHours(2),
        }),
        ("few.example", new() { MaxRetries = 5, DelayWarning = TimeSpan.FromMinutes(20) }),
        ("pair.example", new() { MaxRetries = 40, DelayWarning = TimeSpan.FromHours(10) }),
    ];

    private static readonly DsnNotify[] notifies =
    [
        DsnNotify.Unspecified, DsnNotify.Unspecified, DsnNotify.Unspecified, DsnNotify.Never, DsnNotify.Failure,
        DsnNotify.Delay, DsnNotify.Success | DsnNotify.Failure, DsnNotify.Success,
    ];

    private readonly Random random;
    private readonly SimHost[] hosts;
    private readonly Dictionary<(Mid, Rid), SeenRecipient> seen = [];

    public LongOutage(int seed)
    {
        random = new Random(seed);
        World = new SimWorld(Routes, new DeliveryOptions
        {
            HostName = "gw.example",
            MaxBouncesPerHour = 0,
            BounceProfiles = domains.ToDictionary(d => d.Domain, d => d.Profile with { Name = d.Domain })
                .Append(new("default", new BounceProfile())).ToDictionary(p => p.Key, p => p.Value),
            Destinations = domains.ToDictionary(
                d => d.Domain, d => new DestinationControl { BounceProfile = d.Domain }),
        }, seed)
        {
            OnAttempt = Attempted,
            OnDurable = Settled,
        };
        hosts = [World.Host("10.0.0.1"), World.Host("10.0.0.2"), World.Host("10.0.0.3")];
    }

    public SimWorld World { get; }

    /// <summary>Every recipient that came.</summary>
    public IReadOnlyCollection<SeenRecipient> Seen => seen.Values;

    /// <summary>When the hosts take mail again.</summary>
    public DateTimeOffset End { get; private set; }

    /// <summary>An hour before, the outage, six hours behind it, and as long as anything can wait.</summary>
    /// <param name="every">Between two messages, on the average.</param>
    /// <param name="restarts">How often the gateway is killed and started in the outage.</param>
    public void Run(TimeSpan every, int restarts)
    {
        Come(TimeSpan.FromHours(1), every);
        (hosts[0].Mood, hosts[1].Mood, hosts[2].Mood) = (Mood.Refuses, Mood.Silent, Mood.MailGreylisted);
        End = World.Now + Length;
        for (var part = 0; part <= restarts; part++)
        {
            Come(Length / (restarts + 1), every);
            if (part == restarts) continue;
            // At a moment in which nothing is on its way that the store does not know: what was is another test's.
            while (seen.Values.Any(r => r.LastAttempt > World.Now - TimeSpan.FromSeconds(12) && r.Ended is null
                && (r.Domain == "silent.example" || r.LastAttempt > World.Now - TimeSpan.FromMilliseconds(50))))
                World.Run(TimeSpan.FromMilliseconds(70));
            World.Restart();
        }
        World.Run(End - World.Now);
        foreach (var host in hosts) host.Mood = Mood.Well;
        Come(TimeSpan.FromHours(6), every);
        World.Run(TimeSpan.FromHours(100));
    }

    private void Come(TimeSpan span, TimeSpan every)
    {
        for (var until = World.Now + span; World.Now < until;)
        {
            Accept();
            var wait = every * (0.5 + random.NextDouble());
            World.Run(wait < until - World.Now ? wait : until - World.Now);
        }
    }

    private void Accept()
    {
        var envelope = new Envelope
        {
            ReversePath = random.Next(8) == 0 ? null : Mailbox.Parse("alice@src.example"),
        };
        var recipients = Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1).Select(index =>
            new EnvelopeRecipient(new Rid(index), Mailbox.Parse($"bob@{domains[random.Next(domains.Length)].Domain}"))
            {
                Notify = notifies[random.Next(notifies.Length)],
            }).ToList();
        var mid = World.Accept(envelope, recipients);
        foreach (var recipient in recipients)
        {
            var domain = recipient.ForwardPath.ReceivingDomain;
            seen[(mid, recipient.Rid)] = new SeenRecipient(mid, recipient, domain, World.Now,
                domains.Single(d => d.Domain == domain).Profile, envelope.ReversePath is null);
        }
    }

    // A connection that is opened for a message and its transaction there are one attempt.
    private void Attempted(DeliveryJob job, HostKey key)
    {
        var index = Array.FindIndex(hosts, host => host.Key == key);
        // Of two hosts the first only refuses: the answer of the second is what the round comes to.
        if (index == 0 && job.Queue.Name == "pair.example" && hosts[0].Mood != Mood.Well) return;
        foreach (var recipient in job.Recipients)
        {
            var of = seen[(job.Message.Mid, recipient.Rid)];
            if (of.LastAttempt > World.Now - TimeSpan.FromSeconds(2)) of.Attempts.RemoveAt(of.Attempts.Count - 1);
            of.Attempts.Add((World.Now, hosts[index].Mood));
        }
    }

    private void Settled(Settlement settlement)
    {
        foreach (var (_, line) in settlement.Events)
        {
            if (line is Bounced bounced) seen[(bounced.Mid, bounced.Rid)].End(World.Now, bounced.Status);
            if (line is not Delivered delivered) continue;
            foreach (var rid in delivered.Recipients) seen[(delivered.Mid, rid)].End(World.Now, null);
        }
        foreach (var report in settlement.Reports)
            foreach (var recipient in report.Recipients)
                seen[(settlement.Message.Mid, recipient.Recipient.Rid)].Told.Add((World.Now, report.Action));
    }
}

/// <summary>What was seen of a recipient.</summary>
internal sealed class SeenRecipient(
    Mid mid, EnvelopeRecipient recipient, string domain, DateTimeOffset came, BounceProfile profile, bool isReport)
{
    public string Domain => domain;
    public DateTimeOffset Came => came;
    public BounceProfile Profile => profile;
    public DsnNotify Notify => recipient.Notify;
    /// <summary>It came from the null reverse-path.</summary>
    public bool IsReport => isReport;
    /// <summary>When it was offered, and how the host behaved then.</summary>
    public List<(DateTimeOffset At, Mood Mood)> Attempts { get; } = [];
    public DateTimeOffset LastAttempt => Attempts.Count == 0 ? DateTimeOffset.MinValue : Attempts[^1].At;
    public List<(DateTimeOffset At, DsnAction Action)> Told { get; } = [];
    public DateTimeOffset? Ended { get; private set; }
    /// <summary>Of a failure; null: it was delivered, or has not ended.</summary>
    public EnhancedStatus? Failure { get; private set; }
    public int Ends { get; private set; }

    public void End(DateTimeOffset at, EnhancedStatus? failure) => (Ended, Failure, Ends) = (at, failure, Ends + 1);

    public override string ToString() =>
        $"MID {mid} RID {recipient.Rid} for {domain}, came {came:dd HH:mm:ss}, NOTIFY {Notify}, report {isReport}";
}
