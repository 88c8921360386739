using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>Mail that waits for one host goes on as soon as another one, or none but another one, will do.</summary>
public sealed class WaitingTests
{
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
