using System.Collections.Concurrent;
using Postern.Delivery.Acting;
using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>An operation is about the mail that was there when it was asked for, and ends behind it.</summary>
public sealed class OperationEndTests : IAsyncDisposable, IMailEventSink
{
    // More than a part of an operation changes.
    private const int Messages = 700;
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-end-").FullName;
    private readonly ConcurrentQueue<MailEvent> _log = [];

    [Theory]
    [InlineData("all")]
    [InlineData("recipient")]
    public async Task Bounces_that_are_made_on_the_way_are_not_bounced_themselves(string by)
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        var queue = new QueueAccess(engine);
        // The bounces fit it as well.
        var selection = by == "all" ? new QueueSelection() : new QueueSelection { Recipient = "example" };

        var count = await queue.CountAsync(selection, static _ => { }, default);
        var done = await queue.OperateAsync(
            selection, static (o, s, after) => o.Bounce(s, after), static _ => { }, default);

        Assert.Empty(_log.OfType<DoubleBounce>());
        Assert.Equal((Messages, Messages, Messages), (count.Messages, count.Recipients, count.UpTo));
        Assert.Equal(count, done);
        Assert.Equal(Enumerable.Range(0, Messages).Select(Sender).Order(),
            spool.ReadQueue().Select(bounce => bounce.Recipients.Single().Recipient.ForwardPath.Text).Order());
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Mail_that_comes_in_behind_the_count_is_not_touched()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        var queue = new QueueAccess(engine);
        var count = await queue.CountAsync(new QueueSelection(), static _ => { }, default);
        var late = Message(spool.NextMid(), 0);
        var change = new SpoolChange();
        change.Generated.Add((late, Content));
        await spool.CommitAsync(change);
        engine.Accepted(late);

        var done = await queue.OperateAsync(new QueueSelection { UpTo = new Mid(count.UpTo) },
            static (o, s, after) => o.Delete(s, after), static _ => { }, default);

        Assert.Equal(count, done);
        Assert.Equal([late.Mid], spool.ReadQueue().Select(message => message.Mid));
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_stop_in_the_middle_ends_it_behind_what_is_durable()
    {
        await using var spool = await FillAsync();
        await using var engine = Engine(spool);
        using var end = new CancellationTokenSource();
        var (stopped, told) = (Task.CompletedTask, 0);

        var work = new QueueAccess(engine).OperateAsync(new QueueSelection(), (o, s, after) =>
        {
            var part = o.Delete(s, after);
            // As a gateway does it; what the part has changed is not durable by then.
            end.Cancel();
            stopped = engine.StopAsync(TimeSpan.FromSeconds(60));
            return part;
        }, done => told = done.Messages, end.Token);

        var ends = await Record.ExceptionAsync(() => work.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.IsAssignableFrom<OperationCanceledException>(ends);
        await stopped;
        Assert.Equal((QueueOperations.Changed, Messages - QueueOperations.Changed), (told, spool.ReadQueue().Count()));
        Assert.Equal(told, _log.OfType<Deleted>().Count());
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    void IMailEventSink.Publish(MailEvent mailEvent) => _log.Enqueue(mailEvent);

    private static string Sender(int number) => $"u{number}@src.example";

    private static ReadOnlyMemory<byte> Content => "Subject: x\r\n\r\nx\r\n"u8.ToArray();

    private static StoredMessage Message(Mid mid, int number)
    {
        var now = TimeProvider.System.GetUtcNow();
        var held = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = now + TimeSpan.FromHours(1) };
        var envelope = new Envelope { ReversePath = Mailbox.Parse(Sender(number)) };
        return new(mid, new Icid(1), envelope, now)
        {
            Size = Content.Length,
            Recipients =
                [new StoredRecipient(new EnvelopeRecipient(new Rid(0), Mailbox.Parse("r@big.example")), held)],
        };
    }

    private async Task<MailSpool> FillAsync()
    {
        var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        var change = new SpoolChange();
        for (var i = 0; i < Messages; i++) change.Generated.Add((Message(spool.NextMid(), i), Content));
        await spool.CommitAsync(change);
        return spool;
    }

    private DeliveryEngine Engine(MailSpool spool)
    {
        var engine = new DeliveryEngine(new DeliveryOptions { HostName = "gw.example" }, SimWorld.Table(""), spool,
            new NoDns(TimeSpan.FromMinutes(1)), this, TimeProvider.System, new Random(1));
        engine.Start();
        return engine;
    }
}
