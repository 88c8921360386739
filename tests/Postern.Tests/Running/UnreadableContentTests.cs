using System.Globalization;
using System.Text;
using System.Text.Json;
using Postern.Mail;
using Postern.Spool;
using Postern.TestHosts;

namespace Postern.Tests.Running;

/// <summary>A disk that has lost a part of a message: that is said, and no host is troubled by it twice.</summary>
public sealed class UnreadableContentTests : IDisposable
{
    private const string Settings = "[bounce_profile.default]\ninitial_wait = \"1h\"\nmax_wait = \"8h\"\n";
    // Some 200 KB, so that what is lost is in another block than the records of the queue.
    private const int Lines = 6000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly WorkFolder work = new(WorkFolder.FreePorts + Settings);

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task Mail_whose_content_is_lost_waits_longer_each_time_and_is_told_of_once()
    {
        var begun = 0;
        HostAnswer Begun(HostTransaction message)
        {
            Interlocked.Increment(ref begun);
            return "250 2.1.0 ok";
        }

        await FillAsync();
        Spoil();
        await using var host = ScriptedHost.Start(new HostScript { Mail = Begun });
        work.Write("smtproutes", $"example.com {host.EndPoint}\n");
        (int Code, string Out, string Error) exported;
        await using (await RunningGateway.StartAsync(work))
        {
            var first = await DueAfterAsync(default);
            Assert.Equal(1, begun);
            var shown = await work.RunAsync("showrecipients", "--reason", "content");
            Assert.Contains("held, its content cannot be read from the spool, until", shown.Out,
                StringComparison.Ordinal);

            var domain = (await work.RunAsync("hoststatus", "example.com")).Out;
            Assert.Matches(@"Held after a 4xx\s+0\b", domain);
            Assert.Matches(@"Content unreadable\s+1\b", domain);

            exported = await work.RunAsync("spool", "export", "1", work.PathOf("1.eml"));
            Assert.Equal((1, ""), (exported.Code, exported.Out));
            Assert.False(File.Exists(work.PathOf("1.eml")));

            await work.RunAsync("delivernow", "--all");
            var second = await DueAfterAsync(first);
            Assert.InRange(second - first, TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(65));
            // Read before the host heard of it.
            Assert.Equal(1, begun);
        }
        var told = Assert.Single(work.Read("data/logs/mail.log").Split('\n'),
            line => line.Contains("cannot be read from the spool", StringComparison.Ordinal));
        Assert.Contains("Critical", told, StringComparison.Ordinal);
        // With a gateway an export gives the reason that the store gives without one.
        Assert.Equal(exported, await work.RunAsync("spool", "export", "1", work.PathOf("1.eml")));
        Assert.DoesNotContain("has a fault", work.Read("data/logs/mail.log"), StringComparison.Ordinal);
    }

    // Once the mail is held with another due time than before.
    private async Task<DateTimeOffset> DueAfterAsync(DateTimeOffset before)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (true)
        {
            using var json = JsonDocument.Parse((await work.RunAsync("showrecipients", "--all", "--json")).Out);
            var row = json.RootElement.GetProperty("recipients")[0];
            if (row.GetProperty("reason").GetString() == "content" && row.GetProperty("state").GetString() == "held"
                && row.GetProperty("due").GetDateTimeOffset() is var due && due > before) return due;
            await timer.WaitForNextTickAsync(bound.Token);
        }
    }

    // A second opening writes what the log of RocksDB holds into a table.
    private async Task FillAsync()
    {
        var random = new Random(1);
        var content = new StringBuilder("Subject: long\r\n\r\n");
        for (var line = 0; line < Lines; line++)
            content.Append(CultureInfo.InvariantCulture, $"{random.NextInt64():x16}{random.NextInt64():x16}\r\n");
        var body = Encoding.ASCII.GetBytes(content.ToString());
        await using (var spool = MailSpool.Open(new SpoolOptions(work.PathOf("data/spool")), TimeProvider.System))
        {
            var change = new SpoolChange();
            var envelope = new Envelope { ReversePath = Mailbox.Parse("alice@src.example") };
            change.Generated.Add((new StoredMessage(
                spool.NextMid(), new Icid(1), envelope, TimeProvider.System.GetUtcNow())
            {
                Size = body.Length,
                Recipients =
                [
                    new(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("bob@example.com")), RecipientState.Fresh),
                ],
            }, body));
            await spool.CommitAsync(change);
        }
        await using var again = MailSpool.Open(new SpoolOptions(work.PathOf("data/spool")), TimeProvider.System);
        Assert.Single(again.ReadQueue());
    }

    // Almost all of the largest table is the content.
    private void Spoil()
    {
        var table = Directory.GetFiles(work.PathOf("data/spool/store"), "*.sst")
            .MaxBy(file => new FileInfo(file).Length)!;
        using var file = File.OpenWrite(table);
        file.Seek(file.Length / 2, SeekOrigin.Begin);
        file.Write(new byte[16]);
    }
}
