using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>The options of a route that give its mail other rules.</summary>
public sealed class RoutePolicyTests
{
    private const string Name = "10.0.0.1";

    [Fact]
    public void A_recipient_answered_4xx_waits_for_its_next_round_where_the_route_says_hold()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 on_rcpt_4xx=hold\n");
        var (first, second) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.RcptTransient;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Empty(second.Offered);
        Assert.Single(world.Log.OfType<Delayed>());
        var pending = Assert.Single(world.Log.OfType<RecipientsPending>());
        Assert.InRange((pending.Till - world.Now).TotalSeconds, 50, 67);
        Assert.Equal((WaitReason.Mail, 1),
            (world.Stored[(mid, new Rid(0))].Reason, world.Stored[(mid, new Rid(0))].Rounds));

        first.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(70));
        Assert.Equal([(mid, new Rid(0))], first.Accepted);
        Assert.Empty(second.Offered);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Hold_is_for_those_that_were_refused_only_and_ends_with_the_retries()
    {
        var options = new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = new() { MaxRetries = 2 } },
        };
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2 on_rcpt_4xx=hold\n", options);
        var (first, second) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = second.Mood = Mood.RefusesSome;
        // Of three recipients in a row, one is refused.
        var mid = world.Accept("a@example.com", "b@example.com", "c@example.com");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(2, first.Accepted.Count + second.Accepted.Count);
        Assert.Equal(1, first.Offered.Count + second.Offered.Count);
        Assert.Single(world.Stored);
        world.Run(TimeSpan.FromMinutes(10));
        Assert.Equal(3, world.Log.OfType<Delayed>().Count(d => d.Mid == mid));
        Assert.Equal(new EnhancedStatus(5, 4, 7), Assert.Single(world.Log.OfType<Bounced>()).Status);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_4xx_to_mail_goes_to_the_next_host_though_rcpt_would_hold()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 on_rcpt_4xx=hold\n");
        var (first, second) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.MailTransient;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(second.Accepted);
    }

    [Fact]
    public void The_first_host_that_is_up_takes_all_with_first_up()
    {
        var world = new SimWorld("example.com 10.0.0.2/weight=9, 10.0.0.1, 10.0.0.3 hosts=first-up\n");
        var (second, first, third) = (world.Host(Name), world.Host("10.0.0.2"), world.Host("10.0.0.3"));
        void Send(int count)
        {
            for (var i = 0; i < count; i++)
            {
                world.Accept("bob@example.com");
                world.Run(TimeSpan.FromMilliseconds(100));
            }
        }

        Send(10);
        Assert.Equal((10, 0, 0), (first.Accepted.Count, second.Accepted.Count, third.Accepted.Count));
        first.Mood = Mood.Refuses;
        Send(10);
        Assert.Equal((10, 10, 0), (first.Accepted.Count, second.Accepted.Count, third.Accepted.Count));
        first.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(1));
        Send(10);
        Assert.Equal((20, 10, 0), (first.Accepted.Count, second.Accepted.Count, third.Accepted.Count));
    }

    [Fact]
    public void A_slow_host_gets_what_it_finishes_with_least_busy()
    {
        int ShareOfSlow(string option)
        {
            var world = new SimWorld($"example.com 10.0.0.1, 10.0.0.2 {option}\n");
            var (slow, quick) = (world.Host(Name), world.Host("10.0.0.2"));
            slow.Latency = TimeSpan.FromMilliseconds(350);
            for (var i = 0; i < 200; i++)
            {
                world.Accept("bob@example.com");
                world.Run(TimeSpan.FromMilliseconds(100));
            }
            world.Run(TimeSpan.FromSeconds(5));
            Assert.Equal(200, slow.Accepted.Count + quick.Accepted.Count);
            return slow.Accepted.Count;
        }

        Assert.Equal(100, ShareOfSlow(""));
        Assert.InRange(ShareOfSlow("hosts=least-busy"), 20, 80);
    }

    [Fact]
    public void Least_busy_keeps_to_the_weights()
    {
        PlanEntry Entry(int weight, int inFlight) => new()
        {
            Text = "x",
            Port = 25,
            Weight = weight,
            InFlight = inFlight,
        };
        Assert.Equal(1, Turns.Take([Entry(1, 1), Entry(3, 2)], Routing.EqualHosts.LeastBusy));
        Assert.Equal(0, Turns.Take([Entry(1, 1), Entry(3, 4)], Routing.EqualHosts.LeastBusy));
        Assert.Equal(1, Turns.Take([Entry(1, 1), Entry(3, 3)], Routing.EqualHosts.LeastBusy));
    }

    [Fact]
    public void Mail_waits_for_the_probe_and_goes_to_the_backup_when_the_time_is_over()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 hold_for_probe=5m\n");
        var (first, backup) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        var begin = world.Now;
        var told = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        world.Accept("eve@example.com");
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Empty(backup.Offered);
        var next = world.Scheduler.Explainer.Explain(Mailbox.Parse("bob@example.com"), null);
        Assert.Empty(next.Hosts);
        Assert.Contains(next.NotTried, s => s.Note == "not before 2026-01-01 00:05:00Z: hold_for_probe");
        Assert.Equal(1, world.Stored[(told, new Rid(0))].Rounds);

        world.Run(begin.AddMinutes(5) - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.Empty(backup.Offered);
        Assert.InRange(first.Connections, 3, 4);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, backup.Accepted.Count);
        // From then on the backup takes what comes, but for the probes.
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(3, backup.Accepted.Count);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Mail_that_waited_for_the_probe_goes_to_the_host_that_is_back()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 hold_for_probe=5m\n");
        var (first, backup) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        for (var i = 0; i < 20; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(30));
        first.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(40));
        Assert.Equal((20, 0), (first.Accepted.Count, backup.Offered.Count));
    }

    [Fact]
    public void A_silent_host_is_waited_for_as_long_as_one_that_refuses()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 hold_for_probe=2m\n");
        var (first, backup) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.Silent;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(15));
        var before = backup.Accepted.Count;
        var later = world.Accept("eve@example.com");
        world.Run(TimeSpan.FromSeconds(60));
        Assert.Equal(before, backup.Accepted.Count);
        world.Run(TimeSpan.FromSeconds(60));
        Assert.Contains((later, new Rid(0)), backup.Accepted);

        // Its connection times out and it is left out by the clock: the outage is the same one. The message probes it
        // and goes on after the ten seconds that it waits for a banner.
        world.Run(TimeSpan.FromMinutes(4));
        var last = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(12));
        Assert.Contains((last, new Rid(0)), backup.Accepted);
    }

    [Fact]
    public void A_host_that_only_answers_4xx_or_was_drained_is_not_waited_for()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 hold_for_probe=5m\n");
        var (first, backup) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.MailTransient;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(backup.Accepted);
        world.Scheduler.UseDrained(new HashSet<HostSelector> { new(Name, 25) });
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 2), (first.Offered.Count, backup.Accepted.Count));
    }

    [Fact]
    public void A_changed_policy_is_in_force_at_once()
    {
        var world = new SimWorld("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10 hold_for_probe=5m\n");
        var (first, backup) = (world.Host(Name), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(5));
        world.Scheduler.UseRoutes(SimWorld.Table("example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10\n"));
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(backup.Accepted);
    }
}
