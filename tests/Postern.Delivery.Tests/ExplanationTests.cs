using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;

namespace Postern.Delivery.Tests;

/// <summary>What is told of hosts, addresses and messages, held against what then happens.</summary>
public sealed class ExplanationTests
{
    private const string Three = "example.com 10.0.0.1/weight=3, 10.0.0.2, 10.0.0.3/pri=10\n";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Each_explanation_is_what_the_next_attempt_then_does(int seed)
    {
        var chance = new Random(seed);
        var world = new SimWorld(Three, seed: seed);
        SimHost[] hosts = [world.Host("10.0.0.1"), world.Host("10.0.0.2"), world.Host("10.0.0.3")];
        Mood[] moods = [Mood.Well, Mood.Well, Mood.Refuses, Mood.BannerBusy, Mood.MailFull, Mood.MailTransient];
        var compared = 0;
        for (var i = 0; i < 300; i++)
        {
            var told = world.Scheduler.Explainer.Explain(Mailbox.Parse("bob@example.com"), null);
            Assert.Equal(told.Hosts, world.Scheduler.Explainer.Explain(Mailbox.Parse("bob@example.com"), null).Hosts);
            var soon = world.Now.AddMilliseconds(500);
            var changesMeanwhile = world.Scheduler.Overview.Hosts(0, 9)
                .Any(h => h.Until > world.Now && h.Until <= soon);
            world.ForgetAttempts();
            var mid = world.Accept("bob@example.com");
            world.Run(TimeSpan.FromMilliseconds(500));
            var tried = world.Attempts.Where(a => a.Mid == mid).Select(a => a.Host).ToList();
            // Mail that waits may take turns in between, and a time may be over in between: then it was another moment.
            if (told.Queue!.Recipients == 0 && !changesMeanwhile)
            {
                Assert.Equal(told.Hosts.Select(h => h.Host).Take(tried.Count), tried);
                if (tried.Count > 0) compared++;
            }
            var host = hosts[chance.Next(hosts.Length)];
            host.Mood = moods[chance.Next(moods.Length)];
            world.Run(TimeSpan.FromSeconds(chance.Next(40)));
            if (i % 10 != 9) continue;
            foreach (var one in hosts) one.Mood = Mood.Well;
            world.Run(TimeSpan.FromMinutes(chance.Next(10, 30)));
        }
        Assert.InRange(compared, 50, 300);
    }

    [Fact]
    public void What_waits_for_want_of_credentials_goes_on_when_it_is_told_to()
    {
        var world = new SimWorld("example.com 10.0.0.1 auth=office\n");
        world.Host("10.0.0.1").Mood = Mood.AuthRefused;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        var next = Assert.Single(world.Scheduler.Explainer.Explain(mid, world.Read(mid))!.Recipients).Next;
        world.ForgetAttempts();

        world.Run(next.At!.Value - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.Empty(world.Attempts);
        world.Run(TimeSpan.FromMilliseconds(2));
        Assert.Single(world.Attempts);
    }

    [Fact]
    public void A_recipient_that_was_refused_is_told_so_though_the_host_took_the_message_for_others()
    {
        var world = new SimWorld("example.com 10.0.0.1 on_rcpt_4xx=hold\nexample.net 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = Mood.RefusesSome;
        foreach (var domain in (string[])["example.com", "example.net"])
        {
            var mid = world.Accept($"a@{domain}", $"b@{domain}", $"c@{domain}");
            world.Run(TimeSpan.FromSeconds(1));

            var refused = Assert.Single(world.Scheduler.Explainer.Explain(mid, world.Read(mid))!.Recipients);

            Assert.Equal("rcpt", Assert.Single(refused.Attempts).Stage);
        }
    }

    [Fact]
    public void A_held_message_is_next_tried_when_and_where_it_says()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Mood = second.Mood = Mood.MailTransient;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));

        var told = world.Scheduler.Explainer.Explain(mid, world.Read(mid))!;

        var bob = Assert.Single(told.Recipients);
        Assert.Equal(("held", 1, "alice@src.example"), (bob.State, bob.Rounds, told.From));
        Assert.Equal([("10.0.0.1", "mail", 450), ("10.0.0.2", "mail", 450)],
            bob.Attempts.Select(a => (a.Host, a.Stage, a.Code)));
        Assert.Contains("4xx to the mail itself", bob.Next.Why, StringComparison.Ordinal);
        world.ForgetAttempts();
        world.Run(bob.Next.At!.Value - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.Empty(world.Attempts);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(bob.Hosts.Select(h => h.Host), world.Attempts.Select(a => a.Host));
        Assert.Equal(2, world.Attempts.Count);
    }

    [Fact]
    public void Mail_that_waits_for_a_host_is_told_the_probe_and_the_probe_comes_then()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        var mid = world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(5));

        var next = Assert.Single(world.Scheduler.Explainer.Explain(mid, world.Read(mid))!.Recipients).Next;
        var report = Assert.Single(world.Scheduler.Overview.Hosts(0, 10));

        Assert.Contains("for want of a host", next.Why, StringComparison.Ordinal);
        Assert.Equal((HostState.LeftOut, 1, report.Until), (report.State, report.ConsecutiveFailures, next.At));
        Assert.Equal(["example.com"], report.Queues);
        Assert.Equal("[Errno 111] Connection refused", report.LastError);
        world.Run(next.At!.Value - world.Now - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, host.Connections);
        world.Run(TimeSpan.FromMilliseconds(2));
        Assert.Equal(2, host.Connections);
    }

    [Fact]
    public void The_states_of_a_host_are_told_as_they_come()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var first = world.Host("10.0.0.1");
        world.Host("10.0.0.2");
        var states = new List<HostState>();
        void Send(Mood mood, TimeSpan wait)
        {
            first.Mood = mood;
            world.Accept("bob@example.com");
            world.Run(wait);
            states.Add(world.Scheduler.Overview.Hosts(new HostSelector("10.0.0.1", 25))[0].State);
        }

        Send(Mood.Well, TimeSpan.FromSeconds(10));
        Send(Mood.MailFull, TimeSpan.FromSeconds(10));
        Send(Mood.MailFull, TimeSpan.FromSeconds(61));
        Send(Mood.Well, TimeSpan.FromSeconds(10));
        Send(Mood.Silent, TimeSpan.FromSeconds(15));

        Assert.Equal(
            [HostState.Up, HostState.Suspect, HostState.LeftOut, HostState.Returning, HostState.Silent], states);
    }

    [Fact]
    public void A_domain_whose_queue_is_empty_is_told_with_what_is_known_of_the_hosts_of_its_route()
    {
        var world = new SimWorld(".example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        var second = world.Host("10.0.0.2");
        world.Accept("bob@a.example.com");
        world.Run(TimeSpan.FromSeconds(10));

        var told = Assert.Single(Destinations());
        Assert.Equal((0, 2, 1, HostState.Up), (told.ActiveRecipients, told.Hosts, told.HostsOut, told.HostState));
        second.Mood = Mood.Refuses;
        world.Accept("eve@b.example.com");
        world.Run(TimeSpan.FromSeconds(1));
        var rows = Destinations();
        Assert.Equal(2, rows.Count);
        Assert.All(rows, row => Assert.Equal((2, 2, HostState.LeftOut), (row.Hosts, row.HostsOut, row.HostState)));

        IReadOnlyList<DestinationReport> Destinations() =>
            world.Scheduler.Overview.Destinations(
                [.. DestinationStanding.SumOf(world.Scheduler.Overview.Survey().All())]);
    }

    [Fact]
    public void An_explanation_names_the_route_those_it_beats_and_what_waits()
    {
        var world = new SimWorld("ALL 10.0.0.9\n.example.com 10.0.0.2\na.example.com 10.0.0.1:26\n");
        world.Host("10.0.0.1", 26).Mood = Mood.Refuses;
        world.Accept("bob@a.example.com", "eve@a.example.com");
        world.Run(TimeSpan.FromSeconds(1));

        var told = world.Scheduler.Explainer.Explain(Mailbox.Parse("Bob@A.example.com"), null);

        Assert.Equal(("a.example.com", "hosts", 3), (told.Route!.Key, told.Route.Kind, told.Route.Line));
        Assert.Equal([".example.com", "ALL"], told.Beats.Select(b => b.Key));
        Assert.Equal(("preferred", (string?)null), (told.NotTried[0].Tls, told.NotTried[0].Auth));
        Assert.Empty(told.Hosts);
        var left = Assert.Single(told.NotTried);
        Assert.Equal(("10.0.0.1:26", HostState.LeftOut), (left.Host, left.State));
        Assert.Equal((2, 2, 0), (told.Queue!.Recipients, told.Queue.HeldForHost, told.Queue.Ready));
    }

    [Fact]
    public void Other_routes_are_counted_by_the_recipients_they_would_lead_elsewhere()
    {
        var world = new SimWorld("a.example 10.0.0.1\nb.example 10.0.0.1\n");
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept("x@a.example", "y@a.example", "z@b.example");
        world.Run(TimeSpan.FromSeconds(1));
        var explainer = world.Scheduler.Explainer;

        Assert.Equal(0, explainer.CountElsewhere(explainer.QueueNames(), SimWorld.Table("ALL 10.0.0.1\n")));
        Assert.Equal(2, explainer.CountElsewhere(
            explainer.QueueNames(), SimWorld.Table("a.example 10.0.0.2\nb.example 10.0.0.1\n")));
    }
}
