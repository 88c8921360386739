using System.Globalization;
using System.Net.Http.Json;
using Postern.Admin;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Tests.Running;

/// <summary>
/// A start on a spool that is full: what operators ask and do misses nothing, though the queue is read beside.
/// </summary>
public sealed class FullQueueTests : IAsyncLifetime
{
    private const int Messages = 20_000;
    private readonly WorkFolder work = new();

    // Half of it waits for want of a host, half was answered a 4xx; each has a recipient in two domains.
    public async ValueTask InitializeAsync()
    {
        await using var spool = MailSpool.Open(new SpoolOptions(work.PathOf("data/spool")), TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var part in Enumerable.Range(0, Messages).Chunk(1000))
        {
            var change = new SpoolChange();
            foreach (var i in part)
            {
                var state = new RecipientState
                {
                    Rounds = 2,
                    Reason = i % 2 == 0 ? WaitReason.Mail : WaitReason.Host,
                    Due = now + TimeSpan.FromHours(1),
                    Attempts = [new(now, "down.example", "", default, "mail", 452, $"452-full {i}")],
                };
                var paths = new[] { $"user{i}@a{i % 100}.example", $"user{i}@b{i % 100}.example" };
                var message = new StoredMessage(spool.NextMid(), new Icid(1),
                    new Envelope { ReversePath = Mailbox.Parse($"sender{i % 10}@src.example") }, now)
                {
                    Size = 5,
                    Recipients = [.. paths.Select((p, rid) => new StoredRecipient(
                        new EnvelopeRecipient(new Rid(rid), Mailbox.Parse(p)), state))],
                };
                change.Generated.Add((message, "\r\nx\r\n"u8.ToArray()));
            }
            await spool.CommitAsync(change);
        }
    }

    public ValueTask DisposeAsync()
    {
        work.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task An_operation_that_comes_before_the_queue_is_read_misses_nothing()
    {
        await using var running = await StartAsync("ALL 127.0.0.1:9\n");
        using var deleted = await running.Http.PostAsync(Uri("queue/delete?recipient=@b7.example"), null);
        Assert.Equal(Meant(200, 200),
            await deleted.Content.ReadFromJsonAsync<OperationReport>(ApiJson.Options));
        var status = await running.Http.GetFromJsonAsync<GatewayStatus>(Uri("status"), ApiJson.Options);
        Assert.Equal((true, (2 * Messages) - 200), (status!.QueueRead, status.Delivery.ActiveRecipients));
        Assert.Equal(0, (await CountAsync(running, "recipient=@b7.example")).Recipients);
        Assert.Equal(200, (await CountAsync(running, "recipient=@a7.example")).Recipients);
    }

    [Fact]
    public async Task Filters_find_by_what_is_in_the_store_alone()
    {
        await using var running = await StartAsync("ALL 127.0.0.1:9\n");
        Assert.Equal(2 * Messages, (await CountAsync(running, "all=true")).Recipients);
        Assert.Equal(Meant(Messages / 10, Messages / 5), await CountAsync(running, "sender=Sender3@SRC.example"));
        Assert.Equal(Meant(1, 2), await CountAsync(running, "recipient=USER19999@"));
        Assert.Equal(Meant(200, 200),
            await CountAsync(running, "recipient=@a5.&sender=sender5@src.example&attempts=2"));
        Assert.Equal(Meant(0, 0), await CountAsync(running, "recipient=nobody@"));
        Assert.Equal(Meant(200, 200), await CountAsync(running, "host=b99.example"));

        var rows = new List<QueuedRecipients>();
        for (long? next = 0; next is { } after;)
        {
            var page = await running.Http.GetFromJsonAsync<QueueListing>(
                Uri(string.Create(CultureInfo.InvariantCulture, $"queue?recipient=user199&limit=30&after={after}")),
                ApiJson.Options);
            Assert.InRange(page!.Recipients.Count, 0, 31);
            rows.AddRange(page.Recipients);
            next = page.Next;
        }
        var wanted = Enumerable.Range(0, Messages).Where(i => $"{i}".StartsWith("199", StringComparison.Ordinal));
        Assert.Equal(wanted.SelectMany(i => new[] { $"user{i}@a{i % 100}.example", $"user{i}@b{i % 100}.example" }),
            rows.SelectMany(r => r.To));
        Assert.All(rows, r => Assert.Equal($"452-full {r.Mid - 1}", r.LastError));
    }

    private static OperationReport Meant(int messages, int recipients) =>
        new(messages, recipients, 0) { UpTo = Messages };

    private Task<RunningGateway> StartAsync(string routes)
    {
        work.Write("smtproutes", routes);
        return RunningGateway.StartAsync(work);
    }

    private static async Task<OperationReport> CountAsync(RunningGateway running, string query) =>
        (await running.Http.GetFromJsonAsync<OperationReport>(Uri($"queue/count?{query}"), ApiJson.Options))!;

    private static Uri Uri(string path) => new($"/api/v1/{path}", UriKind.Relative);
}
