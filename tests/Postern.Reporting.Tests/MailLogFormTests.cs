using System.Net;
using System.Text;
using System.Text.Json;
using Postern.Mail;

namespace Postern.Reporting.Tests;

public sealed class MailLogFormTests
{
    private const string Stamp = "Wed Jul  2 09:15:07 2014 Info: ";

    [Fact]
    public async Task Every_event_has_exactly_its_line()
    {
        using var folder = new LogFolder();
        var log = folder.Open();
        foreach (var (_, mailEvent) in Samples.All) log.Publish(mailEvent);
        await log.DisposeAsync();

        var expected = Samples.All.SelectMany(sample => sample.Lines.Split('\n').Select(line =>
            (sample.Event is EventsNotLogged or ReportDropped
                ? Stamp.Replace("Info", "Warning", StringComparison.Ordinal) : Stamp) + line));
        Assert.Equal(
            string.Concat(expected.Select(line => line + "\n")), await File.ReadAllTextAsync(folder.MailLogPath));
    }

    [Fact]
    public void Every_kind_of_event_is_among_the_samples_and_in_the_guide()
    {
        var guide = Samples.ReadRepository("docs", "guide", "mail-log.md");
        foreach (var kind in Samples.Kinds)
        {
            Assert.Contains(Samples.All, sample => sample.Event.GetType() == kind);
            Assert.Contains(
                $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.Name)}`", guide, StringComparison.Ordinal);
        }
        foreach (var (lines, mailEvent) in Samples.All.DistinctBy(sample => sample.Event.GetType()))
            foreach (var line in lines.Split('\n'))
                Assert.True(guide.Contains(line, StringComparison.Ordinal), $"{mailEvent.GetType().Name}: {line}");
    }

    [Theory]
    [InlineData("Info", false, "Info")]
    [InlineData("Warning", false, "Warning")]
    [InlineData("Critical", false, "Critical")]
    [InlineData("loud", false, "Warning")]
    [InlineData("", true, "Warning")]
    public async Task Only_notices_and_alerts_have_a_level_of_their_own(string level, bool alert, string shown)
    {
        MailEvent mailEvent = alert
            ? new Uncertain(new Dcid(1), new Mid(2), [new Rid(0)], Samples.At, "default", Alert: true)
            : new GatewayNotice(level, "text");
        Assert.StartsWith($"Wed Jul  2 09:15:07 2014 {shown}: ", await LineOf(mailEvent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_with_two_digits_has_no_space_more()
    {
        using var folder = new LogFolder();
        folder.Clock.SetUtcNow(new DateTimeOffset(2026, 12, 31, 22, 30, 0, TimeSpan.Zero));
        await using (var log = folder.Open()) log.Publish(new MessageFinished(new Mid(1)));
        Assert.Equal("Fri Jan  1 00:30:00 2027 Info: Message finished MID 1 done", Assert.Single(folder.Lines));

        folder.Clock.SetUtcNow(new DateTimeOffset(2027, 1, 10, 22, 0, 0, TimeSpan.Zero));
        await using (var log = folder.Open()) log.Publish(new MessageFinished(new Mid(1)));
        Assert.Equal("Mon Jan 11 00:00:00 2027 Info: Message finished MID 1 done", folder.Lines[^1]);
    }

    // Hardening I4: nothing a peer sends ends, hides or reorders a line.
    [Theory]
    [InlineData("plain ~ text", "plain ~ text")]
    [InlineData("a\\b", @"a\\b")]
    [InlineData("a\nb\tc", @"a\nb\tc")]
    [InlineData("a\r\nb", @"a\x0D\nb")]
    [InlineData("\u001b[31mred\u007f\0", @"\x1B[31mred\x7F\x00")]
    [InlineData("\u0085\u009b", @"\xC2\x85\xC2\x9B")]
    [InlineData("\u202egnp.exe\u2066", @"\xE2\x80\xAEgnp.exe\xE2\x81\xA6")]
    [InlineData("\u200b\ufeff\u00ad", @"\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD")]
    [InlineData("\u2028\u2029", @"\xE2\x80\xA8\xE2\x80\xA9")]
    [InlineData("caf\u00e9 \u65e5\u672c \U0001F600", "caf\u00e9 \u65e5\u672c \U0001F600")]
    [InlineData("\U000E0041", @"\xF3\xA0\x81\x81")]
    public async Task Text_from_a_peer_is_escaped(string text, string shown) =>
        Assert.Equal($"{Stamp}MID 6 Subject \"{shown}\"", await LineOf(new SubjectSeen(new Mid(6), text)));

    // xunit cannot carry an unpaired surrogate in a display name, so these stand apart.
    [Fact]
    public async Task An_unpaired_surrogate_is_shown_by_the_octets_of_its_number()
    {
        Assert.Equal($"{Stamp}MID 6 Subject \"{@"\xED\xA0\x80"}\"",
            await LineOf(new SubjectSeen(new Mid(6), new string('\ud800', 1))));
        Assert.Equal($"{Stamp}MID 6 Subject \"{@"\xED\xBF\xBFx"}\"",
            await LineOf(new SubjectSeen(new Mid(6), "\udfff" + "x")));
    }

    [Fact]
    public async Task Text_from_a_peer_is_cut_at_a_thousand_characters()
    {
        var exact = new string('x', 1000);
        Assert.Equal($"{Stamp}MID 6 Subject \"{exact}\"", await LineOf(new SubjectSeen(new Mid(6), exact)));
        Assert.Equal($"{Stamp}MID 6 Subject \"{exact}...\"", await LineOf(new SubjectSeen(new Mid(6), exact + "yz")));
        // A character of two units is not cut in two.
        Assert.Equal($"{Stamp}MID 6 Subject \"{exact[..^1]}...\"",
            await LineOf(new SubjectSeen(new Mid(6), exact[..^1] + "\U0001F600")));

        var reply = new SmtpReply(452, [.. Enumerable.Repeat(new string('y', 600), 100)]);
        Assert.Equal(
            $"{Stamp}Delayed: DCID 1 MID 6 to RID 0 - 4.3.1 - Mail system full " +
            $"('452', ['{new string('y', 600)}', '{new string('y', 400)}...', '...'])",
            await LineOf(new Delayed(new Dcid(1), new Mid(6), new Rid(0), reply)));
    }

    [Fact]
    public async Task Every_text_of_every_event_is_escaped()
    {
        const string evil = "x\r\nWed Jul  2 09:15:07 2014 Info: forged\u202e";
        MailEvent[] events =
        [
            new IncomingConnection(new Icid(1), evil, IPAddress.Loopback, IPAddress.Loopback, evil, true),
            new SenderGroupMatched(new Icid(1), true, evil, evil),
            new IncomingProblem(new Icid(1), evil),
            new RecipientRejected(new Mid(1), new Icid(1), evil),
            new MessageIdSeen(new Mid(1), evil),
            new SubjectSeen(new Mid(1), evil),
            new MessageAborted(new Mid(1), new Icid(1), evil),
            new OutgoingConnectionError(new Dcid(1), evil, evil, 25, evil, null, evil),
            new OutgoingTls(new Dcid(1), evil, evil),
            new Delivered(new Dcid(1), new Mid(1), [], evil),
            new Delayed(new Dcid(1), new Mid(1), new Rid(0), new SmtpReply(450, [evil, evil])),
            new Bounced(new Dcid(1), new Mid(1), new Rid(0), new(5, 0, 0), evil, [evil, evil]),
            new RecipientsPending(new Mid(1), [], Samples.At, evil),
            new Uncertain(new Dcid(1), new Mid(1), [], Samples.At, evil, false),
            new HostHealthChanged(evil, evil),
            new GatewayNotice("Info", evil),
        ];
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { Json = true }))
            foreach (var mailEvent in events) log.Publish(mailEvent);

        Assert.Equal(events.Length + 1, folder.Lines.Length);
        foreach (var line in folder.Lines)
        {
            Assert.StartsWith(Stamp, line, StringComparison.Ordinal);
            Assert.DoesNotContain(line, character => PeerText.IsHidden(new Rune(character)));
        }
        var json = LogFolder.Read(folder.JsonPath);
        Assert.Equal(events.Length, json.Length);
        Assert.All(json, line => Assert.True(Ascii.IsValid(line)));
    }

    [Fact]
    public async Task A_message_without_message_id_or_subject_has_no_line_for_them()
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open(folder.Options with { Json = true }))
        {
            log.Publish(new MessageIdSeen(new Mid(6), null));
            log.Publish(new SubjectSeen(new Mid(6), null));
            log.Publish(new MessageQueued(new Mid(6)));
        }
        Assert.Equal(Stamp + "MID 6 queued for delivery", Assert.Single(folder.Lines));
        Assert.Single(LogFolder.Read(folder.JsonPath));
    }

    // An ESA says the same for a 550 without a code of its own.
    [Theory]
    [InlineData(550, "no such user", "5.1.0 - Unknown address error")]
    [InlineData(421, "going down", "4.3.2 - Not accepting messages at this time")]
    [InlineData(450, "busy", "4.2.0 - Other mailbox problem")]
    [InlineData(451, "later", "4.3.0 - Other mail system problem")]
    [InlineData(452, "full", "4.3.1 - Mail system full")]
    [InlineData(499, "?", "4.0.0 - Other undefined status")]
    [InlineData(554, "no", "5.3.0 - Other mail system problem")]
    public async Task A_reply_without_a_status_gets_the_one_of_its_code(int code, string text, string shown)
    {
        var line = await LineOf(new Delayed(new Dcid(1), new Mid(2), new Rid(3), new SmtpReply(code, [text])));
        Assert.Equal($"{Stamp}Delayed: DCID 1 MID 2 to RID 3 - {shown} ('{code}', ['{text}'])", line);
    }

    [Fact]
    public void A_status_nobody_registered_has_the_words_of_its_subject()
    {
        Assert.Equal("Other security problem", EnhancedStatusText.Of(new EnhancedStatus(5, 7, 999)));
        Assert.Equal("Other undefined status", EnhancedStatusText.Of(new EnhancedStatus(5, 9, 1)));
    }

    internal static async Task<string> LineOf(MailEvent mailEvent)
    {
        using var folder = new LogFolder();
        await using (var log = folder.Open()) log.Publish(mailEvent);
        return Assert.Single(folder.Lines);
    }
}
