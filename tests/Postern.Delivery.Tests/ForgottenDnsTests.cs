using System.Net;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>What DNS said is asked for again when an operator says so, and used on until the answer is there.</summary>
public sealed class ForgottenDnsTests
{
    [Theory]
    [InlineData("a.example relay.example\n", "relay.example")]
    [InlineData("b.example 10.0.0.9\n", "a.example")]
    public void Dns_is_asked_once_more_when_its_answer_is_forgotten_and_no_mail_waits_for_it(string routes, string name)
    {
        var world = new SimWorld(routes);
        var host = world.Host("10.0.0.1");
        world.Dns[name] = new([new ResolvedHost("mx.example", 10, [IPAddress.Parse("10.0.0.1")])],
            NextHopFailure.None, null, TimeSpan.FromDays(1));
        // A message that waits keeps the queue, and with it what is known of its domain.
        var state = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = world.Now + TimeSpan.FromDays(1) };
        world.Load(new Envelope(), state, "y@a.example", world.Now);
        Send(world);
        Assert.Equal(1, world.Lookups);
        Send(world);
        Assert.Equal(1, world.Lookups);

        world.After(TimeSpan.Zero, () => world.Scheduler.ForgetDns());
        Send(world);
        Assert.Equal(2, world.Lookups);
        // The new answer holds for its own time again.
        Send(world);
        Assert.Equal(2, world.Lookups);
        Assert.Equal(4, host.Accepted.Count);
    }

    private static void Send(SimWorld world)
    {
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(5));
    }
}
