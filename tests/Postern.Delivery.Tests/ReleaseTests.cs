using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>
/// What very many recipients wait for comes to them a part at a time, so that other mail goes on between the parts.
/// </summary>
public sealed class ReleaseTests
{
    private const int Many = 5000;
    private const int Part = 1000;
    private const string Before = "ALL 10.0.0.1\n";
    private static readonly Envelope FromAlice = new() { ReversePath = Mailbox.Parse("alice@src.example") };

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(Many)]
    public void What_is_held_for_want_of_a_host_is_released_a_part_at_a_time_oldest_first_and_all_of_it(int domains)
    {
        var world = Waiting(domains);
        var there = world.Host("10.0.0.2");
        world.Scheduler.UseRoutes(SimWorld.Table("ALL 10.0.0.2\n"));
        var left = Many;
        for (var steps = 0; left > 0; steps++)
        {
            // A queue counts like a job.
            Assert.InRange(steps, 0, (2 * Many / Part) + 1);
            world.Scheduler.Tick();
            world.Scheduler.Pump();
            var wanting = world.Scheduler.Queues.SelectMany(q => q.Wanting).Select(job => job.Message.Mid).ToList();
            Assert.InRange(left - wanting.Count, 1, Part);
            // The youngest are left.
            if (domains == 1 && wanting.Count > 0) Assert.Equal(Many - wanting.Count + 1, wanting.Min().Value);
            left = wanting.Count;
            Assert.True(left == 0 || world.Scheduler.NextWake <= world.Now);
        }
        world.Run(TimeSpan.FromHours(1));
        Assert.Equal(Many, there.Accepted.Distinct().Count());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_change_of_very_many_routes_holds_at_once_for_whoever_asks_and_comes_to_all_a_part_at_a_time()
    {
        var world = Waiting(Many);
        var (old, there) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        old.Mood = Mood.Well;
        world.Scheduler.UseRoutes(SimWorld.Table(
            string.Concat(Enumerable.Range(0, Many).Select(i => $"d{i}.example 10.0.0.2\n"))));

        var last = world.Scheduler.Queues.Last();
        Assert.Equal(last.Name, world.Scheduler.Explainer.Explain(Mailbox.Parse($"x@{last.Name}"), null).Route!.Key);
        world.Scheduler.Pump();
        Assert.InRange(world.Scheduler.Queues.Count(queue => queue.WantingCount == 0), 1, Part);
        // What comes in meanwhile takes the new route, too.
        world.Accept($"x@{last.Name}");
        world.Run(TimeSpan.FromHours(1));
        Assert.Empty(old.Offered);
        Assert.Equal(Many + 1, there.Accepted.Distinct().Count());
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void What_fails_again_while_the_rest_is_released_is_released_with_the_next_return()
    {
        var world = Waiting(1);
        var host = world.Host("10.0.0.1");
        // It is back for a few messages, while most are not released yet.
        host.Mood = Mood.Well;
        world.OnDurable = _ => host.Mood = Mood.Refuses;
        world.Run(TimeSpan.FromMinutes(5));
        Assert.InRange(host.Accepted.Count, 1, Many - Part);
        world.OnDurable = null;
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromHours(2));
        Assert.Empty(world.Stored);
        Assert.Equal(Many, host.Accepted.Distinct().Count());
    }

    [Fact]
    public void Mail_that_is_ready_and_finds_no_host_is_held_a_part_at_a_time()
    {
        var world = new SimWorld(Before);
        world.Host("10.0.0.1");
        world.Scheduler.UseDrained(new HashSet<HostSelector> { new("10.0.0.1", null) });
        world.Scheduler.IsSuspended = true;
        for (var i = 0; i < Many; i++) world.Load(FromAlice, RecipientState.Fresh, $"x@d{i % 100}.example", world.Now);
        world.Scheduler.IsSuspended = false;
        world.Scheduler.Pump();
        Assert.InRange(world.Commits, 1, Part);
        Assert.InRange(world.Reads, 0, 500);
        Assert.True(world.Scheduler.NextWake <= world.Now);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(Many, world.Scheduler.Queues.Sum(queue => queue.WantingCount));
    }

    private static SimWorld Waiting(int domains)
    {
        var world = new SimWorld(Before);
        world.Host("10.0.0.1").Mood = Mood.Refuses;
        var state = RecipientState.Fresh with { Rounds = 1, Reason = WaitReason.Host };
        for (var i = 0; i < Many; i++) world.Load(FromAlice, state, $"x@d{i % domains}.example", world.Now);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(Many, world.Scheduler.Queues.Sum(queue => queue.WantingCount));
        return world;
    }
}
