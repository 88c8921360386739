using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;
using Postern.Routing;

namespace Postern.Delivery.Tests;

/// <summary>Mail that waits for one host goes on as soon as another one, or none but another one, will do.</summary>
public sealed class WaitingTests
{
    [Fact]
    public void A_banner_that_has_come_and_waits_to_be_taken_keeps_its_message()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        // Its banner is told to the scheduler a second after the message would go on to the next host.
        first.BannerDelay = TimeSpan.FromSeconds(11);
        world.OnOpen = connection => world.After(TimeSpan.FromSeconds(9.5),
            () => connection.Pulse.Replied(world.Time.GetTimestamp(), stillOwed: false));
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(12));
        Assert.Single(first.Accepted);
        Assert.Empty(second.Offered);
    }

    [Fact]
    public void Mail_that_waits_for_a_connection_goes_to_the_next_host_when_that_one_falls_silent()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n", Options(connections: 1));
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.SilentAtMail;
        world.Accept("bob@example.com");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(9));
        Assert.Empty(second.Accepted);
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Single(second.Accepted);
    }

    [Fact]
    public void Mail_that_waits_for_a_busy_host_probes_its_equal_as_soon_as_that_may_be_probed()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2\n", Options(connections: 1));
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        second.Latency = TimeSpan.FromSeconds(7);
        for (var i = 0; i < 30; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(59));
        Assert.Equal(1, first.Connections);
        first.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(2, first.Connections);
    }

    [Fact]
    public void The_probe_is_made_by_mail_that_can_make_it()
    {
        var world = new SimWorld("a.example relay.example\nb.example 10.0.0.1\n", Options(connections: 10));
        var host = world.Host("10.0.0.1");
        world.Dns["relay.example"] = new(
            [new ResolvedHost("relay.example", 0, [host.Address])], NextHopFailure.None, null, TimeSpan.FromHours(1));
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        world.After(TimeSpan.Zero, () => world.UseDrained(new HashSet<HostSelector> { new("relay.example", null) }));
        var drained = world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(10));
        host.Mood = Mood.Refuses;
        world.Accept("x@b.example");
        world.Run(TimeSpan.FromSeconds(10));
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(52));
        Assert.Equal(2, host.Accepted.Count);
        Assert.Equal(drained, Assert.Single(world.Stored).Key.Mid);
    }

    [Fact]
    public void A_message_that_had_a_name_looked_up_does_not_wait_for_its_first_address()
    {
        var world = new SimWorld("a.example relay.example\nb.example 10.0.0.1\n", Options(connections: 1));
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Latency = TimeSpan.FromSeconds(7);
        world.Dns["relay.example"] = new([new ResolvedHost("relay.example", 0, [first.Address, second.Address])],
            NextHopFailure.None, null, TimeSpan.FromHours(1));
        world.Accept("x@b.example");
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(second.Accepted);
    }

    [Fact]
    public void What_was_to_go_on_at_a_host_goes_in_turn_once_another_was_tried()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=5, 10.0.0.3/pri=10\n", Options(connections: 10));
        var (first, second, third) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"), world.Host("10.0.0.3"));
        (second.Mood, third.Mood) = (Mood.TakesOneRecipient, Mood.SilentAtMail);
        Drain("10.0.0.1");
        world.Accept("bob@example.com", "eve@example.com");
        // The second host has answered, and is drained before eve's further transaction begins.
        world.Run(TimeSpan.FromMilliseconds(10.5));
        Drain("10.0.0.1", "10.0.0.2");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(third.Offered);
        Drain();
        world.Run(TimeSpan.FromMinutes(6));
        Assert.Equal((1, 1), (first.Accepted.Count, second.Accepted.Count));

        void Drain(params string[] hosts) => world.After(TimeSpan.Zero, () =>
            world.UseDrained(hosts.Select(h => new HostSelector(h, null)).ToHashSet()));
    }

    private static DeliveryOptions Options(int connections) => new()
    {
        HostName = "gw.example",
        MaxConnectionsPerAddress = connections,
        BounceProfiles = new Dictionary<string, BounceProfile>
        {
            ["default"] = new() { InitialWait = TimeSpan.FromHours(1) },
        },
    };
}
