using Postern.Delivery.Queueing;
using Postern.Delivery.Scheduling;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>What one event reads, begins and keeps has a bound whatever the queue, so other mail goes on.</summary>
public sealed class BusyLoopTests
{
    private const string Routes = "ALL 10.0.0.1\n";
    private const int Many = 3000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromHours(72);
    private static readonly Envelope FromAlice = new() { ReversePath = Mailbox.Parse("alice@src.example") };

    [Fact]
    public void A_message_to_many_domains_is_read_once_when_it_expires()
    {
        const int Domains = 200;
        var options = new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile>
            {
                ["default"] = new() { MaxTimeInQueue = TimeSpan.FromMinutes(10) },
            },
        };
        var world = new SimWorld(Routes, options);
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        world.Accept([.. Enumerable.Range(0, Domains).Select(i => $"x@d{i}.example")]);
        world.Run(TimeSpan.FromMinutes(9.9));
        var before = world.Reads;
        world.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(Domains, world.Log.OfType<Bounced>().Count());
        Assert.Equal(Domains, Assert.Single(world.Reports).Recipients.Count);
        Assert.InRange(world.Reads - before, 1, 3);
    }

    [Fact]
    public void A_tick_reads_a_part_of_what_is_due_and_begins_no_more_than_can_become_durable()
    {
        var world = Expiring();
        world.Scheduler.Tick();
        Assert.InRange(world.Reads, 1, 500);
        Assert.InRange(world.Commits, 1, 500);
        world.MostCommits = 100;
        world.Scheduler.Tick();
        Assert.InRange(world.Commits, 1, 500);
        Assert.True(world.Scheduler.NextWake is not { } wake || wake > world.Now);
        world.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(Many, world.Log.OfType<Bounced>().Count());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void What_is_ready_when_its_time_is_over_is_not_given_to_a_host()
    {
        var world = new SimWorld(Routes);
        var host = world.Host("10.0.0.1");
        world.Scheduler.IsSuspended = true;
        world.Load(FromAlice, RecipientState.Fresh, "x@a.example", world.Now);
        world.Time.SetUtcNow(world.Now + MaxTime);
        world.Scheduler.IsSuspended = false;
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(host.Offered);
        Assert.Single(world.Log.OfType<Bounced>());
    }

    [Fact]
    public void The_answer_that_there_is_no_domain_ends_a_part_of_its_mail_at_a_time_and_all_of_it_once()
    {
        var world = new SimWorld("b.example 10.0.0.1\n");
        for (var i = 0; i < Many; i++) world.Accept("x@a.example");
        world.Run(TimeSpan.FromMilliseconds(1));
        var queue = world.Scheduler.Queues.Single();
        world.Scheduler.DomainResolved(
            queue, queue.Plan, new NextHops([], NextHopFailure.NxDomain, "NXDomain", TimeSpan.FromMinutes(1)));
        Assert.InRange(world.Commits, 1, 1000);
        Assert.Equal(Many - world.Commits, queue.All.Count);
        world.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(Many, world.Log.OfType<Bounced>().Select(b => b.Mid).Distinct().Count());
        Assert.Equal(Many, world.Log.OfType<Bounced>().Count());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void What_is_ready_in_many_small_queues_is_at_rest_beyond_a_bound_for_all_of_them()
    {
        const int Loaded = 15_000;
        const int Most = 3000;
        var world = new SimWorld(Routes) { IsOperated = true };
        world.Scheduler.IsSuspended = true;
        for (var i = 0; i < Loaded; i++)
            world.Load(FromAlice, RecipientState.Fresh, $"x@d{i % (Loaded / 100)}.example", world.Now);
        Assert.Equal(Most, Whole(world));
        // To look at addresses, and to try at once what is ready already, changes nothing.
        for (Mid? next = default(Mid); next is { } after;)
            next = world.Scheduler.Operations.DeliverNow(new QueueSelection { Recipient = "x@" }, after).Next;
        Assert.Equal(Most, Whole(world));
        world.Scheduler.Operations.Delete(new QueueSelection { Host = "d1.example" }, default);
        world.Load(FromAlice, RecipientState.Fresh, "x@d2.example", world.Now);
        Assert.InRange(Whole(world), Most - 100, Most);
    }

    [Fact]
    public void A_message_of_which_a_part_is_discarded_is_found_while_the_rest_waits()
    {
        var world = new SimWorld("null.example /dev/null\nb.example 10.0.0.1\n") { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        var mid = world.Accept("x@null.example", "y@b.example");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(world.Log.OfType<Discarded>());
        Assert.NotNull(world.Scheduler.Explainer.Explain(mid, world.Read(mid)));
        Assert.Single(world.Scheduler.Operations.List(new QueueSelection(), default, 10).Recipients);
        Assert.Equal(1, world.Scheduler.Operations.Delete(new QueueSelection { Mid = mid }, default).Recipients);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Mail_to_several_domains_that_expired_while_the_gateway_was_stopped_has_one_report()
    {
        var world = new SimWorld("a.example 10.0.0.1\nb.example 10.0.0.2\n");
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        world.Host("10.0.0.2").Mood = Mood.Refuses;
        world.Accept("x@a.example", "y@b.example");
        world.Run(TimeSpan.FromMinutes(1));
        world.Time.SetUtcNow(world.Now + MaxTime);
        world.Restart();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, Assert.Single(world.Reports).Recipients.Count);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Other_times_in_the_queue_come_to_a_part_of_it_at_a_time_and_to_all_of_it()
    {
        var world = new SimWorld(Routes);
        world.Host("10.0.0.1");
        var state = new RecipientState { Rounds = 1, Reason = WaitReason.Mail, Due = world.Now + MaxTime };
        for (var i = 0; i < Many; i++) world.Load(FromAlice, state, $"x@d{i % 100}.example", world.Now);
        world.Scheduler.Pump();
        var hour = TimeSpan.FromHours(1);
        world.Scheduler.UseOptions(new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile>
            {
                ["default"] = new() { MaxTimeInQueue = hour },
            },
        });
        int Brought() => world.Scheduler.Queues.SelectMany(q => q.All).Count(j => j.WakeAt == world.Now + hour);
        Assert.InRange(Brought(), 1, ClockChange.AtOnce);
        world.Scheduler.Pump();
        Assert.InRange(Brought(), ClockChange.AtOnce + 1, 2 * ClockChange.AtOnce);
        // What is left over is due now, without anything else that happens.
        Assert.True(world.Scheduler.NextWake <= world.Now);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Many, world.Log.OfType<Bounced>().Count() + world.Scheduler.Queues.SelectMany(q => q.All)
            .Count(j => j.WakeAt <= world.Now + hour));
        world.Run(hour);
        Assert.Equal(Many, world.Log.OfType<Bounced>().Count());
    }

    private static SimWorld Expiring()
    {
        var world = new SimWorld(Routes);
        world.Host("10.0.0.1");
        var state = new RecipientState
        {
            Rounds = 1,
            Reason = WaitReason.Mail,
            Due = world.Now + TimeSpan.FromDays(1),
        };
        var accepted = world.Now - MaxTime + TimeSpan.FromHours(1);
        for (var i = 0; i < Many; i++) world.Load(FromAlice, state, $"x@d{i % 100}.example", accepted);
        world.Time.SetUtcNow(accepted + MaxTime);
        return world;
    }

    private static int Whole(SimWorld world) => world.Scheduler.Queues.SelectMany(q => q.All).Count(j => !j.IsAtRest);
}
