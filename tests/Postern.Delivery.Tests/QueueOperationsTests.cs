using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>What operators do to mail that waits.</summary>
public sealed class QueueOperationsTests
{
    private const string Routes = "a.example 10.0.0.1\nb.example 10.0.0.1\n";
    private static readonly QueueSelection All = new();

    [Fact]
    public void What_is_deleted_is_gone_from_queue_and_store_without_a_bounce()
    {
        var world = Held(out var host, "x@a.example", "y@b.example");
        var other = world.Accept("z@a.example");
        world.Run(TimeSpan.FromSeconds(1));

        var done = world.Scheduler.Operations.Delete(new QueueSelection { Host = "a.example" }, default);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((2, 2, 0, true), (done.Messages, done.Recipients, done.LeftAlone, done.Durable.IsCompleted));
        Assert.Equal([new Mid(1), other], world.Log.OfType<Deleted>().Select(d => d.Mid));
        Assert.Equal([other], world.Log.OfType<MessageFinished>().Select(f => f.Mid));
        Assert.Equal((new Mid(1), new Rid(1)), Assert.Single(world.Stored).Key);
        Assert.Empty(world.Reported);
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(3));
        Assert.Equal([(new Mid(1), new Rid(1))], host.Accepted);
    }

    [Fact]
    public void What_is_bounced_by_hand_is_reported_with_5_0_0()
    {
        var world = Held(out _, "x@a.example");
        world.Scheduler.Operations.Bounce(All, default);
        world.Run(TimeSpan.FromSeconds(1));

        var bounced = Assert.Single(world.Log.OfType<Bounced>());
        Assert.Equal((new EnhancedStatus(5, 0, 0), "000"), (bounced.Status, bounced.Code));
        Assert.Equal("x@a.example", Assert.Single(world.Reported).Recipient.ForwardPath.Text);
        Assert.DoesNotContain(world.Stored.Keys, k => k.Mid == bounced.Mid);
    }

    [Fact]
    public void What_is_redirected_goes_to_the_other_host_and_stays_redirected_over_a_restart()
    {
        var world = Held(out var host, "x@a.example");
        var elsewhere = world.Host("10.0.0.2", 2525);
        elsewhere.Mood = Mood.MailTransient;
        var target = RedirectRoute.Read("10.0.0.2:2525", null, out _)!;
        world.Scheduler.Operations.Redirect(new QueueSelection { Host = "a.example" }, default, target);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Single(elsewhere.Offered);
        var state = world.Stored[(new Mid(1), new Rid(0))];
        Assert.Equal(("10.0.0.2:2525", 2, WaitReason.Mail), (state.Redirect, state.Rounds, state.Reason));
        // New mail for the domain takes its route.
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(elsewhere.Offered);

        var restarted = new SimWorld(Routes) { IsOperated = true };
        var there = restarted.Host("10.0.0.2", 2525);
        restarted.Host("10.0.0.1").Mood = Mood.Refuses;
        restarted.Load(state with { Due = null }, "x@a.example");
        restarted.Scheduler.Pump();
        restarted.Run(TimeSpan.FromSeconds(1));
        Assert.Single(there.Accepted);
        Assert.Empty(restarted.Stored);
        Assert.Empty(host.Accepted);
    }

    [Fact]
    public void Mail_that_was_redirected_still_waits_for_its_domain()
    {
        var world = Held(out _, "x@a.example", "y@a.example", "z@b.example");
        world.Host("10.0.0.2", 2525).Mood = Mood.MailTransient;
        var target = RedirectRoute.Read("10.0.0.2:2525", null, out _)!;
        world.Scheduler.Operations.Redirect(new QueueSelection { Host = "a.example" }, default, target);
        world.Run(TimeSpan.FromSeconds(1));
        world.Accept("w@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        var (explainer, overview) = (world.Scheduler.Explainer, world.Scheduler.Overview);

        var way = explainer.Explain(Mailbox.Parse("x@a.example"), null);

        // New mail goes by its route; what waits for a host of it and what was redirected are counted together.
        Assert.Equal("a.example", way.Route!.Key);
        Assert.Equal((3, 2, 1), (way.Queue!.Recipients, way.Queue.HeldForMail, way.Queue.HeldForHost));
        Assert.Equal(new RedirectedReport("10.0.0.2:2525", 2), Assert.Single(way.Queue.Redirected));
        Assert.True(HostSelector.TryParse("a.example", out var domain));
        Assert.Equal(["10.0.0.1:25", "10.0.0.2:2525"], overview.Status(domain, way).Hosts.Select(h => h.Host).Order());
        // Another route leads what goes by the route elsewhere, and that once.
        Assert.Equal(1, explainer.CountElsewhere(explainer.QueueNames(),
            SimWorld.Table("a.example 10.0.0.9\nb.example 10.0.0.1\n")));

        world.Scheduler.Operations.Delete(new QueueSelection { Mid = new Mid(2) }, default);
        world.Run(TimeSpan.FromSeconds(1));
        way = explainer.Explain(Mailbox.Parse("x@a.example"), null);
        Assert.Equal(2, way.Queue!.Recipients);
        Assert.NotNull(way.Next!.At);
        Assert.True(overview.IsAddressed("a.example"));

        world.Scheduler.Operations.Delete(All, default);
        world.Run(TimeSpan.FromSeconds(1));
        way = explainer.Explain(Mailbox.Parse("x@a.example"), null);
        Assert.Equal((0, 0), (way.Queue!.Recipients, way.Queue.Redirected.Count));
        Assert.Equal("nothing waits for this domain", way.Next!.Why);
    }

    [Fact]
    public void Redirected_mail_is_told_and_fails_over_like_any_other()
    {
        var world = Held(out _, "x@a.example");
        var (first, second) = (world.Host("10.0.0.2"), world.Host("10.0.0.3"));
        first.Mood = Mood.Refuses;
        var target = RedirectRoute.Read("10.0.0.2, 10.0.0.3/pri=10", null, out _)!;
        world.Scheduler.Operations.Redirect(All, default, target);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 1), (first.Accepted.Count, second.Accepted.Count));
        Assert.Equal("10.0.0.2, 10.0.0.3/pri=10", Assert.Single(world.Log.OfType<Redirected>()).Hosts);
    }

    [Fact]
    public void Deliver_now_probes_a_host_that_is_left_out_and_brings_all_that_waits()
    {
        var world = Held(out var host, "x@a.example");
        for (var i = 0; i < 20; i++) world.Accept("y@b.example");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.Well;
        var connections = host.Connections;
        world.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(connections, host.Connections);

        world.Scheduler.Operations.DeliverNow(new QueueSelection { Host = "a.example" }, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(2));

        Assert.Equal(21, host.Accepted.Count);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Deliver_now_tries_what_a_host_answered_4xx_and_leaves_alone_what_is_uncertain()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.MailTransient;
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.DropsAfterDot;
        world.Accept("y@b.example");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.Well;

        var done = world.Scheduler.Operations.DeliverNow(All, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1), (done.Recipients, done.LeftAlone));
        Assert.Equal([new Mid(1)], host.Accepted.Where(a => a.Mid == new Mid(1)).Select(a => a.Mid));
        Assert.Equal(new Mid(2), Assert.Single(world.Stored).Key.Mid);
    }

    [Fact]
    public void Deliver_now_says_what_waits_since_delivery_is_suspended()
    {
        var world = Held(out var host, "x@a.example", "y@b.example");
        world.Scheduler.UseSuspended(new SuspendedDelivery(false, new HashSet<string> { "a.example" }));
        world.Accept("z@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        host.Mood = Mood.Well;

        var done = world.Scheduler.Operations.DeliverNow(All, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1, 0, 2), (done.Messages, done.Recipients, done.LeftAlone, done.Suspended));
        Assert.Equal([(new Mid(1), new Rid(1))], host.Accepted);
        world.Scheduler.UseSuspended(SuspendedDelivery.None);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(3, host.Accepted.Count);
    }

    [Fact]
    public void Deliver_now_says_what_waits_since_all_its_hosts_are_drained()
    {
        var world = Held(out var host, "x@a.example");
        var drained = new HashSet<HostSelector> { new("10.0.0.1", null) };
        world.UseDrained(drained);
        host.Mood = Mood.Well;

        var done = world.Scheduler.Operations.DeliverNow(All, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromMinutes(2));

        Assert.Equal((0, 0, 0, 1), (done.Messages, done.Recipients, done.LeftAlone, done.Drained));
        Assert.Empty(host.Accepted);
        world.UseDrained(new HashSet<HostSelector>());
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Single(host.Accepted);
    }

    [Fact]
    public void Deliver_now_says_what_is_held_since_its_route_is_dev_null_now()
    {
        var world = Held(out var host, "x@a.example");
        world.UseRoutes("a.example /dev/null\n");
        world.Run(TimeSpan.FromSeconds(1));

        var done = world.Scheduler.Operations.DeliverNow(All, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((0, 0, 0, 1), (done.Messages, done.Recipients, done.LeftAlone, done.ToDevNull));
        Assert.Empty(world.Log.OfType<Discarded>());
        Assert.Single(world.Stored);
        // It was said once that it is held.
        Assert.Single(world.Log.OfType<GatewayNotice>(), n => n.Text.Contains("/dev/null", StringComparison.Ordinal));
        host.Mood = Mood.Well;
        world.UseRoutes(Routes);
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Single(host.Accepted);
    }

    [Fact]
    public void What_was_redirected_on_a_full_disk_stays_redirected_over_a_restart()
    {
        var world = Held(out var host, "x@a.example");
        var elsewhere = world.Host("10.0.0.2", 2525);
        elsewhere.Mood = Mood.Refuses;
        world.IsDiskCritical = true;
        var target = RedirectRoute.Read("10.0.0.2:2525", null, out _)!;
        world.Scheduler.Operations.Redirect(All, default, target);
        world.Run(TimeSpan.FromSeconds(1));

        world.Restart();
        (host.Mood, elsewhere.Mood) = (Mood.Well, Mood.Well);
        world.Run(TimeSpan.FromMinutes(3));

        Assert.Equal((0, 1), (host.Accepted.Count, elsewhere.Accepted.Count));
    }

    [Fact]
    public void What_is_uncertain_is_not_redirected_since_that_could_double_it()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        var (host, other) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        host.Mood = Mood.DropsAfterDot;
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        var target = RedirectRoute.Read("10.0.0.2", null, out _)!;
        var done = world.Scheduler.Operations.Redirect(All, default, target);
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal((0, 1), (done.Recipients, done.LeftAlone));
        Assert.Empty(other.Offered);
    }

    [Fact]
    public void Mail_on_a_connection_is_left_alone()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        host.Latency = TimeSpan.FromSeconds(1);
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromMilliseconds(1500));
        var done = world.Scheduler.Operations.Delete(All, default);
        Assert.Equal((0, 0, 1, true), (done.Messages, done.Recipients, done.LeftAlone, done.Durable.IsCompleted));
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Single(host.Accepted);
        Assert.Empty(world.Log.OfType<Deleted>());
    }

    [Theory]
    [InlineData("a.example")]
    [InlineData(null)]
    public void A_walk_in_parts_finds_everything_once_in_the_order_of_the_queue(string? domain)
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        const int Count = 12_000;
        for (var i = 0; i < Count; i++) world.Accept($"x{i}@a.example", $"y{i}@b.example");
        world.Run(TimeSpan.FromSeconds(1));

        var (found, parts) = (new List<(long, int)>(), 0);
        for (Mid? after = default(Mid); after is { } from; parts++)
        {
            var page = world.Scheduler.Operations.List(new QueueSelection { Host = domain }, from, 700);
            Assert.InRange(page.Recipients.Count, 0, 701);
            found.AddRange(page.Recipients.SelectMany(j => j.Rids.Select(rid => (j.Mid, rid))));
            after = page.Next is { } next ? new Mid(next) : null;
        }

        var rids = domain is null ? 2 : 1;
        Assert.Equal(Enumerable.Range(1, Count).SelectMany(m => Enumerable.Range(0, rids).Select(r => ((long)m, r))),
            found);
        Assert.InRange(parts, Count * rids / 701, Count * rids / 350);
    }

    [Fact]
    public void Filters_hold_together()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        world.Accept("x@a.example", "y@b.example");
        world.Run(TimeSpan.FromMinutes(10));
        var mid = world.Accept(new Envelope { ReversePath = null }, "x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        // As QueueAccess does it: what may be meant, completed from the store.
        int Count(QueueSelection selection) =>
            world.Scheduler.Operations.List(selection, default, int.MaxValue).Recipients
                .Select(r => r.To.Count > 0 ? r : r.With(world.Read(new Mid(r.Mid))!)!)
                .Sum(r => r.Meant(selection)?.Rids.Count ?? 0);

        Assert.Equal(3, Count(All));
        Assert.Equal(2, Count(new() { Host = "a.example" }));
        Assert.Equal(1, Count(new() { Sender = "" }));
        Assert.Equal(2, Count(new() { Sender = "Alice@SRC.example" }));
        Assert.Equal(1, Count(new() { Mid = mid }));
        Assert.Equal(0, Count(new() { Mid = mid, Host = "b.example" }));
        Assert.Equal(1, Count(new() { Recipient = "Y@B" }));
        Assert.Equal(2, Count(new() { MinRounds = 3 }));
        Assert.Equal(2, Count(new() { AcceptedBefore = world.Now.AddMinutes(-5) }));
        Assert.Equal(0, Count(new() { MinSize = 1001 }));
        Assert.Equal(3, Count(new() { Reason = WaitReason.Mail, MinSize = 1000 }));
        Assert.Equal(0, Count(new() { Reason = WaitReason.Host }));
    }

    [Fact]
    public void Suspended_mail_waits_and_expires_and_goes_on_when_it_is_resumed()
    {
        var world = new SimWorld("a.example 10.0.0.1\nb.example 10.0.0.2\n") { IsOperated = true };
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        world.Scheduler.UseSuspended(new SuspendedDelivery(false, new HashSet<string> { "a.example" }));
        world.Accept("x@a.example", "y@b.example");
        world.Run(TimeSpan.FromHours(1));
        Assert.Equal((0, 1), (a.Connections, b.Accepted.Count));
        Assert.Contains("suspended", world.Scheduler.Explainer.Explain(new Mid(1), null)!.Recipients[0].Next.Why,
            StringComparison.Ordinal);

        world.Scheduler.UseSuspended(SuspendedDelivery.None);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(a.Accepted);

        world.Scheduler.UseSuspended(new SuspendedDelivery(true, new HashSet<string>()));
        var late = world.Accept("y@b.example");
        world.Run(TimeSpan.FromHours(73));
        Assert.Single(b.Accepted);
        Assert.Equal((late, new EnhancedStatus(5, 4, 7)),
            world.Log.OfType<Bounced>().Select(e => (e.Mid, e.Status)).Single());
    }

    private static SimWorld Held(out SimHost host, params string[] recipients)
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        world.Accept(recipients);
        world.Run(TimeSpan.FromSeconds(1));
        return world;
    }
}
