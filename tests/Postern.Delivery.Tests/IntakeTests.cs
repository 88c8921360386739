using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>Reception is never far ahead of the scheduler.</summary>
public sealed class IntakeTests : IAsyncDisposable, IMailEventSink
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-intake-").FullName;

    [Fact]
    public async Task There_is_no_room_while_a_thousand_recipients_wait_to_be_taken_up_and_there_is_again_behind_them()
    {
        await using var spool = MailSpool.Open(new SpoolOptions(_folder), TimeProvider.System);
        await using var engine = new DeliveryEngine(new DeliveryOptions { HostName = "gw.example" },
            SimWorld.Table(""), spool, new NoDns(TimeSpan.FromMinutes(1)), this, TimeProvider.System, new Random(1));
        engine.Start();
        await engine.Recovered;
        using var go = new ManualResetEventSlim();
        var busy = engine.AskAsync(_ =>
        {
            go.Wait(TestContext.Current.CancellationToken);
            return true;
        });

        engine.Accepted(await CommittedAsync(spool, recipients: 999));
        Assert.True(engine.RoomAsync().IsCompletedSuccessfully);
        engine.Accepted(await CommittedAsync(spool, recipients: 1));
        var room = engine.RoomAsync();

        Assert.False(room.IsCompleted);
        go.Set();
        await busy;
        await room.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.True(engine.RoomAsync().IsCompletedSuccessfully);
        await engine.StopAsync(TimeSpan.FromSeconds(10));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    void IMailEventSink.Publish(MailEvent mailEvent)
    {
        // The log is not what this is about.
    }

    private static async Task<StoredMessage> CommittedAsync(MailSpool spool, int recipients)
    {
        ReadOnlyMemory<byte> content = "Subject: x\r\n\r\nx\r\n"u8.ToArray();
        var envelope = new Envelope { ReversePath = Mailbox.Parse("a@src.example") };
        var message = new StoredMessage(spool.NextMid(), new Icid(1), envelope, TimeProvider.System.GetUtcNow())
        {
            Size = content.Length,
            Recipients = [.. Enumerable.Range(0, recipients).Select(rid => new StoredRecipient(
                new EnvelopeRecipient(new Rid(rid), Mailbox.Parse($"r{rid}@big.example")), RecipientState.Fresh))],
        };
        var change = new SpoolChange();
        change.Generated.Add((message, content));
        await spool.CommitAsync(change);
        return message;
    }
}
