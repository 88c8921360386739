using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>An engine on a real spool: what waits is read beside the mail that comes in.</summary>
public sealed class StartTests : IAsyncDisposable
{
    private const int Messages = 2000;
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-start-").FullName;

    [Fact]
    public async Task Mail_that_comes_in_does_not_wait_for_the_queue_and_a_listing_does()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        using var gate = new ManualResetEventSlim();
        // Until then nothing is taken up, however quickly the store is read.
        var held = engine.AskAsync(_ => gate.Wait(TimeSpan.FromMinutes(1)));
        engine.Start();
        var queue = new QueueAccess(engine);
        var listing = queue.ListAsync(new QueueSelection(), default, int.MaxValue, default);
        var fresh = await CommitAsync(spool);
        engine.Accepted(fresh);
        var seen = engine.AskAsync(s => s.Overview.Gauges().Messages);
        Assert.False(engine.Recovered.IsCompleted);
        Assert.False(listing.IsCompleted);
        gate.Set();

        Assert.True(await held);
        Assert.InRange(await seen, 1, 257);
        await engine.Recovered;
        var rows = (await listing).Recipients;
        Assert.Equal(Enumerable.Range(1, Messages + 1).Select(m => (long)m), rows.Select(row => row.Mid));
        Assert.All(rows, row => Assert.Equal(["bob@example.com"], row.To));
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task What_came_in_during_the_reading_is_not_taken_up_twice()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        engine.Start();
        for (var i = 0; i < 50; i++) engine.Accepted(await CommitAsync(spool));
        await engine.Recovered;
        Assert.Equal((Messages + 50, Messages + 50),
            await engine.AskAsync(s => (s.Overview.Gauges().Messages, (int)s.Overview.Gauges().ActiveRecipients)));
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("all", Messages)]
    [InlineData("host", Messages)]
    [InlineData("mid", 1)]
    public async Task An_operation_waits_for_the_queue_and_misses_nothing(string by, int meant)
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        using var gate = new ManualResetEventSlim();
        var held = engine.AskAsync(_ => gate.Wait(TimeSpan.FromMinutes(1)));
        engine.Start();
        var selection = by switch
        {
            "host" => new QueueSelection { Host = "example.com" },
            "mid" => new QueueSelection { Mid = new Mid(Messages) },
            _ => new QueueSelection(),
        };
        var done = new QueueAccess(engine).OperateAsync(
            selection, static (o, s, after) => o.Delete(s, after), static _ => { }, default);
        gate.Set();
        Assert.True(await held);
        Assert.Equal(new OperationReport(meant, meant, 0) { UpTo = Messages }, await done);
        Assert.Equal(Messages - meant, spool.ReadQueue().Count());
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Mail_that_cannot_be_read_is_listed_without_its_addresses_and_can_be_deleted()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        engine.Start();
        await engine.Recovered;
        // Its records are gone behind the back of the engine.
        var lost = new SpoolChange();
        lost.Removed.Add(new Mid(7));
        await spool.CommitAsync(lost);

        var queue = new QueueAccess(engine);
        var rows = (await queue.ListAsync(new QueueSelection(), default, 2 * Messages, default)).Recipients;
        Assert.Equal(Messages, rows.Count);
        var unread = Assert.Single(rows, row => row.To.Count == 0);
        Assert.Equal((7, "cannot be read from the spool"), (unread.Mid, unread.LastError));
        var selection = new QueueSelection { Mid = new Mid(7) };
        Assert.Equal(new OperationReport(1, 1, 0) { UpTo = Messages },
            await queue.OperateAsync(
                selection, static (o, s, after) => o.Delete(s, after), static _ => { }, default));
        Assert.Empty((await queue.ListAsync(selection, default, 10, default)).Recipients);
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_the_reading()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        engine.Start();
        await engine.StopAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new QueueAccess(engine).ListAsync(new QueueSelection(), default, 1, default));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static DeliveryEngine Engine(MailSpool spool) => new(
        new DeliveryOptions { HostName = "gw.example" }, SimWorld.Table("ALL 127.0.0.1:9\n"), spool, new NoDns(),
        new Deaf(), TimeProvider.System, new Random(1));

    private async Task<MailSpool> FillAsync()
    {
        var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        var change = new SpoolChange();
        var state = new RecipientState
        {
            Rounds = 1,
            Reason = WaitReason.Mail,
            Due = TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1),
        };
        for (var i = 0; i < Messages; i++) change.Generated.Add((Message(spool.NextMid(), state), Content));
        await spool.CommitAsync(change);
        return spool;
    }

    private static async Task<StoredMessage> CommitAsync(MailSpool spool)
    {
        var change = new SpoolChange();
        var message = Message(spool.NextMid(), RecipientState.Fresh);
        change.Generated.Add((message, Content));
        await spool.CommitAsync(change);
        return message;
    }

    private static ReadOnlyMemory<byte> Content => "\r\nx\r\n"u8.ToArray();

    private static StoredMessage Message(Mid mid, RecipientState state) =>
        new(mid, new Icid(1), new Envelope(), TimeProvider.System.GetUtcNow())
        {
            Size = Content.Length,
            Recipients =
                [new StoredRecipient(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("bob@example.com")), state)],
        };

    private sealed class Deaf : IMailEventSink
    {
        public void Publish(MailEvent mailEvent)
        {
            // Nobody reads the log here.
        }
    }
}
