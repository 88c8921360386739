using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>What the scheduler remembers has an end.</summary>
public sealed class BoundsTests
{
    [Fact]
    public void Hosts_that_nothing_leads_to_any_more_are_forgotten_and_those_that_matter_are_kept()
    {
        var world = new SimWorld("bad.example 10.200.0.1\n");
        var bad = world.Host("10.200.0.1");
        bad.Mood = Mood.Refuses;
        world.Accept("bob@bad.example");
        world.Run(TimeSpan.FromSeconds(1));
        const int Domains = 25_000;
        for (var i = 0; i < Domains; i++)
        {
            world.Host($"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}");
            world.Accept($"bob@[10.{i >> 16}.{(i >> 8) & 255}.{i & 255}]");
            if (i % 100 == 99) world.Run(TimeSpan.FromSeconds(2));
        }
        world.Run(TimeSpan.FromMinutes(1));

        Assert.Single(world.Stored);
        Assert.InRange(world.Scheduler.Hosts.Count, 1, 21_000);
        var bad25 = new HostSelector("10.200.0.1", 25);
        Assert.Equal(HostState.LeftOut, Assert.Single(world.Scheduler.Overview.Hosts(bad25)).State);
    }

    [Fact]
    public void A_queue_whose_recipients_were_counted_goes_with_its_window()
    {
        var options = new DeliveryOptions
        {
            HostName = "gw.example",
            DefaultDestination = new() { RecipientLimit = 2, RecipientMinutes = 1 },
        };
        var world = new SimWorld("ALL 10.0.0.1\n", options);
        var host = world.Host("10.0.0.1");
        for (var i = 0; i < 3; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(2, host.Accepted.Count);
        world.Run(TimeSpan.FromSeconds(31));
        Assert.Equal(3, host.Accepted.Count);
        Assert.Single(world.Scheduler.Queues);
        world.Run(TimeSpan.FromSeconds(61));
        Assert.Empty(world.Scheduler.Queues);
        Assert.Null(world.Scheduler.NextWake);
    }
}
