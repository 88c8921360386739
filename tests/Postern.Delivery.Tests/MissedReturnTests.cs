using System.Net;
using Postern.Delivery.Tests.Simulation;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>What a job must not miss because it was busy elsewhere, or because the gateway was started again.</summary>
public sealed class MissedReturnTests
{
    [Fact]
    public void A_host_whose_time_ended_while_the_mail_was_with_another_is_probed_at_once()
    {
        var options = new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile>
            {
                ["default"] = new() { InitialWait = TimeSpan.FromHours(1) },
            },
        };
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n", options);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        second.Mood = Mood.SilentAtMail;
        world.Run(TimeSpan.FromMinutes(2));
        first.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(3) + TimeSpan.FromSeconds(2));
        Assert.Single(first.Accepted);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Uncertain_mail_goes_back_to_its_host_after_a_start_although_its_name_is_not_looked_up_yet()
    {
        var world = new SimWorld("example.com 10.0.0.1, [mx.example]/pri=10\n");
        var (other, host) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        world.Dns["mx.example"] = new(
            [new("mx.example", 0, [IPAddress.Parse("10.0.0.2")])], NextHopFailure.None, null, TimeSpan.FromHours(1));
        var state = RecipientState.Fresh with
        {
            Rounds = 1,
            Reason = WaitReason.Uncertain,
            Due = world.Now + TimeSpan.FromSeconds(5),
            Uncertainty = new("[mx.example]", "10.0.0.2", 25, 1, world.Now),
        };
        world.Load(state, "bob@example.com");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Empty(other.Offered);
        Assert.Single(host.Accepted);
    }
}
