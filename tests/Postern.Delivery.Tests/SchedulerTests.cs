using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>The rules of contract §3 on a fake clock.</summary>
public sealed class SchedulerTests
{
    private const string Two = "example.com 10.0.0.1/pri=0, 10.0.0.2/pri=10\n";
    private const string Equal = "example.com 10.0.0.1, 10.0.0.2\n";

    [Fact]
    public void The_original_scenario_goes_to_the_second_host_at_once()
    {
        var world = new SimWorld(Two);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.BannerBusy;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([(mid, new Rid(0))], second.Accepted);
        Assert.Empty(world.Stored);
        var error = Assert.Single(world.Log.OfType<OutgoingConnectionError>());
        Assert.Equal("431-?example.com ESMTP\nMail system full", error.Details);
        Assert.Equal("unexpected SMTP response", error.Reason);
    }

    [Fact]
    public void Equal_hosts_take_turns_by_message()
    {
        var world = new SimWorld("example.com 10.0.0.1/weight=3, 10.0.0.2\n");
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        for (var i = 0; i < 40; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(30, a.Accepted.Count);
        Assert.Equal(10, b.Accepted.Count);
    }

    [Fact]
    public void Both_full_holds_the_mail_and_delivers_when_one_recovers()
    {
        var world = new SimWorld(Two);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = second.Mood = Mood.MailFull;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, world.Log.OfType<Delayed>().Count());
        var pending = Assert.Single(world.Log.OfType<RecipientsPending>());
        Assert.InRange((pending.Till - world.Now).TotalSeconds, 50, 67);
        Assert.Equal(WaitReason.Mail, world.Stored[(mid, new Rid(0))].Reason);
        second.Mood = Mood.Well;
        world.Run(TimeSpan.FromSeconds(70));
        Assert.Single(second.Accepted);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Two_strong_strikes_of_different_messages_leave_a_host_out_and_one_message_does_not()
    {
        var world = new SimWorld(Two);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.MailFull;
        for (var i = 0; i < 6; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(2, first.Offered.Count);
        Assert.Equal(6, second.Accepted.Count);
    }

    [Fact]
    public void Five_weak_strikes_leave_a_host_out()
    {
        var world = new SimWorld(Two);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.MailTransient;
        for (var i = 0; i < 8; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(100));
        }
        Assert.Equal(5, first.Offered.Count);
        Assert.Equal(8, second.Accepted.Count);
    }

    [Fact] // Contract §3, choosing, 8.
    public void Mail_that_waits_for_a_connection_to_open_takes_a_new_route_at_once()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.BannerDelay = TimeSpan.FromSeconds(7);
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        world.UseRoutes("example.com 10.0.0.2\n");
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(second.Accepted);
        world.Run(TimeSpan.FromMinutes(1));
        Assert.Equal((1, 0, 0), (first.Connections, first.Open, first.Offered.Count));
    }

    [Fact]
    public void A_host_that_refuses_is_probed_by_one_message_when_its_time_is_over()
    {
        var world = new SimWorld(Two);
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(59));
        Assert.Equal(1, first.Connections);
        world.Run(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 10; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, first.Connections);
        world.Run(TimeSpan.FromSeconds(117));
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, first.Connections);
        // The probe takes longer than the connections to the second host.
        (first.Mood, first.BannerDelay) = (Mood.Well, TimeSpan.FromMilliseconds(500));
        world.Run(TimeSpan.FromSeconds(2));
        for (var i = 0; i < 10; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(first.Accepted);
        Assert.Equal(3, first.Connections);
        for (var i = 0; i < 10; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(11, first.Accepted.Count);
    }

    [Fact]
    public void What_was_held_for_want_of_a_host_is_released_oldest_first_and_paced()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        var mids = new List<Mid>();
        for (var i = 0; i < 200; i++) mids.Add(world.Accept("bob@example.com"));
        world.Run(TimeSpan.FromMinutes(15));
        Assert.InRange(host.Connections, 3, 8);
        host.Mood = Mood.Well;
        host.MostOpen = 0;
        world.Run(TimeSpan.FromMinutes(11));
        Assert.Equal(200, host.Accepted.Count);
        // A message that waits for a connection to open may be overtaken by those that find one open.
        Assert.Subset(host.Accepted.Take(30).Select(a => a.Mid).ToHashSet(), mids.Take(20).ToHashSet());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_silent_host_costs_its_share_of_a_few_messages_only()
    {
        var world = new SimWorld(Equal);
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        a.Mood = Mood.Silent;
        for (var i = 0; i < 1000; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(5));
        }
        Assert.True(b.Accepted.Count >= 990, $"{b.Accepted.Count}");
        world.Run(TimeSpan.FromSeconds(12));
        Assert.Equal(1000, b.Accepted.Count);
        Assert.InRange(a.Connections, 1, 4);
    }

    [Fact]
    public void A_host_that_was_silent_is_used_as_soon_as_it_replies()
    {
        var world = new SimWorld(Equal);
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        a.BannerDelay = TimeSpan.FromSeconds(15.3);
        var begin = world.Now;
        for (var i = 0; i < 1000; i++)
        {
            world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(20));
        }
        Assert.Contains(world.Log.OfType<HostHealthChanged>(), c => c.Text.Contains("owes a reply for too long"));
        Assert.InRange((a.Offered[0].At - begin).TotalSeconds, 15.3, 15.4);
        Assert.Equal(1000, a.Accepted.Count + b.Accepted.Count);
    }

    [Fact]
    public void No_reply_after_the_dot_is_uncertain_and_tried_at_the_same_host_first()
    {
        var world = new SimWorld(Equal);
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        a.Mood = b.Mood = Mood.DropsAfterDot;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(5));
        var uncertain = Assert.Single(world.Log.OfType<Uncertain>());
        Assert.Equal(
            TimeSpan.FromMinutes(10), uncertain.Till - world.Stored[(mid, new Rid(0))].Uncertainty!.DotWritten);
        Assert.Equal(1, a.Offered.Count + b.Offered.Count);
        var (same, other) = a.Offered.Count == 1 ? (a, b) : (b, a);
        world.Run(TimeSpan.FromMinutes(9));
        Assert.Single(same.Offered);
        a.Mood = b.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(2, same.Offered.Count);
        Assert.Empty(other.Offered);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void More_than_max_retries_rounds_expire()
    {
        var profile = new BounceProfile { MaxRetries = 2 };
        var world = new SimWorld(Two, new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = profile },
        });
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = second.Mood = Mood.DotTransient;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromHours(1));
        var bounced = Assert.Single(world.Log.OfType<Bounced>());
        Assert.Equal(new EnhancedStatus(5, 4, 7), bounced.Status);
        Assert.Equal(3, first.Offered.Count);
        Assert.Equal(3, second.Offered.Count);
        Assert.Empty(world.Stored);
        Assert.Single(world.Reported);
    }

    [Fact]
    public void Mail_that_no_host_ever_took_expires_by_its_time_in_queue()
    {
        var profile = new BounceProfile { MaxRetries = 100_000 };
        var world = new SimWorld("example.com 10.0.0.1\n", new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = profile },
        });
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromHours(71.9));
        Assert.Empty(world.Log.OfType<Bounced>());
        world.Run(TimeSpan.FromHours(0.2));
        Assert.Single(world.Log.OfType<Bounced>());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void At_the_limit_of_all_connections_mail_waits_for_one_and_an_idle_one_goes_for_it()
    {
        var world = new SimWorld(
            "a.example 10.0.0.1\nb.example 10.0.0.2\n",
            new DeliveryOptions { HostName = "gw.example", MaxConnections = 1 });
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        a.Latency = TimeSpan.FromSeconds(2);
        world.Accept("bob@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        world.Accept("bob@b.example");
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(0, b.Connections);
        // The connection to the first host has just become idle: it goes at once, not when it has been idle for long.
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Single(a.Accepted);
        Assert.Single(b.Accepted);
        Assert.Equal((0, 1), (a.Open, b.Open));
    }

    [Fact]
    public void New_routes_apply_to_mail_that_waits()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        var other = world.Host("10.0.0.9");
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        world.After(TimeSpan.Zero, () => world.UseRoutes("example.com 10.0.0.9\n"));
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(other.Accepted);
    }

    [Fact]
    public void Dev_null_discards_new_mail_and_holds_what_waits()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        var waiting = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        world.After(TimeSpan.Zero, () => world.UseRoutes("example.com /dev/null\n"));
        var discarded = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromHours(1));
        Assert.Equal(waiting, Assert.Single(world.Stored).Key.Mid);
        Assert.Equal(discarded, Assert.Single(world.Log.OfType<Discarded>()).Mid);
    }

    [Fact]
    public void The_wait_of_mail_whose_look_up_fails_doubles_from_round_to_round()
    {
        var world = new SimWorld("");
        world.Dns["soft.example"] = new([], NextHopFailure.Temporary, "SERVFAIL", TimeSpan.FromSeconds(5));
        var mid = world.Accept("x@soft.example");
        world.Run(TimeSpan.FromHours(3));

        var till = world.Log.OfType<RecipientsPending>().Where(p => p.Mid == mid).Select(p => p.Till).ToList();
        var waits = till.Zip(till.Skip(1), (one, next) => (int)Math.Round((next - one).TotalMinutes));

        Assert.Equal([2, 4, 8, 16, 32, 60], waits.Take(6));
    }

    [Fact]
    public void A_domain_that_does_not_exist_bounces_and_a_server_failure_waits()
    {
        var world = new SimWorld("");
        world.Dns["soft.example"] = new([], NextHopFailure.Temporary, "SERVFAIL", TimeSpan.FromSeconds(5));
        world.Accept("x@nowhere.example");
        var soft = world.Accept("x@soft.example");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(new EnhancedStatus(5, 1, 2), Assert.Single(world.Log.OfType<Bounced>()).Status);
        Assert.Equal(1, world.Stored[(soft, new Rid(0))].Rounds);
        var host = world.Host("10.0.0.7");
        var mx = new ResolvedHost("mx.soft.example", 10, [host.Address]);
        world.Dns["soft.example"] = new([mx], NextHopFailure.None, null, TimeSpan.FromMinutes(5));
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Single(host.Accepted);
    }
}
