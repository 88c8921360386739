using System.Net;
using System.Text;
using Postern.Mail;
using Postern.Smtp.Server;

namespace Postern.Reception.Tests;

public sealed class HeaderTests
{
    [Theory]
    [InlineData("Message-ID: <1@h>\r\nSubject: hello\r\n\r\n", "<1@h>", "hello", 0)]
    [InlineData("message-id:<1@h> \r\nSUBJECT:\t hello  there \r\n\r\n", "<1@h>", "hello  there", 0)]
    [InlineData("Message-ID:\r\n <1@h>\r\nSubject: a\r\n b\r\n\tc\r\n\r\n", "<1@h>", "a b\tc", 0)]
    [InlineData("Subject: =?utf-8?q?h=C3=A9?=\r\n\r\n", null, "=?utf-8?q?h=C3=A9?=", 0)]
    [InlineData("Subject: first\r\nSubject: second\r\n\r\n", null, "first", 0)]
    [InlineData("Subject:\r\n\r\n", null, "", 0)]
    [InlineData("Received: a\r\nX-Received: b\r\nreceived: c\r\n Received: d\r\nReceivedX: e\r\n\r\nReceived: f\r\n",
        null, null, 2)]
    [InlineData("\r\nSubject: body\r\n", null, null, 0)]
    [InlineData("no field\r\nSubject: body\r\n", null, null, 0)]
    [InlineData("Subject: unfinished", null, "unfinished", 0)]
    [InlineData("Resent-Message-ID: <2@h>\r\nMessage-I: x\r\nMessage-IDs: y\r\n\r\n", null, null, 0)]
    [InlineData("", null, null, 0)]
    public void Fields_are_found_in_any_segmentation(string content, string? messageId, string? subject, int received)
    {
        var octets = Encoding.UTF8.GetBytes(content);
        for (var segment = 1; segment <= octets.Length + 1; segment++)
        {
            var scanner = new HeaderScanner();
            for (var at = 0; at < octets.Length; at += segment)
            {
                scanner.Scan(octets.AsSpan(at, Math.Min(segment, octets.Length - at)));
            }

            Assert.Equal((messageId, subject, received), (scanner.MessageId, scanner.Subject, scanner.ReceivedFields));
        }
    }

    [Fact]
    public void Values_are_bounded_and_octets_that_are_no_UTF8_are_kept_as_Latin1()
    {
        var scanner = new HeaderScanner();
        scanner.Scan(Encoding.ASCII.GetBytes("Subject: " + new string('x', 5_000_000) + "\r\n"));
        Assert.Equal(new string('x', HeaderScanner.MaxValue - 1), scanner.Subject);
        scanner = new HeaderScanner();
        scanner.Scan([.. "Subject: gr"u8, 0xFC, 0xDF, .. "e\r\n"u8]);
        Assert.Equal("grüße", scanner.Subject);
    }

    // SV26
    [Theory]
    [InlineData("10.1.2.3", null, true, false, "from c.example ([10.1.2.3])", "ESMTP")]
    [InlineData("2001:db8::1", null, false, false, "from c.example ([IPv6:2001:db8::1])", "SMTP")]
    [InlineData("10.1.2.3", "name.example", true, true, "from c.example (name.example [10.1.2.3])", "UTF8SMTP")]
    public void SV26_SV114_the_Received_field(
        string client, string? name, bool extended, bool utf8, string from, string with)
    {
        Domain? verified = null;
        if (name is not null) Assert.True(Domain.TryParse(name, out verified));
        var request = new MailRequest(new ClientGreeting("c.example", extended), new Envelope { SmtpUtf8 = utf8 });
        var field = Encoding.ASCII.GetString(ReceivedField.Format(request, IPAddress.Parse(client), verified,
            Mailbox.Parse("a@gw.example.com").Domain!, new Mid(6),
            new DateTimeOffset(2014, 7, 2, 9, 15, 7, TimeSpan.FromHours(-3.5))));
        Assert.Equal($"Received: {from}\r\n\tby gw.example.com (Postern) with {with} id 6;\r\n"
            + "\tWed, 2 Jul 2014 09:15:07 -0330\r\n", field);
    }
}
