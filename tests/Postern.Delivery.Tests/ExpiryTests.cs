using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>Contract §4: whatever mail waits for, it expires when its time in the queue is over.</summary>
public sealed class ExpiryTests
{
    private static readonly TimeSpan MaxTime = TimeSpan.FromHours(2);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static DeliveryOptions Options(TimeSpan? maxTime = null) => new()
    {
        HostName = "gw.example",
        BounceProfiles = new Dictionary<string, BounceProfile>
        {
            ["default"] = new() { MaxRetries = 100_000, MaxTimeInQueue = maxTime ?? MaxTime },
        },
    };

    public enum Wait
    {
        HostRefuses,
        HostSilent,
        HostsLeftOutByStrikes,
        MailAnswered,
        RecipientAnswered,
        NoReplyAfterTheDot,
        DeliverySuspended,
        HostDrained,
        NameDrained,
        NameWithoutAddress,
        DomainUnresolved,
        RouteDiscards,
    }

    [Theory]
    [InlineData(Wait.HostRefuses)]
    [InlineData(Wait.HostSilent)]
    [InlineData(Wait.HostsLeftOutByStrikes)]
    [InlineData(Wait.MailAnswered)]
    [InlineData(Wait.RecipientAnswered)]
    [InlineData(Wait.NoReplyAfterTheDot)]
    [InlineData(Wait.DeliverySuspended)]
    [InlineData(Wait.HostDrained)]
    [InlineData(Wait.NameDrained)]
    [InlineData(Wait.NameWithoutAddress)]
    [InlineData(Wait.DomainUnresolved)]
    [InlineData(Wait.RouteDiscards)]
    public void Mail_expires_on_time_whatever_it_waits_for(Wait wait)
    {
        var world = Waiting(wait);
        var accepted = world.Now;
        var mid = world.Accept("bob@example.com");
        if (wait == Wait.RouteDiscards)
        {
            world.Run(Second);
            world.After(TimeSpan.Zero, () => world.Scheduler.UseRoutes(SimWorld.Table("example.com /dev/null\n")));
        }
        ExpiresAt(world, mid, accepted + MaxTime);
    }

    [Fact]
    public void Mail_over_the_recipient_limit_expires_on_time()
    {
        var world = World("example.com 10.0.0.1\n", Options() with
        {
            DefaultDestination = new() { RecipientLimit = 1, RecipientMinutes = 1440 },
        });
        var host = world.Host("10.0.0.1");
        world.Accept("bob@example.com");
        world.Run(Second);
        var accepted = world.Now;
        var mid = world.Accept("carol@example.com");
        ExpiresAt(world, mid, accepted + MaxTime);
        Assert.Single(host.Accepted);
    }

    [Fact]
    public void Mail_that_waits_for_a_connection_expires_on_time()
    {
        var world = World("example.com 10.0.0.1\nother.example 10.0.0.2\n", Options() with
        {
            MaxConnections = 1,
            CommandTimeout = TimeSpan.FromHours(3),
        });
        var free = world.Host("10.0.0.1");
        world.Host("10.0.0.2").Mood = Mood.SilentAtMail;
        world.Accept("bob@other.example");
        world.Run(Second);
        var accepted = world.Now;
        var mid = world.Accept("carol@example.com");
        ExpiresAt(world, mid, accepted + MaxTime);
        Assert.Equal(0, free.Connections);
    }

    [Theory]
    [InlineData(WaitReason.None)]
    [InlineData(WaitReason.Mail)]
    [InlineData(WaitReason.Host)]
    [InlineData(WaitReason.Uncertain)]
    public void A_restart_does_not_begin_the_time_anew(WaitReason reason)
    {
        var world = World("example.com 10.0.0.1\n", Options());
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        var state = new RecipientState
        {
            Rounds = 3,
            Reason = reason,
            Due = world.Now + TimeSpan.FromHours(9),
            Uncertainty = reason == WaitReason.Uncertain ? new("10.0.0.1", "10.0.0.1", 25, 1, world.Now) : null,
        };
        var accepted = world.Now - TimeSpan.FromHours(1);
        world.Load(new Envelope { ReversePath = Mailbox.Parse("alice@src.example") }, state, "bob@example.com",
            accepted);
        ExpiresAt(world, new Mid(1), accepted + MaxTime);
    }

    [Fact]
    public void A_report_that_waits_for_its_turn_expires_without_a_report_of_its_own()
    {
        var world = World("src.example 10.0.0.1\n", Options());
        var state = new RecipientState { Reason = WaitReason.Pace, Due = world.Now + TimeSpan.FromHours(9) };
        world.Load(new Envelope(), state, "alice@src.example", world.Now);
        world.Run(MaxTime + Second);
        Assert.Equal(new EnhancedStatus(5, 4, 7), Assert.Single(world.Log.OfType<Bounced>()).Status);
        Assert.Single(world.Log.OfType<DoubleBounce>());
        Assert.Empty(world.Reports);
        Assert.Empty(world.Stored);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Another_time_in_the_queue_holds_at_once_for_what_waits(int hours)
    {
        var world = Waiting(Wait.RouteDiscards);
        var accepted = world.Now;
        var mid = world.Accept("bob@example.com");
        world.Run(Second);
        world.After(TimeSpan.Zero, () => world.Scheduler.UseRoutes(SimWorld.Table("example.com /dev/null\n")));
        world.Run(Second);
        world.After(TimeSpan.Zero, () => world.Scheduler.UseOptions(Options(TimeSpan.FromHours(hours))));
        ExpiresAt(world, mid, accepted + TimeSpan.FromHours(hours));
    }

    [Fact]
    public void What_expires_together_in_several_domains_is_one_report()
    {
        var world = World("ALL 10.0.0.1\n", Options());
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept("a@one.example", "b@two.example", "c@two.example", "d@three.example");
        world.Run(MaxTime + Second);
        var report = Assert.Single(world.Reports);
        Assert.Equal([0, 1, 2, 3], report.Recipients.Select(r => r.Recipient.Rid.Value).Order());
        Assert.All(report.Recipients,
            r => Assert.Equal("10.0.0.1: [Errno 111] Connection refused", r.Explanation));
        Assert.Equal(4, world.Log.OfType<Bounced>().Count());
        Assert.Single(world.Log.OfType<MessageFinished>());
    }

    [Fact]
    public void The_profile_is_the_one_that_the_destination_control_names()
    {
        var options = Options();
        var world = World("ALL 10.0.0.1\n", options with
        {
            BounceProfiles = new Dictionary<string, BounceProfile>(options.BounceProfiles)
            {
                ["short"] = new() { Name = "short", MaxTimeInQueue = TimeSpan.FromMinutes(30) },
            },
            Destinations = new Dictionary<string, DestinationControl>
            {
                ["example.com"] = new() { BounceProfile = "short" },
            },
        });
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        world.Accept("bob@example.com", "carol@example.net");
        world.Run(TimeSpan.FromMinutes(30) + Second);
        Assert.Equal(new Rid(0), Assert.Single(world.Log.OfType<Bounced>()).Rid);
        Assert.Contains(world.Log.OfType<RecipientsPending>(), p => p.Profile == "short");
        world.Run(MaxTime);
        Assert.Equal(2, world.Log.OfType<Bounced>().Count());
    }

    // Contract §3, choosing, 7.
    [Fact]
    public void A_host_that_is_back_releases_what_waited_for_it_and_not_what_was_answered_4xx()
    {
        var world = World("example.com 10.0.0.1\n", Options());
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.RcptTransient;
        var answered = world.Accept("bob@example.com");
        world.Run(Second);
        var due = Assert.Single(world.Log.OfType<RecipientsPending>()).Till;
        host.Mood = Mood.Well;
        Drain(world, "10.0.0.1");
        var waited = world.Accept("carol@example.com");
        world.Run(Second);
        Assert.Equal(WaitReason.Mail, world.Stored[(answered, new Rid(0))].Reason);
        Assert.Equal(WaitReason.Host, world.Stored[(waited, new Rid(0))].Reason);
        Drain(world, null);
        world.Run(Second);
        Assert.Equal([(waited, new Rid(0))], host.Accepted);
        world.Run(due - world.Now - Second);
        Assert.Single(host.Accepted);
        world.Run(2 * Second);
        Assert.Equal([(waited, new Rid(0)), (answered, new Rid(0))], host.Accepted);
    }

    private static SimWorld Waiting(Wait wait)
    {
        var route = wait switch
        {
            Wait.DomainUnresolved => "",
            Wait.NameWithoutAddress or Wait.NameDrained => "example.com mx.host.example\n",
            _ => "example.com 10.0.0.1\n",
        };
        var world = World(route, Options());
        var host = world.Host("10.0.0.1");
        host.Mood = wait switch
        {
            Wait.HostRefuses or Wait.RouteDiscards => Mood.Refuses,
            Wait.HostSilent => Mood.Silent,
            Wait.HostsLeftOutByStrikes => Mood.MailFull,
            Wait.MailAnswered => Mood.DotTransient,
            Wait.RecipientAnswered => Mood.RcptTransient,
            Wait.NoReplyAfterTheDot => Mood.DropsAfterDot,
            _ => Mood.Well,
        };
        var softly = new NextHops([], NextHopFailure.Temporary, "SERVFAIL", TimeSpan.FromSeconds(5));
        world.Dns["example.com"] = softly;
        world.Dns["mx.host.example"] = wait == Wait.NameDrained
            ? new([new ResolvedHost("mx.host.example", 0, [host.Address])], NextHopFailure.None, null, MaxTime)
            : softly;
        world.Scheduler.IsSuspended = wait == Wait.DeliverySuspended;
        if (wait == Wait.HostsLeftOutByStrikes)
        {
            for (var i = 0; i < 3; i++) world.Accept("other@example.com");
            world.Run(Second);
        }
        Drain(world, wait == Wait.HostDrained ? "10.0.0.1" : wait == Wait.NameDrained ? "mx.host.example" : null);
        return world;
    }

    private static void Drain(SimWorld world, string? host)
    {
        var drained = new HashSet<HostSelector>();
        if (HostSelector.TryParse(host ?? "", out var selector)) drained.Add(selector);
        world.After(TimeSpan.Zero, () => world.Scheduler.UseDrained(drained));
    }

    private static void ExpiresAt(SimWorld world, Mid mid, DateTimeOffset expiry)
    {
        world.Run(expiry - world.Now - Second);
        Assert.DoesNotContain(world.Log.OfType<Bounced>(), b => b.Mid == mid);
        world.Run(2 * Second);
        var bounced = Assert.Single(world.Log.OfType<Bounced>(), b => b.Mid == mid);
        Assert.Equal("5.4.7 - Delivery expired (message too old)",
            $"{bounced.Status} - {EnhancedStatusText.Of(bounced.Status)}");
        Assert.Contains(world.Log.OfType<MessageFinished>(), f => f.Mid == mid);
        Assert.DoesNotContain(world.Stored.Keys, key => key.Mid == mid);
        Assert.Contains(world.Reported, r => r.Status == new EnhancedStatus(5, 4, 7));
    }

    // Options and drains change unseen by the model here; the tests look at what becomes of the mail themselves.
    private static SimWorld World(string routes, DeliveryOptions? options = null) =>
        new(routes, options) { IsOperated = true };
}
