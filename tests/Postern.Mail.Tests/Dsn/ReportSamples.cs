using System.Text;
using Postern.Mail.Dsn;

namespace Postern.Mail.Tests.Dsn;

/// <summary>Requests for reports, and the rules that every report keeps.</summary>
internal static class ReportSamples
{
    private static readonly DateTimeOffset Arrived = new(2014, 7, 2, 9, 15, 7, TimeSpan.FromHours(2));

    /// <summary>A message as the spool holds it.</summary>
    public const string Message =
        "Received: from client.example ([127.0.0.1]) by gw.example.com (Postern) with ESMTP id 6;\r\n" +
        " Wed, 02 Jul 2014 09:15:07 +0200\r\n" +
        "From: alice@src.example\r\n" +
        "To: bob@example.com\r\n" +
        "Subject: hello\r\n" +
        "Message-ID: <322n7l@host>\r\n" +
        "\r\n" +
        "Hello Bob,\r\n" +
        ".this line begins with a dot\r\n";

    /// <summary>One recipient that a host refused.</summary>
    public static ReportRequest Refused(string sender = "alice@src.example", string message = Message) => new()
    {
        HostName = "gw.example.com",
        MessageId = "<7.20140702091508@gw.example.com>",
        Date = Arrived.AddSeconds(1),
        Mid = new Mid(6),
        Original = new Envelope { ReversePath = Mailbox.Parse(sender) },
        Arrived = Arrived,
        Recipients =
        [
            new ReportedRecipient(To(0, "bob@example.com"), new(5, 1, 1))
            {
                RemoteHost = "mx.example.com",
                Reply = new SmtpReply(550, ["5.1.1 no such user"]) { Status = new(5, 1, 1) },
                LastAttempt = Arrived.AddSeconds(1).ToUniversalTime(),
            },
        ],
        Content = Encoding.Latin1.GetBytes(message),
        ContentSize = message.Length,
    };

    /// <summary>Three recipients that failed in three ways, with all that a client can ask for.</summary>
    public static ReportRequest Several() => Refused() with
    {
        Original = new Envelope
        {
            ReversePath = Mailbox.Parse("alice@src.example"),
            Return = DsnReturn.Full,
            EnvelopeId = "QQ+2B314+20x",
        },
        Recipients =
        [
            new ReportedRecipient(
                To(0, "bob@example.com") with { OriginalRecipient = "rfc822;Bob+2BSmith@old.example" }, new(5, 2, 2))
            {
                RemoteHost = "127.0.0.10",
                Reply = new SmtpReply(552,
                    ["5.2.2 This mailbox is full and has been full for a very long time, so that", "we refuse",
                        "more"]) { Status = new(5, 2, 2) },
            },
            new ReportedRecipient(To(2, "carol@nowhere.example"), new(5, 1, 2))
            {
                Explanation = "DNS Hard Error looking up nowhere.example (MX):  NXDomain",
            },
            new ReportedRecipient(To(3, "dave@example.com"), new(5, 4, 7))
            {
                RemoteHost = "mx.example.com",
                Reply = new SmtpReply(452, ["4.3.1 Insufficient system resources"]) { Status = new(4, 3, 1) },
            },
        ],
    };

    /// <summary>Mail that waits: for one recipient a host spoke, for the other no host was ever reached.</summary>
    public static ReportRequest Delayed() => Refused() with
    {
        Action = DsnAction.Delayed,
        RetryUntil = Arrived.AddHours(72),
        Recipients =
        [
            new ReportedRecipient(To(0, "bob@example.com"), new(4, 2, 2))
            {
                RemoteHost = "mx.example.com",
                Reply = new SmtpReply(452, ["4.2.2 mailbox full"]) { Status = new(4, 2, 2) },
                LastAttempt = Arrived.AddHours(4),
            },
            new ReportedRecipient(To(1, "carol@example.net"), new(4, 4, 1)) { Explanation = "Connection refused" },
        ],
    };

    /// <summary>Mail that a host took which does not report by itself.</summary>
    public static ReportRequest Relayed() => Refused() with
    {
        Action = DsnAction.Relayed,
        Recipients =
        [
            new ReportedRecipient(To(0, "bob@example.com"), new(2, 0, 0))
            {
                RemoteHost = "mx.example.com",
                Reply = new SmtpReply(250, ["2.0.0 accepted"]) { Status = new(2, 0, 0) },
                LastAttempt = Arrived.AddSeconds(1),
            },
        ],
    };

    public static EnvelopeRecipient To(int rid, string address) => new(new Rid(rid), Mailbox.Parse(address));

    /// <summary>
    /// Composes, and checks what holds for every report: CRLF alone, short lines, octets as declared.
    /// </summary>
    public static DeliveryReport Compose(ReportRequest request)
    {
        var report = DeliveryReport.Compose(request);
        var octets = report.Content.Span;
        Assert.True(octets.EndsWith("\r\n"u8));
        Assert.False(octets.Contains((byte)0));
        foreach (var range in octets.Split("\r\n"u8))
        {
            var line = octets[range];
            Assert.True(line.Length <= 998, $"a line of {line.Length} octets");
            Assert.False(line.ContainsAny((byte)'\r', (byte)'\n'), "a stray CR or LF");
        }
        var beyondAscii = octets.ContainsAnyExceptInRange((byte)0, (byte)127);
        Assert.Equal(beyondAscii || report.Envelope.SmtpUtf8, report.HasEightBit);
        Assert.Null(report.Envelope.ReversePath);
        Assert.Equal(DsnNotify.Never, report.Recipient.Notify);
        return report;
    }
}
