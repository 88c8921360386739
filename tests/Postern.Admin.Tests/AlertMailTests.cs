using System.Text;
using Microsoft.Extensions.Time.Testing;
using Postern.Admin.Alerts;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Spool;

namespace Postern.Admin.Tests;

/// <summary>Alerts as they are mailed, octet for octet.</summary>
public sealed class AlertMailTests
{
    private static readonly DateTimeOffset began = new(2026, 11, 26, 21, 10, 0, TimeSpan.Zero);

    private static readonly Alert left = new(AlertKind.HostLeftOut, "10.0.0.1:25",
        "the host 10.0.0.1:25 is left out; it said: 421 come\r\nBcc: evil\u001b later", began, null);

    private readonly FakeTimeProvider time = new(began.AddSeconds(5));
    private readonly List<(Envelope Envelope, EnvelopeRecipient Recipient, string Content)> mailed = [];
    private readonly List<string> told = [];

    [Fact]
    public async Task An_alert_is_a_message_to_each_address_that_nobody_answers_and_no_report_is_made_of()
    {
        await MailAsync(new AlertSettings { MailTo = [Mailbox.Parse("ops@a.example"), Mailbox.Parse("b@b.example")] },
            2, left);

        Assert.Equal(["ops@a.example", "b@b.example"], mailed.Select(m => m.Recipient.ForwardPath.Text));
        Assert.All(mailed, m => Assert.Equal((null, DsnNotify.Never), (m.Envelope.ReversePath, m.Recipient.Notify)));
        Assert.Equal("""
            Date: Thu, 26 Nov 2026 21:10:05 +0000
            From: Mail Delivery System <MAILER-DAEMON@gw.example>
            To: ops@a.example
            Subject: [gw.example] Alert: a destination host is left out (10.0.0.1:25)
            Message-ID: <notice.7@gw.example>
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii
            Content-Transfer-Encoding: 7bit

            On gw.example this is wrong since 2026-11-26 21:10:00 +00:00:

                the host 10.0.0.1:25 is left out; it said: 421 come Bcc: evil\x1B later.

            Its mail goes to the next host of each route, or waits. 'postern hoststatus
            10.0.0.1:25' tells more.

            """.ReplaceLineEndings("\r\n"), mailed[0].Content);
    }

    [Fact]
    public async Task In_German_it_is_quoted_printable_and_tells_its_end_and_in_both_languages_English_comes_first()
    {
        var over = new Alert(AlertKind.DiskLow, "", "12 MB are free", began, began.AddMinutes(3));
        var to = new AlertSettings
        {
            MailTo = [Mailbox.Parse("ops@a.example")],
            MailFrom = Mailbox.Parse("gw@a.example"),
            Language = ReportLanguage.German,
        };
        await MailAsync(to, 1, over with { Ended = null });
        await MailAsync(to with { Language = ReportLanguage.Both }, 1, over);

        Assert.All(mailed, m => Assert.Equal(
            ("gw@a.example", DsnNotify.Unspecified), (m.Envelope.ReversePath!.Text, m.Recipient.Notify)));
        Assert.Contains("From: gw@a.example\r\n", mailed[0].Content, StringComparison.Ordinal);
        Assert.Contains("Subject: [gw.example] Alarm: die Platte ist fast voll\r\n", mailed[0].Content,
            StringComparison.Ordinal);
        Assert.EndsWith("""
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Auf gw.example stimmt seit 2026-11-26 21:10:00 +00:00 etwas nicht:

                12 MB are free.

            Bis wieder Platz ist, werden Einlieferer gebeten, sp=C3=A4ter wiederzukomme=
            n. Was
            angenommen ist, wird zugestellt. 'postern spool stats' zeigt, was der Spool
            enth=C3=A4lt.

            """.ReplaceLineEndings("\r\n"), mailed[0].Content, StringComparison.Ordinal);
        Assert.Contains("Subject: [gw.example] Over: the disk is nearly full\r\n", mailed[1].Content,
            StringComparison.Ordinal);
        Assert.EndsWith("""
            On gw.example this is over since 2026-11-26 21:13:00 +00:00; it began at
            2026-11-26 21:10:00 +00:00:

                12 MB are free.

            ----------------------------------------

            Auf gw.example ist seit 2026-11-26 21:13:00 +00:00 vorbei, was 2026-11-26
            21:10:00 +00:00 begann:

                12 MB are free.

            """.ReplaceLineEndings("\r\n"), mailed[1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_the_spool_is_closed_is_mailed_when_it_is_over_and_what_cannot_be_mailed_is_told()
    {
        var closed = new Alert(AlertKind.SpoolClosed, "", "the spool is closed", began, null);
        var settings = new AlertSettings { MailTo = [Mailbox.Parse("ops@a.example")] };
        await MailAsync(settings, 1, closed, closed with { Ended = began.AddMinutes(1) });
        Assert.Contains("Over: the spool is closed", Assert.Single(mailed).Content, StringComparison.Ordinal);

        var refused = new TaskCompletionSource();
        await using var mailer = new AlertMailer(() => settings, _ => throw new SpoolFullException(), time, text =>
        {
            told.Add(text);
            refused.SetResult();
        });
        mailer.Post("gw.example", left);
        await refused.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal("An alert could not be mailed to ops@a.example: the disk of the spool is nearly full", told[0]);
    }

    [Fact]
    public async Task Of_more_than_sixty_in_an_hour_the_next_mail_says_how_many_were_not_mailed()
    {
        var settings = new AlertSettings { MailTo = [Mailbox.Parse("ops@a.example")] };
        await using var mailer = Mailer(settings, AlertQueue.MaxInHour + 1, out var all);
        for (var i = 0; i < AlertQueue.MaxInHour + 7; i++) mailer.Post("gw.example", left);
        time.Advance(TimeSpan.FromHours(1));
        mailer.Post("gw.example", left);
        await all.WaitAsync(TimeSpan.FromSeconds(60));

        Assert.DoesNotContain("too many", mailed[^2].Content, StringComparison.Ordinal);
        Assert.Contains("Alerts before it that were not mailed, being too many: 7.", mailed[^1].Content,
            StringComparison.Ordinal);
    }

    private async Task MailAsync(AlertSettings settings, int expected, params Alert[] alerts)
    {
        await using var mailer = Mailer(settings, expected, out var all);
        foreach (var alert in alerts) mailer.Post("gw.example", alert);
        await all.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private AlertMailer Mailer(AlertSettings settings, int expected, out Task all)
    {
        var came = new TaskCompletionSource();
        all = came.Task;
        return new AlertMailer(() => settings, message =>
        {
            lock (mailed)
            {
                mailed.Add((message.EnvelopeFor("x"), message.Recipient,
                    Encoding.UTF8.GetString(message.Compose(new Mid(7)))));
                if (--expected == 0) came.SetResult();
            }
            return Task.CompletedTask;
        }, time, told.Add);
    }
}
