using System.Globalization;
using Postern.Mail;
using Postern.Reporting.Searching;

namespace Postern.Reporting.Tests.Searching;

public sealed class LogSearchTests
{
    private static readonly CancellationToken never = CancellationToken.None;

    [Fact]
    public async Task The_story_of_a_message_is_all_that_the_log_tells_of_it_and_of_its_bounce()
    {
        using var folder = new LogFolder();
        // The lines of the contract, and others between them that are none of its affair.
        string[] told =
        [
            "New SMTP ICID 5 interface incoming (127.0.0.1) address 127.0.0.1 reverse dns host localhost verified yes",
            "ICID 5 RELAY SG relay_from match 127.0.0.0/8",
            "- MID 4 ICID 5 From: <mallory@src.example>",
            "- MID 4 Subject \"Start MID 6 ICID 5\"",
            "Start MID 6 ICID 5",
            "- Start MID 60 ICID 4",
            "MID 6 ICID 5 From: <alice@src.example>",
            "MID 6 ICID 5 RID 0 To: <bob@example.com>",
            "MID 6 ICID 5 RID 1 To: <eve@Example.NET>",
            "MID 6 ICID 5 To: <x@other.example> Rejected by RAT",
            "- New SMTP DCID 298 interface 127.0.0.1 address 127.0.0.10 port 2510",
            "MID 6 Subject \"hello\"",
            "MID 6 queued for delivery",
            "- ICID 5 command line too long, 500 5.5.2 answered",
            "ICID 5 close",
            "New SMTP DCID 299 interface 127.0.0.1 address 127.0.0.10 port 2510",
            @"Connection Error: DCID 299 domain: example.com IP: 127.0.0.10 port: 2510 details: 431-?example.com\nfull "
                + "interface: 127.0.0.1 reason: unexpected SMTP response",
            "- Connection Error: DCID 0 domain: example.org IP: mx port: 25 details: no interface: unknown reason: x",
            "New SMTP DCID 300 interface 127.0.0.1 address 127.0.0.20 port 2510",
            "- DCID 298 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384",
            "DCID 300 TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384",
            "Delivery start DCID 300 MID 6 to RID [0, 1]",
            "- Delivery start DCID 300 MID 16 to RID [0, 1]",
            "Message done DCID 300 MID 6 to RID [0]",
            "MID 6 RID [0] Response '2.0.0 accepted'",
            "Bounced: DCID 300 MID 6 to RID 1 - 5.1.1 - Bad destination email address ('550', ['no MID 9 such user'])",
            "MID 7 was generated for bounce of MID 6",
            "Start MID 7 ICID 0",
            "MID 7 ICID 0 RID 0 To: <alice@src.example>",
            "Message finished MID 6 done",
            "DCID 300 close",
            "- Connection Error: DCID 302 domain: example.com IP: 127.0.0.10 port: 25 details: -: x reason: z",
            "Double bounce: MID 7 to RID 0",
            "Message finished MID 7 done",
            "- Start MID 8 ICID 9",
        ];
        WriteLines(folder.MailLogPath, told.Select(line => line.TrimStart('-', ' ')));
        using var search = new LogSearch(folder.Logs, folder.Clock);

        var match = Assert.Single((await search.FindAsync(
            new LogQuery { Recipient = new LogText("eve@") }, "", 10, never))!.Messages);
        Assert.Equal((6, Samples.At.ToOffset(TimeSpan.FromHours(2))), (match.Mid, match.Started));
        var expected = told.Where(line => !line.StartsWith('-')).Select(Stamped).ToList();
        Assert.Equal(expected, await StoryAsync(search, match.Mid, match.At, 1000));
        // Without a place it is looked for from the end.
        Assert.Equal(expected, await StoryAsync(search, 6, "", 1000));
        Assert.Empty(await StoryAsync(search, 99, "", 1000));

        var first = (await search.TellAsync(7, "", 1000, never))!.Lines[0];
        Assert.Equal(new LogStoryLine(Stamped("MID 7 was generated for bounce of MID 6"), 7, null, null), first);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Any_search_in_any_pages_finds_exactly_what_happened(int seed)
    {
        using var folder = new LogFolder();
        var traffic = new LogTraffic(seed, sessions: 100);
        var texts = await WriteAsync(folder, traffic, rotateSize: 20_000);
        Assert.True(Directory.GetFiles(folder.Logs).Length > 5, "the log was not rotated");
        var random = new Random(seed);
        for (var trial = 0; trial < 25; trial++)
        {
            var (query, fits) = AnyQuery(random, traffic);
            var isOnePage = random.Next(3) > 0;
            using var search = new LogSearch(folder.Logs, folder.Clock, most: isOnePage ? 10_000_000 : 250_000);
            var expected = traffic.Messages.Where(fits).Select(m => m.Mid.Value).Order().ToList();
            var found = await AllAsync(search, query, limit: random.Next(1, 30));
            Assert.Equal(
                (query, string.Join(' ', expected)), (query, string.Join(' ', found.Select(m => m.Mid).Order())));
            foreach (var match in found.OrderBy(_ => random.Next()).Take(3))
            {
                var message = traffic.Messages.Single(m => m.Mid.Value == match.Mid);
                var limit = isOnePage ? 1000 : random.Next(10, 80);
                var story = (await StoryAsync(search, match.Mid, match.At, limit))
                    .Where(line => !line.EndsWith(" close", StringComparison.Ordinal));
                var told = traffic.StoryOf(message).SelectMany(i => texts[i]);
                // The opening of a connection is told where it is used; on a later page it is older than the page.
                Assert.Equal(isOnePage ? told : told.Order(), isOnePage ? story : story.Order());
            }
        }
    }

    [Fact]
    public async Task A_search_goes_on_where_it_was_when_the_log_is_rotated_between_two_pages()
    {
        using var folder = new LogFolder();
        var search = new LogSearch(folder.Logs, folder.Clock);
        var log = folder.Open(folder.Options with { RotateSize = 2_000 });
        var found = new List<long>();
        string? next = "";
        for (var mid = 1; mid <= 300; mid++)
        {
            folder.Clock.Advance(TimeSpan.FromSeconds(1));
            log.Publish(new MessageStarted(new Mid(mid), new Icid(1)));
            Assert.True(await log.FlushAsync(never));
            // Always behind by a page or so, while files are rotated under its feet.
            if (mid < 40 || mid % 7 != 0) continue;
            var page = (await search.FindAsync(new LogQuery { Icid = 1 }, next!, 7, never))!;
            found.AddRange(page.Messages.Select(m => m.Mid));
            Assert.NotNull(page.Next);
            next = page.Next;
        }
        while (next is not null)
        {
            var page = (await search.FindAsync(new LogQuery { Icid = 1 }, next, 7, never))!;
            found.AddRange(page.Messages.Select(m => m.Mid));
            next = page.Next;
        }
        Assert.Equal(Enumerable.Range(1, 300).Select(mid => (long)mid), found);
        await log.DisposeAsync();
        search.Dispose();
    }

    [Fact]
    public async Task Where_its_file_was_deleted_a_search_goes_on_with_the_next()
    {
        using var folder = new LogFolder();
        WriteLines(folder.MailLogPath + ".20140702T091500", ["Start MID 1 ICID 1", "Start MID 2 ICID 1"]);
        File.WriteAllText(folder.MailLogPath,
            "Wed Jul  2 09:16:00 2014 Info: Start MID 3 ICID 1\nWed Jul  2 09:16:01 2014 Info: Start MID 4 ICID 1\n");
        using var search = new LogSearch(folder.Logs, folder.Clock);
        var page = (await search.FindAsync(new LogQuery { Icid = 1 }, "", 1, never))!;
        Assert.Equal(1, Assert.Single(page.Messages).Mid);
        File.Delete(folder.MailLogPath + ".20140702T091500");
        page = (await search.FindAsync(new LogQuery { Icid = 1 }, page.Next!, 10, never))!;
        Assert.Equal([3L, 4L], page.Messages.Select(m => m.Mid));
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task The_span_of_time_is_of_the_beginning_of_messages()
    {
        using var folder = new LogFolder();
        Directory.CreateDirectory(folder.Logs);
        File.WriteAllText(folder.MailLogPath, string.Concat(Enumerable.Range(1, 9).Select(second =>
            $"Wed Jul  2 09:15:0{second} 2014 Info: Start MID {second} ICID 1\n")));
        using var search = new LogSearch(folder.Logs, folder.Clock);
        var at = new DateTimeOffset(2014, 7, 2, 9, 15, 3, TimeSpan.FromHours(2));
        async Task<IEnumerable<long>> FoundAsync(DateTimeOffset? since, DateTimeOffset? until) =>
            (await AllAsync(search, new LogQuery { Since = since, Until = until }, 100)).Select(m => m.Mid);
        Assert.Equal([3, 4, 5, 6, 7, 8, 9], await FoundAsync(at, null));
        Assert.Equal([1, 2], await FoundAsync(null, at));
        Assert.Equal([3, 4], await FoundAsync(at, at.AddSeconds(2)));
        Assert.Empty(await FoundAsync(at.AddHours(1), null));
    }

    [Theory]
    [InlineData("localhost", "6 7")]
    [InlineData("LOCALHOST", "6 7")]
    [InlineData("127.0.0.1", "6 7")]
    [InlineData("127.0.0.20", "6")]
    [InlineData("127.0.0.20:2510", "6")]
    [InlineData("127.0.0.20:25", "")]
    [InlineData("[2001:db8::25]:25", "8")]
    [InlineData("2001:DB8::25", "8")]
    [InlineData("example.com", "6")]
    [InlineData("ample.com", "")]
    [InlineData("other.example", "7")]
    public async Task A_host_is_one_that_mail_came_from_or_went_to_or_a_receiving_domain(string host, string mids)
    {
        using var folder = new LogFolder();
        WriteLines(folder.MailLogPath,
        [
            "New SMTP ICID 5 interface incoming (127.0.0.9) address 127.0.0.1 reverse dns host localhost verified yes",
            "New SMTP DCID 300 interface 127.0.0.8 address 127.0.0.20 port 2510",
            "Start MID 6 ICID 5",
            "MID 6 ICID 5 RID 0 To: <bob@example.com>",
            "MID 6 Subject \"for other.example> and 127.0.0.77\"",
            "Start MID 7 ICID 5",
            "MID 7 ICID 5 To: <bob@other.example> Rejected by RAT",
            "Delivery start DCID 300 MID 6 to RID [0]",
            "DCID 300 close",
            "New SMTP DCID 301 interface ::1 address 2001:db8::25 port 25",
            "Delivery start DCID 301 MID 8 to RID [0]",
        ]);
        using var search = new LogSearch(folder.Logs, folder.Clock);
        var found = await AllAsync(search, new LogQuery { Host = new LogHost(host) }, 1);
        Assert.Equal(mids, string.Join(' ', found.Select(m => m.Mid)));
    }

    [Fact]
    public async Task Lines_that_are_not_ours_and_half_a_line_are_passed_over()
    {
        using var folder = new LogFolder();
        WriteLines(folder.MailLogPath, ["Start MID 1 ICID 1"]);
        File.AppendAllText(folder.MailLogPath, "a stranger\n\n" + new string('x', 600_000) + "\n");
        File.AppendAllText(folder.MailLogPath, Stamped("Start MID 2 ICID 1") + "\n" + Stamped("Start MID 3 ICID 1"));
        File.WriteAllText(folder.MailLogPath + ".old", Stamped("Start MID 4 ICID 1") + "\n");
        using var search = new LogSearch(folder.Logs, folder.Clock);
        Assert.Equal([1, 2], (await AllAsync(search, new LogQuery { Icid = 1 }, 100)).Select(m => m.Mid));
        Assert.Null(await search.FindAsync(new LogQuery(), "a place of no log", 1, never));
        Assert.Null(await search.TellAsync(1, "20140702091507x89abcdef01234567-1~~", 1, never));
    }

    private static (LogQuery, Func<SentMessage, bool>) AnyQuery(Random random, LogTraffic traffic)
    {
        var one = traffic.Messages[random.Next(traffic.Messages.Count)];
        var (query, fits) = (new LogQuery(), new Dictionary<string, Func<SentMessage, bool>>());
        void With(string what, LogQuery changed, Func<SentMessage, bool> fit) => (query, fits[what]) = (changed, fit);
        for (var count = random.Next(1, 3); count > 0; count--)
        {
            var recipient = one.AllRecipients[random.Next(one.AllRecipients.Count)].Text;
            switch (random.Next(8))
            {
                case 0:
                    With("mid", query with { Mid = one.Mid.Value }, m => m.Mid == one.Mid);
                    break;
                case 1:
                    With("icid", query with { Icid = one.Icid.Value }, m => m.Icid == one.Icid);
                    break;
                case 2 when one.Attempts is [var attempt, ..]:
                    With("dcid", query with { Dcid = attempt.Dcid.Value },
                        m => m.Attempts.Any(a => a.Dcid == attempt.Dcid));
                    break;
                case 3:
                    var sender = one.Sender is null ? "<>" : one.Sender.Text.ToUpperInvariant()[..random.Next(3, 6)];
                    With("sender", query with { Sender = new LogText(sender) },
                        m => one.Sender is null ? m.Sender is null
                        : $"<{m.Sender?.Text}>".Contains(sender, StringComparison.OrdinalIgnoreCase));
                    break;
                case 4:
                    With("recipient", query with { Recipient = new LogText(recipient) },
                        m => m.AllRecipients.Any(r => r.Text == recipient));
                    break;
                case 5 when one.Subject is { } subject && IsShown(subject, traffic):
                    With("subject", query with { Subject = new LogText(subject[..10]) },
                        m => m.Subject?.Contains(subject[..10], StringComparison.Ordinal) ?? false);
                    break;
                case 6 when one.Attempts is [.., var last]:
                    var port = random.Next(2) == 0 ? last.Port : 0;
                    var host = new LogHost(port == 0 ? $"{last.Address}" : $"{last.Address}:{port}");
                    With("host", query with { Host = host },
                        m => m.Attempts.Any(a => a.Address.Equals(last.Address) && (port == 0 || a.Port == port)));
                    break;
                case 7 when one.Client is { } client:
                    With("host", query with { Host = new LogHost($"{client}") }, m => client.Equals(m.Client));
                    break;
            }
        }
        return (query, m => fits.Values.All(fit => fit(m)));
    }

    // A subject is shown only for a message that was not aborted before.
    private static bool IsShown(string subject, LogTraffic traffic) => traffic.Messages
        .Where(m => m.Subject?.Contains(subject[..10], StringComparison.Ordinal) ?? false)
        .All(m => traffic.Events.OfType<SubjectSeen>().Any(e => e.Mid == m.Mid));

    private static async Task<List<LogMatch>> AllAsync(LogSearch search, LogQuery query, int limit)
    {
        var found = new List<LogMatch>();
        for (string? next = ""; next is not null;)
        {
            var page = (await search.FindAsync(query, next, limit, never))!;
            Assert.True(page.Messages.Count <= limit);
            Assert.NotEqual(next, page.Next);
            // What was offered again on the same host is told of again.
            found.AddRange(page.Messages.Where(m => found.All(f => f.Mid != m.Mid)));
            next = page.Next;
        }
        return found;
    }

    private static async Task<List<string>> StoryAsync(LogSearch search, long mid, string at, int limit)
    {
        var lines = new List<string>();
        for (var next = at; next is not null;)
        {
            var page = (await search.TellAsync(mid, next, limit, never))!;
            lines.AddRange(page.Lines.Select(line => line.Line));
            Assert.NotEqual(next, page.Next);
            next = page.Next;
        }
        return lines;
    }

    // The lines of each event, as they are in the files.
    private static async Task<List<string[]>> WriteAsync(LogFolder folder, LogTraffic traffic, long rotateSize)
    {
        var log = folder.Open(folder.Options with { RotateSize = rotateSize });
        foreach (var (index, mailEvent) in traffic.Events.Index())
        {
            log.Publish(mailEvent);
            if (index % 20 != 0) continue;
            Assert.True(await log.FlushAsync(never));
            folder.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        await log.DisposeAsync();
        var files = Directory.GetFiles(folder.Logs).Order(StringComparer.Ordinal).ToList();
        var lines = new Queue<string>(files.Skip(1).Append(files[0]).SelectMany(LogFolder.Read));
        var texts = traffic.Events.Select(e =>
            Enumerable.Range(0, e is Delivered ? 2 : 1).Select(_ => lines.Dequeue()).ToArray()).ToList();
        Assert.Empty(lines);
        return texts;
    }

    private static void WriteLines(string path, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(lines.Select(line => Stamped(line) + "\n")));
    }

    private static string Stamped(string text) =>
        string.Create(CultureInfo.InvariantCulture, $"Wed Jul  2 09:15:07 2014 Info: {text}");
}
