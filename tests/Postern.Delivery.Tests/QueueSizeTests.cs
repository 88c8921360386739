using System.Globalization;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>What other tests allocate would be counted.</summary>
[CollectionDefinition(nameof(QueueSizeTests), DisableParallelization = true)]
public sealed class AloneCollection;

/// <summary>A million held recipients fit into a few hundred megabytes: what one costs is measured.</summary>
[Collection(nameof(QueueSizeTests))]
public sealed class QueueSizeTests
{
    private const int Recipients = 100_000;
    private const int Domains = 1000;

    [Theory]
    [InlineData(1, 220)]
    [InlineData(10, 180)]
    public void A_held_recipient_costs_no_more_than_some_two_hundred_octets(int perMessage, int most)
    {
        var actions = new IdleWorld();
        var scheduler = new DeliveryScheduler(
            new DeliveryOptions { HostName = "gw.example" }, SimWorld.Table("ALL 10.0.0.1\n"), actions,
            TimeProvider.System, new Random(1));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < Recipients / perMessage; i++) scheduler.Load(Message(i, perMessage));
        var octets = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Recipients;
        var gauges = scheduler.Overview.Gauges();
        Assert.Equal((Recipients, Recipients), (gauges.ActiveRecipients, gauges.AttemptedRecipients));
        Assert.InRange(octets, 50, most);
        GC.KeepAlive(scheduler);
    }

    private static StoredMessage Message(int number, int perMessage)
    {
        var now = TimeProvider.System.GetUtcNow();
        var state = new RecipientState
        {
            Rounds = 3,
            Reason = WaitReason.Mail,
            Due = now + TimeSpan.FromHours(1),
            Attempts = [new(now, "10.0.0.1", "10.0.0.1:25", new Dcid(1), "mail", 452, "452-4.3.1 full")],
        };
        var first = number * perMessage;
        return new(new Mid(number + 1), new Icid(1), new Envelope { ReversePath = Mailbox.Parse("a@src.example") }, now)
        {
            Recipients = [.. Enumerable.Range(0, perMessage).Select(rid => new StoredRecipient(
                new EnvelopeRecipient(new Rid(rid), Mailbox.Parse(string.Create(CultureInfo.InvariantCulture,
                    $"user{first + rid}@d{(first + rid) % Domains}.example"))), state))],
        };
    }
}
