using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;

namespace Postern.Delivery.Tests;

/// <summary>A host that takes few connections (contract §3, choosing, 4): it is not out, and no mail waits.</summary>
public sealed class AllowanceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_host_that_takes_few_connections_gets_a_burst_without_being_left_out(int limit)
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Limit = limit;
        for (var i = 0; i < 500; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(500, first.Accepted.Count);
        Assert.Empty(second.Accepted);
        Assert.Empty(world.Log.OfType<HostHealthChanged>());
        Assert.Empty(world.Log.OfType<RecipientsPending>());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_host_that_refuses_all_of_a_burst_is_left_out_at_once()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Limit = 0;
        for (var i = 0; i < 500; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(500, second.Accepted.Count);
        Assert.InRange(first.Connections, 1, 4);
    }

    [Fact]
    public void A_host_that_takes_no_more_is_asked_for_one_at_a_time()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var first = world.Host("10.0.0.1");
        first.Limit = 8;
        for (var i = 0; i < 8; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 500; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(508, first.Accepted.Count);
        // Each acceptance allows one more, which four at a time would turn into a refusal for every other message.
        Assert.InRange(world.Log.OfType<OutgoingConnectionError>().Count(), 1, 508 / 5);
    }

    [Fact]
    public void A_host_that_ended_all_connections_is_not_taken_to_prosper()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        for (var i = 0; i < 200; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.InRange(first.Open, 10, 200);
        var before = first.Connections;
        first.Mood = Mood.Banner421;
        for (var i = 0; i < 10; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        // Without the look at the others it is asked some thirty times, each time beside one that is not known as dead.
        Assert.InRange(first.Connections - before, 1, 2);
        Assert.Equal(10, second.Accepted.Count);
        Assert.Single(world.Log.OfType<HostHealthChanged>());
    }

    [Fact]
    public void A_host_that_refuses_messages_gets_no_further_connection_until_it_takes_one()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.MailTransient;
        for (var i = 0; i < 4; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        var strained = host.Connections;
        for (var i = 0; i < 100; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(strained, host.Connections);

        // What it answers differently a while later is no longer held against it by anything but its strikes.
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(105, host.Accepted.Count);
        Assert.InRange(host.Connections, strained + 2, 110);
    }

    [Fact]
    public void A_near_host_is_asked_for_one_connection_at_a_time_while_it_prospers()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        for (var i = 0; i < 200; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        var before = host.Connections;
        Assert.InRange(host.Open, 10, 200);
        host.Mood = Mood.RcptTransient;
        for (var i = 0; i < 200; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        // The one that was being opened when the host's trouble showed.
        Assert.Equal(1, host.Connections - before);
    }

    [Fact]
    public void A_far_host_that_prospers_is_asked_for_four_connections_at_once()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        host.Latency = TimeSpan.FromSeconds(1);
        for (var i = 0; i < 8; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(6));
        var before = host.Connections;
        for (var i = 0; i < 40; i++) world.Accept("bob@example.com");
        for (var i = 0; i < 8; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(25));
        }
        Assert.Equal(ConnectionBook.MaxOpening, host.Connections - before);
    }

    [Fact]
    public void The_end_of_an_idle_connection_is_no_error_in_the_log()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        // One for the fresh connection that is refused, none for the kept one that turned out dead.
        Assert.Equal(new Dcid(2), Assert.Single(world.Log.OfType<OutgoingConnectionError>()).Dcid);
        Assert.Contains(world.Log.OfType<OutgoingClosed>(), c => c.Dcid == new Dcid(1));
    }

    [Fact]
    public void A_recipient_limit_is_not_passed_by_the_recipients_of_one_message()
    {
        var options = new DeliveryOptions
        {
            HostName = "gw.example",
            DefaultDestination = new() { RecipientLimit = 5, RecipientMinutes = 1 },
        };
        var world = new SimWorld("example.com 10.0.0.1\n", options);
        var host = world.Host("10.0.0.1");
        for (var i = 0; i < 4; i++) world.Accept("bob@example.com", "carol@example.com");
        world.Run(TimeSpan.FromSeconds(59));
        Assert.Equal(4, host.Accepted.Count);
        world.Run(TimeSpan.FromSeconds(3));
        Assert.Equal(8, host.Accepted.Count);
    }
}
