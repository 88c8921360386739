using System.Text;
using MimeKit;
using Postern.Mail.Dsn;

namespace Postern.Mail.Tests.Dsn;

/// <summary>Reports as another program reads them, and hostile input to them.</summary>
public sealed class DsnParsedTests
{
    [Fact]
    public void A_report_has_the_fields_of_rfc_3464()
    {
        var message = Parse(ReportSamples.Several());
        Assert.Equal("MAILER-DAEMON@gw.example.com", message.From.Mailboxes.Single().Address);
        Assert.Equal("alice@src.example", message.To.Mailboxes.Single().Address);
        Assert.Equal("auto-replied", message.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal("7.20140702091508@gw.example.com", message.MessageId);
        Assert.Equal(new DateTimeOffset(2014, 7, 2, 9, 15, 8, TimeSpan.FromHours(2)), message.Date);

        var report = Assert.IsType<MultipartReport>(message.Body);
        Assert.Equal("delivery-status", report.ReportType);
        var status = Assert.IsType<MessageDeliveryStatus>(report[1]);
        Assert.Equal(4, status.StatusGroups.Count);
        Assert.Equal(
            ["Reporting-MTA: dns; gw.example.com", "Original-Envelope-Id: QQ+314 x",
                "Arrival-Date: Wed, 02 Jul 2014 09:15:07 +0200"],
            Fields(status.StatusGroups[0]));
        Assert.Equal(
            ["Original-Recipient: rfc822; Bob+Smith@old.example", "Final-Recipient: rfc822; bob@example.com",
                "Action: failed", "Status: 5.2.2", "Remote-MTA: dns; [127.0.0.10]",
                "Diagnostic-Code: smtp; 552 5.2.2 This mailbox is full and has been full for a very long time, " +
                "so that we refuse more", "Final-Log-ID: MID 6 RID 0"],
            Fields(status.StatusGroups[1]));
        // No host spoke for the second.
        Assert.Equal(
            ["Final-Recipient: rfc822; carol@nowhere.example", "Action: failed", "Status: 5.1.2",
                "Final-Log-ID: MID 6 RID 2"],
            Fields(status.StatusGroups[2]));
        Assert.Equal("Remote-MTA: dns; mx.example.com", Fields(status.StatusGroups[3])[3]);
        Assert.Equal("Diagnostic-Code: smtp; 452 4.3.1 Insufficient system resources",
            Fields(status.StatusGroups[3])[4]);
    }

    // RFC 3461 §4.3; SV106.
    [Theory]
    [InlineData(DsnReturn.Full, 10_000, true)]
    [InlineData(DsnReturn.Full, 100, false)]
    [InlineData(DsnReturn.Headers, 10_000, false)]
    [InlineData(DsnReturn.Unspecified, 10_000, false)]
    public void The_whole_message_comes_back_when_it_was_asked_for_and_is_small(DsnReturn ret, int maxCopy, bool whole)
    {
        var request = ReportSamples.Refused();
        var report = Assert.IsType<MultipartReport>(Parse(request with
        {
            Original = request.Original with { Return = ret },
            MaxCopy = maxCopy,
        }).Body);
        var text = TextOf(report[2]);
        Assert.Equal(whole ? "message/rfc822" : "text/rfc822-headers", report[2].ContentType.MimeType);
        if (whole) Assert.Equal(ReportSamples.Message, text);
        else Assert.StartsWith(text.TrimEnd(), ReportSamples.Message, StringComparison.Ordinal);
        Assert.Equal(whole, text.Contains("Hello Bob", StringComparison.Ordinal));
        Assert.True(text.Length <= Math.Max(maxCopy, ReportSamples.Message.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\nbody only\r\n")]
    [InlineData("no line end")]
    public void A_message_without_a_header_comes_back_as_nothing(string message) =>
        Assert.Equal(2, Assert.IsType<MultipartReport>(Parse(ReportSamples.Refused(message: message)).Body).Count);

    // RFC 2047 was not asked for: 8-bit stays as it is, and is declared (RFC 6152 §3).
    [Fact]
    public void Eight_bit_of_the_original_is_declared_and_kept()
    {
        var report = ReportSamples.Compose(ReportSamples.Refused(message: "Subject: caf\u00e9\r\n\r\nbody\r\n"));
        Assert.True(report.HasEightBit);
        Assert.False(report.Envelope.SmtpUtf8);
        Assert.True(report.Content.Span.Contains((byte)0xE9));
        Assert.Contains("Content-Transfer-Encoding: 8bit", TextOf(report), StringComparison.Ordinal);
    }

    // Hardening S5, S7, D2: stray CR, LF and NUL, and a line without end.
    [Theory]
    [InlineData("Subject: a\nb\rc\0d\r\n\r\n", "Subject: a b c d")]
    [InlineData("Subject: a\r\r\nX: b\r\n\r\n", "Subject: a ")]
    [InlineData("Subject: a\r\n.\r\nMAIL FROM:<x@y>\r\n\r\n", "\r\n.\r\n")]
    public void The_original_cannot_break_the_lines_of_the_report(string message, string shown) =>
        Assert.Contains(shown, TextOf(ReportSamples.Compose(ReportSamples.Refused(message: message))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData(997)]
    [InlineData(998)]
    [InlineData(999)]
    [InlineData(9_000)]
    public void A_line_without_end_is_folded_in_a_header_and_keeps_a_body_out(int length)
    {
        var long1 = new string('\u00e9', length - 9);
        var report = ReportSamples.Compose(ReportSamples.Refused(
            message: $"Subject: {long1}\r\nX-Next: 1\r\n\r\nbody\r\n"));
        Assert.Equal(length <= 998, TextOf(report).Contains(long1, StringComparison.Ordinal));
        Assert.Contains("X-Next: 1", TextOf(report), StringComparison.Ordinal);

        var request = ReportSamples.Refused(message: $"Subject: x\r\n\r\n{new string('x', length)}\r\n");
        var full = ReportSamples.Compose(request with
        {
            Original = request.Original with { Return = DsnReturn.Full },
            MaxCopy = 100_000,
        });
        Assert.Equal(length <= 998, TextOf(full).Contains("message/rfc822", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fold_is_not_within_a_character_of_utf8()
    {
        for (var pad = 0; pad < 4; pad++)
        {
            var line = "Subject: " + new string('x', pad) + string.Concat(Enumerable.Repeat("\U0001F600", 600));
            var octets = Encoding.UTF8.GetBytes(line + "\r\n\r\n");
            var report = ReportSamples.Compose(
                ReportSamples.Refused() with { Content = octets, ContentSize = octets.Length });
            Assert.DoesNotContain('\ufffd', Encoding.UTF8.GetString(report.Content.Span));
        }
    }

    // Hardening I3: no field can be ended or added by what a peer sent.
    [Fact]
    public void A_hostile_reply_stays_in_its_field()
    {
        const string evil = "5.1.1 x\r\nX-Evil: 1\r\n\r\n--b\0\u001b[31m\u202e\u00e9";
        var request = ReportSamples.Refused();
        var message = Parse(request with
        {
            Recipients =
            [
                new ReportedRecipient(ReportSamples.To(0, "bob@example.com"), new(5, 1, 1))
                {
                    RemoteHost = "mx\r\nX-Evil: 2",
                    Reply = new SmtpReply(550, [evil, evil]),
                },
                new ReportedRecipient(ReportSamples.To(1, "carol@example.com"), new(5, 1, 2)) { Explanation = evil },
            ],
        });
        var report = Assert.IsType<MultipartReport>(message.Body);
        var status = Assert.IsType<MessageDeliveryStatus>(report[1]);
        Assert.Equal(3, status.StatusGroups.Count);
        Assert.Equal(6, status.StatusGroups[1].Count);
        const string shown = @"5.1.1 x X-Evil: 1 --b\x00\x1B[31m\xE2\x80\xAE\xC3\xA9";
        Assert.Equal($"Diagnostic-Code: smtp; 550 {shown} {shown}", Fields(status.StatusGroups[1])[4]);
        Assert.Equal("Remote-MTA: dns; mx X-Evil: 2", Fields(status.StatusGroups[1])[3]);
        Assert.DoesNotContain(message.Headers, header => header.Field == "X-Evil");
        Assert.Equal(3, report.Count);
    }

    [Fact]
    public void A_reply_of_any_length_is_cut_and_folded()
    {
        var request = ReportSamples.Refused();
        foreach (var text in new[] { new string('x', 200_000), string.Concat(Enumerable.Repeat("\u0001", 5000)) })
        {
            var report = ReportSamples.Compose(request with
            {
                Recipients = [request.Recipients[0] with { Reply = new SmtpReply(550, [text, text]) }],
            });
            Assert.InRange(report.Content.Length, 1000, 12_000);
        }
    }

    // RFC 3461 §4.2, §4.4 and hardening I3: only what can be shown as it was is shown.
    [Theory]
    [InlineData("QQ314159", "QQ314159")]
    [InlineData("a+2Bb+20c", "a+b c")]
    [InlineData("a+0D+0AX-Evil:+201", null)]
    [InlineData("a+00b", null)]
    [InlineData("a+E9b", null)]
    [InlineData("a+2b", null)]
    [InlineData("a+2", null)]
    [InlineData("a\u00e9", null)]
    [InlineData("+20", null)]
    [InlineData("", null)]
    public void The_envelope_id_is_decoded_when_it_is_printable(string xtext, string? shown)
    {
        var request = ReportSamples.Refused();
        var status = StatusOf(request with { Original = request.Original with { EnvelopeId = xtext } });
        Assert.Equal(shown, status.StatusGroups[0]["Original-Envelope-Id"]);
    }

    [Theory]
    [InlineData("rfc822;bob+40x@example.com", "rfc822; bob@x@example.com")]
    [InlineData("x400;/c=de/", "x400; /c=de/")]
    [InlineData("utf-8;j\\x{FC}rgen@example.com", "utf-8; j\\x{FC}rgen@example.com")]
    [InlineData("utf-8;j\u00fcrgen@example.com", null)]
    [InlineData("rfc822;bob+0D+0Ax", null)]
    [InlineData("rf\r\nc;bob", null)]
    [InlineData(";bob", null)]
    [InlineData("bob", null)]
    [InlineData(null, null)]
    public void The_original_recipient_is_given_when_it_was_given(string? orcpt, string? shown)
    {
        var request = ReportSamples.Refused();
        var failed = request.Recipients[0];
        var status = StatusOf(request with
        {
            Recipients = [failed with { Recipient = failed.Recipient with { OriginalRecipient = orcpt } }],
        });
        Assert.Equal(shown, status.StatusGroups[1]["Original-Recipient"]);
    }

    [Fact]
    public void The_boundary_is_not_in_the_original_even_when_an_earlier_report_comes_back()
    {
        var first = TextOf(ReportSamples.Compose(ReportSamples.Several()));
        var request = ReportSamples.Refused(message: first);
        var report = Assert.IsType<MultipartReport>(Parse(request with
        {
            Original = request.Original with { Return = DsnReturn.Full },
        }).Body);
        Assert.Equal(first, TextOf(report[2]));
    }

    [Fact]
    public void A_thousand_recipients_are_all_in_the_part_for_programs()
    {
        var request = ReportSamples.Refused();
        var report = Assert.IsType<MultipartReport>(Parse(request with
        {
            Recipients = [.. Enumerable.Range(0, 1000).Select(rid => request.Recipients[0] with
            {
                Recipient = ReportSamples.To(rid, $"user{rid}@example.com"),
            })],
        }).Body);
        Assert.Equal(1001, Assert.IsType<MessageDeliveryStatus>(report[1]).StatusGroups.Count);
        Assert.Contains("900 recipients more", Assert.IsType<TextPart>(report[0]).Text, StringComparison.Ordinal);
    }

    // RFC 3461 §4.1, RFC 5321 §4.5.4; SV102, SV103, SV107.
    [Theory]
    [InlineData(DsnNotify.Unspecified, true, true, false)]
    [InlineData(DsnNotify.Never, false, false, false)]
    [InlineData(DsnNotify.Failure, true, false, false)]
    [InlineData(DsnNotify.Failure | DsnNotify.Delay, true, true, false)]
    [InlineData(DsnNotify.Success, false, false, true)]
    [InlineData(DsnNotify.Delay, false, true, false)]
    public void A_report_is_wanted_by_notify_and_never_by_the_null_reverse_path(
        DsnNotify notify, bool failed, bool delayed, bool relayed)
    {
        var recipient = ReportSamples.To(0, "bob@example.com") with { Notify = notify };
        var actions = (DsnAction[])[DsnAction.Failed, DsnAction.Delayed, DsnAction.Relayed];
        Assert.Equal([failed, delayed, relayed],
            actions.Select(a => DeliveryReport.IsWanted(ReportSamples.Refused().Original, recipient, a)));
        Assert.All(actions, a => Assert.False(DeliveryReport.IsWanted(new Envelope(), recipient, a)));
    }

    // RFC 3464 §2.3.7 to §2.3.9.
    [Fact]
    public void A_delay_says_when_it_was_tried_last_and_until_when_it_will_be()
    {
        var status = StatusOf(ReportSamples.Delayed());
        Assert.Equal(
            ["Final-Recipient: rfc822; bob@example.com", "Action: delayed", "Status: 4.2.2",
                "Remote-MTA: dns; mx.example.com", "Diagnostic-Code: smtp; 452 4.2.2 mailbox full",
                "Last-Attempt-Date: Wed, 02 Jul 2014 13:15:07 +0200", "Final-Log-ID: MID 6 RID 0",
                "Will-Retry-Until: Sat, 05 Jul 2014 09:15:07 +0200"],
            Fields(status.StatusGroups[1]));
        Assert.Null(status.StatusGroups[2]["Last-Attempt-Date"]);
        Assert.Throws<ArgumentException>(
            () => DeliveryReport.Compose(ReportSamples.Delayed() with { RetryUntil = null }));
    }

    // RFC 3461 §4.3: RET is about failures; what waits or was passed on comes back as its header.
    [Fact]
    public void Only_a_failure_returns_the_whole_message()
    {
        foreach (var request in new[] { ReportSamples.Delayed(), ReportSamples.Relayed() })
        {
            var report = Assert.IsType<MultipartReport>(Parse(request with
            {
                Original = request.Original with { Return = DsnReturn.Full },
            }).Body);
            Assert.Equal("text/rfc822-headers", report[2].ContentType.MimeType);
        }
    }

    [Fact]
    public void A_message_beyond_the_bound_comes_back_up_to_the_end_of_a_line()
    {
        var body = string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i:000}\r\n"));
        var request = ReportSamples.Refused(message: "Subject: x\r\n\r\n" + body);
        var report = Assert.IsType<MultipartReport>(Parse(request with
        {
            Original = request.Original with { Return = DsnReturn.Full },
            MaxCopy = 118,
        }).Body);
        Assert.Equal("Subject: x\r\n\r\n" + body[..100], TextOf(Assert.IsType<MessagePart>(report[2])));
    }

    // RFC 6533 §4: what comes back of a message with SMTPUTF8.
    [Theory]
    [InlineData(DsnReturn.Full, "message/global")]
    [InlineData(DsnReturn.Headers, "message/global-headers")]
    public void What_was_sent_with_smtputf8_comes_back_as_global(DsnReturn ret, string type)
    {
        var request = ReportSamples.Refused(message: "Subject: x\r\n\r\nbody\r\n");
        var report = Assert.IsType<MultipartReport>(Parse(request with
        {
            Original = request.Original with { Return = ret, SmtpUtf8 = true },
        }).Body);
        Assert.Equal(type, report[2].ContentType.MimeType);
    }

    [Fact]
    public void A_subject_beyond_ascii_is_encoded_for_who_reads_ascii_only_and_bare_for_others()
    {
        var subject = string.Concat(Enumerable.Repeat("Zür\U0001F600", 25));
        var template = ReportTemplateTests.Valid($"[failed]\nSubject: {subject}\n{{recipients}}\n");
        var encoded = ReportSamples.Compose(ReportSamples.Refused() with { Template = template });
        Assert.True(Ascii.IsValid(encoded.Content.Span[..encoded.Content.Span.IndexOf("\r\n\r\n"u8)]));
        Assert.Equal(subject, Parse(ReportSamples.Refused() with { Template = template }).Subject);
        var bare = ReportSamples.Compose(ReportSamples.Refused("\u00e5sa@src.example") with { Template = template });
        Assert.Contains($"Subject: {subject}\r\n", Encoding.UTF8.GetString(bare.Content.Span),
            StringComparison.Ordinal);
    }

    [Fact]
    public void No_report_goes_to_the_null_reverse_path() =>
        Assert.Throws<ArgumentException>(
            () => DeliveryReport.Compose(ReportSamples.Refused() with { Original = new Envelope() }));

    private static MimeMessage Parse(ReportRequest request)
    {
        using var stream = new MemoryStream(ReportSamples.Compose(request).Content.ToArray());
        return MimeMessage.Load(stream);
    }

    private static MessageDeliveryStatus StatusOf(ReportRequest request) =>
        Assert.IsType<MessageDeliveryStatus>(Assert.IsType<MultipartReport>(Parse(request).Body)[1]);

    private static List<string> Fields(HeaderList group) =>
        [.. group.Select(field => $"{field.Field}: {field.Value}")];

    private static string TextOf(DeliveryReport report) => Encoding.Latin1.GetString(report.Content.Span);

    private static string TextOf(MimeEntity part)
    {
        using var stream = new MemoryStream();
        switch (part)
        {
            case MessagePart message:
                message.Message!.WriteTo(stream);
                break;
            case MimePart other:
                other.Content!.DecodeTo(stream);
                break;
        }
        return Encoding.Latin1.GetString(stream.ToArray()).ReplaceLineEndings("\r\n");
    }
}
