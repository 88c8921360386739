using System.Collections.Concurrent;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>An engine on a real spool: a bounce is durable with its cause, or the cause has not happened.</summary>
public sealed class LostReportTests : IAsyncDisposable, IMailEventSink
{
    private static readonly Mid Held = new(1);
    private static readonly QueueSelection ToA = new() { Host = "a.example" };
    private static readonly QueueSelection ToB = new() { Host = "b.example" };
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-report-").FullName;
    private readonly ConcurrentQueue<MailEvent> _log = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_bounce_cannot_be_written_for_stays_in_the_queue_when_all_else_of_its_message_has_gone(
        bool atOnce)
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool, Unwritable);
        engine.Start();
        var queue = new QueueAccess(engine);
        await engine.Recovered;

        var bounced = BounceAsync(queue, ToA);
        if (!atOnce) await bounced;
        var deleted = DeleteAsync(queue, ToB);
        await Task.WhenAll(bounced, deleted);

        Assert.Equal([0], spool.ReadQueue().Single().Recipients.Select(r => r.Recipient.Rid.Value));
        Assert.Empty(_log.OfType<Bounced>());
        Assert.Empty(_log.OfType<MessageFinished>());
        Assert.Contains("the bounce of RID [0] cannot be written",
            Assert.Single(_log.OfType<GatewayNotice>(), notice => notice.Level == "Critical").Text,
            StringComparison.Ordinal);
        var row = Assert.Single((await queue.ListAsync(new QueueSelection(), default, 10, default)).Recipients);
        Assert.Equal(("held", "x@a.example"), (row.State, row.To.Single()));

        engine.UseOptions(Writable);
        await BounceAsync(queue, ToA);
        var report = spool.ReadQueue().Single();
        Assert.Null(report.Envelope.ReversePath);
        Assert.Equal("alice@src.example", report.Recipients.Single().Recipient.ForwardPath.Text);
        Assert.Equal([Held], _log.OfType<MessageFinished>().Select(finished => finished.Mid));
        Assert.Equal([new Rid(0)], _log.OfType<Bounced>().Select(line => line.Rid));
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task The_outcome_that_removes_a_message_does_not_overtake_the_report_on_it()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool, Writable);
        engine.Start();
        var queue = new QueueAccess(engine);
        await engine.Recovered;
        await Task.WhenAll(BounceAsync(queue, ToA), DeleteAsync(queue, ToB));

        var report = spool.ReadQueue().Single();
        using var body = spool.OpenBody(report.Mid);
        // The header of the message comes back, so that it was there when the report was written.
        Assert.Contains("Subject: kept", System.Text.Encoding.ASCII.GetString(body.ReadNext().Span),
            StringComparison.Ordinal);
        Assert.Throws<SpoolException>(() => spool.OpenBody(Held));
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    void IMailEventSink.Publish(MailEvent mailEvent) => _log.Enqueue(mailEvent);

    private static DeliveryOptions Writable => new() { HostName = "gw.example" };

    // No configuration can say this; it stands for whatever else makes a report fail.
    private static DeliveryOptions Unwritable => Writable with
    {
        BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = new() { MaxBounceCopy = -1 } },
    };

    private static Task<OperationReport> BounceAsync(QueueAccess queue, QueueSelection selection) =>
        queue.OperateAsync(selection, static (o, s, after) => o.Bounce(s, after), static _ => { }, default);

    private static Task<OperationReport> DeleteAsync(QueueAccess queue, QueueSelection selection) =>
        queue.OperateAsync(selection, static (o, s, after) => o.Delete(s, after), static _ => { }, default);

    private DeliveryEngine Engine(MailSpool spool, DeliveryOptions options) => new(
        options, SimWorld.Table("ALL 127.0.0.1:9\n"), spool, new NoDns(), this, TimeProvider.System, new Random(1));

    private async Task<MailSpool> FillAsync()
    {
        var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        var content = "Subject: kept\r\n\r\nx\r\n"u8.ToArray();
        var now = TimeProvider.System.GetUtcNow();
        var state = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = now + TimeSpan.FromHours(1) };
        var envelope = new Envelope { ReversePath = Mailbox.Parse("alice@src.example") };
        var change = new SpoolChange();
        change.Generated.Add((new StoredMessage(spool.NextMid(), new Icid(1), envelope, now)
        {
            Size = content.Length,
            Recipients =
            [
                new(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("x@a.example")), state),
                new(new EnvelopeRecipient(new Rid(1), Mailbox.Parse("y@b.example")), state),
            ],
        }, content));
        await spool.CommitAsync(change);
        return spool;
    }
}
