using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>Which hosts an operator is told of as out.</summary>
public sealed class LeftOutTests
{
    private readonly SimWorld world = new("example.com 10.0.0.1, 10.0.0.2/pri=10\n") { IsOperated = true };

    [Fact]
    public void A_host_that_is_out_is_told_of_until_no_route_names_it()
    {
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Host("10.0.0.2");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(["10.0.0.1:25"], Told());

        // Nothing but the other host is altered, and no mail has come since.
        Use("example.com 10.0.0.1, 10.0.0.2/pri=12\n");
        Assert.Equal(["10.0.0.1:25"], Told());

        Use("example.com 10.0.0.2\n");
        Assert.Empty(Told());
    }

    private void Use(string routes)
    {
        world.UseRoutes(routes);
        world.Run(TimeSpan.FromSeconds(1));
    }

    private IEnumerable<string> Told() => world.Scheduler.Overview.LeftOut(10).Select(host => host.Host);
}
