using System.Net;
using Postern.Mail;
using Postern.Mail.Dsn;

namespace Postern.Reporting.Tests;

/// <summary>One event of each kind with its line or lines: those of contract §5 and, behind them, ours.</summary>
internal static class Samples
{
    private static readonly Icid Five = new(5);
    private static readonly Mid Six = new(6);
    private static readonly Rid[] First = [new(0)];
    private static readonly IPAddress Loopback = IPAddress.Loopback;

    /// <summary>Wed Jul  2 09:15:07 2014 in Rome, where the tests are at home.</summary>
    public static readonly DateTimeOffset At = new(2014, 7, 2, 7, 15, 7, TimeSpan.Zero);

    public static readonly TimeZoneInfo Rome = TimeZoneInfo.CreateCustomTimeZone(
        "Test/Rome", TimeSpan.FromHours(2), "Rome in summer", "Rome in summer");

    private static readonly DateTimeOffset Later = At.AddSeconds(60);

    public static readonly (string Lines, MailEvent Event)[] All =
    [
        ("New SMTP ICID 5 interface incoming (127.0.0.1) address 127.0.0.1 reverse dns host localhost verified yes",
            new IncomingConnection(Five, "incoming", Loopback, Loopback, "localhost", true)),
        ("New SMTP ICID 5 interface incoming (127.0.0.1) address 2001:db8::1 reverse dns host unknown verified no",
            new IncomingConnection(Five, "incoming", Loopback, IPAddress.Parse("2001:db8::1"), null, false)),
        ("ICID 5 RELAY SG relay_from match 127.0.0.0/8",
            new SenderGroupMatched(Five, true, "relay_from", "127.0.0.0/8")),
        ("ICID 5 ACCEPT SG accept_for match ALL", new SenderGroupMatched(Five, false, "accept_for", "ALL")),
        ("Start MID 6 ICID 5", new MessageStarted(Six, Five)),
        ("Start MID 7 ICID 0", new MessageStarted(new Mid(7), new Icid(0))),
        ("MID 6 ICID 5 From: <alice@src.example>", new MessageFrom(Six, Five, Mailbox.Parse("alice@src.example"))),
        ("MID 6 ICID 5 From: <>", new MessageFrom(Six, Five, null)),
        ("MID 6 ICID 5 RID 0 To: <bob@example.com>",
            new RecipientAccepted(Six, Five, new Rid(0), Mailbox.Parse("bob@example.com"))),
        ("MID 6 ICID 5 To: <x@other.example> Rejected by RAT", new RecipientRejected(Six, Five, "x@other.example")),
        ("MID 6 Message-ID '<322n7l@host>'", new MessageIdSeen(Six, "<322n7l@host>")),
        ("MID 6 Subject \"hello\"", new SubjectSeen(Six, "hello")),
        ("MID 6 ready 1043 bytes from <alice@src.example>",
            new MessageReady(Six, 1043, Mailbox.Parse("alice@src.example"))),
        ("MID 6 queued for delivery", new MessageQueued(Six)),
        ("ICID 5 close", new IncomingClosed(Five)),
        ("New SMTP DCID 299 interface 127.0.0.1 address 127.0.0.10 port 2510",
            new OutgoingConnection(new Dcid(299), Loopback, IPAddress.Parse("127.0.0.10"), 2510)),
        ("Connection Error: DCID 299 domain: example.com IP: 127.0.0.10 port: 2510 details: " +
            @"431-?example.com ESMTP\nMail system full interface: 127.0.0.1 reason: unexpected SMTP response",
            new OutgoingConnectionError(new Dcid(299), "example.com", "127.0.0.10", 2510,
                "431-?example.com ESMTP\nMail system full", Loopback, "unexpected SMTP response")),
        ("Connection Error: DCID 301 domain: example.com IP: 127.0.0.11 port: 2510 details: " +
            "[Errno 111] Connection refused interface: 127.0.0.1 reason: network error",
            new OutgoingConnectionError(new Dcid(301), "example.com", "127.0.0.11", 2510,
                "[Errno 111] Connection refused", Loopback, "network error")),
        ("Connection Error: DCID 0 domain: example.com IP: mx.example.com port: 25 details: " +
            "no address interface: unknown reason: network error",
            new OutgoingConnectionError(new Dcid(0), "example.com", "mx.example.com", 25,
                "no address", null, "network error")),
        ("DCID 300 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384",
            new OutgoingTls(new Dcid(300), "TLSv1.3", "TLS_AES_256_GCM_SHA384")),
        ("Delivery start DCID 300 MID 6 to RID [0, 1]",
            new DeliveryStarted(new Dcid(300), Six, [new Rid(0), new Rid(1)])),
        ("Message done DCID 300 MID 6 to RID [0]\nMID 6 RID [0] Response '2.0.0 accepted'",
            new Delivered(new Dcid(300), Six, First, "2.0.0 accepted")),
        ("Delayed: DCID 300 MID 6 to RID 1 - 4.3.1 - Mail system full " +
            "('452', ['4.3.1 Insufficient system resources'])",
            new Delayed(new Dcid(300), Six, new Rid(1),
                new SmtpReply(452, ["4.3.1 Insufficient system resources"]) { Status = new(4, 3, 1) })),
        ("MID 6 to RID [1] pending till Wed Jul  2 09:16:07 2014 [default]",
            new RecipientsPending(Six, [new Rid(1)], Later, "default")),
        ("Bounced: DCID 300 MID 6 to RID 1 - 5.1.1 - Bad destination email address ('550', ['5.1.1 no such user'])",
            new Bounced(new Dcid(300), Six, new Rid(1), new(5, 1, 1), "550", ["5.1.1 no such user"])),
        ("Bounced: DCID 0 MID 6 to RID 2 - 5.1.2 - Bad destination host " +
            "('000', ['DNS Hard Error looking up nowhere.example (MX):  NXDomain'])",
            new Bounced(new Dcid(0), Six, new Rid(2), new(5, 1, 2), "000",
                ["DNS Hard Error looking up nowhere.example (MX):  NXDomain"])),
        ("Possible Delivery: DCID 300 MID 6 to [0]", new PossibleDelivery(new Dcid(300), Six, First)),
        ("Uncertain: DCID 300 MID 6 to RID [0] - no reply after the final dot, " +
            "pending till Wed Jul  2 09:26:07 2014 [default]",
            new Uncertain(new Dcid(300), Six, First, At.AddMinutes(11), "default", false)),
        ("MID 7 was generated for bounce of MID 6", new BounceGenerated(new Mid(7), Six)),
        ("MID 8 was generated for delay warning of MID 6",
            new BounceGenerated(new Mid(8), Six, DsnAction.Delayed)),
        ("MID 9 was generated for success report of MID 6",
            new BounceGenerated(new Mid(9), Six, DsnAction.Relayed)),
        ("MID 10 was generated for alert", new AlertGenerated(new Mid(10))),
        ("MID 6 to RID [0] no report to <alice@src.example>: its domain gets more than max_bounces_per_hour",
            new ReportDropped(Six, First, Mailbox.Parse("alice@src.example"))),
        ("Message finished MID 6 done", new MessageFinished(Six)),
        ("DCID 300 close", new OutgoingClosed(new Dcid(300))),
        ("ICID 5 command line too long, 500 5.5.2 answered",
            new IncomingProblem(Five, "command line too long, 500 5.5.2 answered")),
        ("Message aborted MID 6 ICID 5 the client closed the connection",
            new MessageAborted(Six, Five, "the client closed the connection")),
        ("Double bounce: MID 7 to RID 0", new DoubleBounce(new Mid(7), new Rid(0))),
        ("Discarded: MID 6 to RID [0] - the route is /dev/null", new Discarded(Six, First)),
        ("Deleted: MID 6 to RID [0] - by the operator", new Deleted(Six, First)),
        ("Redirected: MID 6 to RID [0] - to [relay.example]:587 by the operator",
            new Redirected(Six, First, "[relay.example]:587")),
        ("Host 127.0.0.10:2510: left out for 60 seconds after a banner of 431.",
            new HostHealthChanged("127.0.0.10:2510", "left out for 60 seconds after a banner of 431.")),
        ("SMTP routes reloaded, 3 routes", new GatewayNotice("Info", "SMTP routes reloaded, 3 routes")),
        ("12 events were not logged", new EventsNotLogged(12)),
    ];

    /// <summary>Every kind of event there is.</summary>
    public static IEnumerable<Type> Kinds => typeof(MailEvent).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(MailEvent)) && !type.IsAbstract);

    /// <summary>A file of the repository.</summary>
    public static string ReadRepository(params string[] path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Postern.slnx")))
            folder = folder.Parent;
        Assert.NotNull(folder);
        return File.ReadAllText(Path.Combine([folder.FullName, .. path]));
    }
}
