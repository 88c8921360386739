using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>
/// A gateway that was down finds mail whose time has come meanwhile (hardening O8): each goes as its profile says, and
/// all together bring no more connections than they would have brought one by one.
/// </summary>
public sealed class DowntimeTests
{
    private const int Many = 5000;
    private const int MostConnections = 5;
    private static readonly TimeSpan MaxTime = TimeSpan.FromHours(2);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static readonly DeliveryOptions Options = new()
    {
        HostName = "gw.example",
        DefaultDestination = new() { MaxConnections = MostConnections },
        BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = new() { MaxTimeInQueue = MaxTime } },
    };

    [Theory]
    [InlineData(WaitReason.Mail)]
    [InlineData(WaitReason.Host)]
    public void What_ended_meanwhile_is_bounced_or_tried_once_and_what_did_not_waits_on(WaitReason reason)
    {
        var world = World();
        var host = world.Host("10.0.0.1");
        var due = world.Now + TimeSpan.FromMinutes(10);
        Load(world, "expired@example.com", reason, hoursOld: 3, world.Now - TimeSpan.FromMinutes(30));
        Load(world, "waited@example.com", reason, hoursOld: 1, world.Now - TimeSpan.FromMinutes(30));
        Load(world, "waits@example.com", reason, hoursOld: 1, due);
        world.Restart();

        world.Run(Second);
        var bounced = Assert.Single(world.Log.OfType<Bounced>());
        Assert.Equal((new Mid(1), new EnhancedStatus(5, 4, 7)), (bounced.Mid, bounced.Status));
        Assert.Equal("expired@example.com", Assert.Single(world.Reported).Recipient.ForwardPath.ToString());
        // What is held for want of a host goes on as soon as one is there, whenever it is due.
        Mid[] atOnce = reason == WaitReason.Mail ? [new Mid(2)] : [new Mid(2), new Mid(3)];
        Assert.Equal(atOnce, host.Offered.Select(offer => offer.Mid));

        world.Run(MaxTime);
        Assert.Equal([new Mid(2), new Mid(3)], host.Offered.Select(offer => offer.Mid));
        if (reason == WaitReason.Mail) Assert.InRange(host.Offered[1].At, due, due + Second);
        Assert.Single(world.Log.OfType<Bounced>());
        Assert.Single(world.Reports);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Very_many_whose_waits_ended_meanwhile_keep_to_the_connections_of_their_destination_control()
    {
        var world = World();
        var host = world.Host("10.0.0.1");
        LoadMany(world);

        world.Run(TimeSpan.FromHours(1));
        Assert.Equal(MostConnections, host.MostOpen);
        Assert.Equal(Many, host.Offered.Count);
        Assert.Equal(Many, host.Accepted.Distinct().Count());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Very_many_whose_waits_ended_meanwhile_probe_a_dead_host_one_at_a_time()
    {
        var world = World();
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        var opened = new List<DateTimeOffset>();
        world.OnOpen = _ => opened.Add(world.Now);
        LoadMany(world);

        world.Run(Second);
        // Nothing is known of the host yet: so many connections may wait for its banner.
        Assert.InRange(opened.Count, 1, 4);
        opened.RemoveRange(0, opened.Count - 1);
        world.Run(TimeSpan.FromMinutes(40));
        Assert.All(opened.Zip(opened.Skip(1)),
            pair => Assert.InRange(pair.Second - pair.First, Options.HostRetryInitial, Options.HostRetryMax + Second));
        Assert.InRange(opened.Count, 5, 8);
        Assert.Empty(world.Log.OfType<Bounced>());

        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(30));
        Assert.Equal(Many, host.Accepted.Distinct().Count());
        Assert.InRange(host.MostOpen, 1, MostConnections);
        Assert.Empty(world.Stored);
    }

    private static SimWorld World() => new("ALL 10.0.0.1\n", Options) { IsOperated = true };

    private static void LoadMany(SimWorld world)
    {
        for (var i = 0; i < Many; i++)
            Load(world, $"r{i}@example.com", WaitReason.Mail, hoursOld: 0, world.Now - TimeSpan.FromSeconds(i));
        world.Restart();
    }

    private static void Load(SimWorld world, string recipient, WaitReason reason, int hoursOld, DateTimeOffset due) =>
        world.Load(new Envelope { ReversePath = Mailbox.Parse("alice@src.example") },
            new RecipientState { Rounds = 1, Reason = reason, Due = due }, recipient,
            world.Now - TimeSpan.FromHours(hoursOld));
}
