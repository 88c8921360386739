using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>A host that is left out is probed at once when an operator wants it.</summary>
public sealed class HostRetryTests
{
    private const string Route = "example.com 10.0.0.1\n";
    private static readonly HostSelector Host = new("10.0.0.1", null);

    [Fact]
    public void What_waits_for_a_host_goes_on_as_soon_as_it_is_retried_and_answers()
    {
        var world = new SimWorld(Route) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        for (var i = 0; i < 3; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Empty(host.Accepted);

        Assert.Equal(1, world.Scheduler.Operations.Retry(Host));
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(3, host.Accepted.Count);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void One_that_still_fails_is_left_out_for_longer()
    {
        var world = new SimWorld(Route) { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(1, world.Scheduler.Operations.Retry(Host));
        world.Run(TimeSpan.FromSeconds(1));

        var told = Assert.Single(world.Scheduler.Overview.Hosts(Host));
        Assert.Equal((HostState.LeftOut, 1), (told.State, told.FailedProbes));
        Assert.InRange(told.NextProbe!.Value - world.Now, TimeSpan.FromSeconds(110), TimeSpan.FromSeconds(120));
    }

    [Fact]
    public void Without_mail_the_next_message_probes_it()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n") { IsOperated = true };
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        first.Mood = Mood.Well;

        Assert.Equal(1, world.Scheduler.Operations.Retry(Host));
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(first.Accepted);
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1), (first.Accepted.Count, second.Accepted.Count));
    }

    [Fact]
    public void One_that_is_up_or_drained_is_left_as_it_is()
    {
        var world = new SimWorld(Route) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(0, world.Scheduler.Operations.Retry(Host));
        Assert.Equal(0, world.Scheduler.Operations.Retry(new HostSelector("10.0.0.9", 25)));

        host.Mood = Mood.Refuses;
        world.Run(TimeSpan.FromMinutes(10));
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(HostState.LeftOut, Assert.Single(world.Scheduler.Overview.Hosts(Host)).State);
        world.UseDrained(new HashSet<HostSelector> { Host });
        Assert.Equal(0, world.Scheduler.Operations.Retry(Host));
    }
}
