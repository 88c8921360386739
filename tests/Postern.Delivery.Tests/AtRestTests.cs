using Postern.Delivery.Queueing;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;

namespace Postern.Delivery.Tests;

/// <summary>Mail that waits is in the store, and the memory holds little more than when it goes on.</summary>
public sealed class AtRestTests
{
    private const string Routes = "a.example 10.0.0.1\nb.example 10.0.0.2\n";

    [Fact]
    public void Held_mail_is_at_rest_and_goes_on_with_all_its_attempts()
    {
        var world = new SimWorld(Routes);
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.RcptTransient;
        var mid = world.Accept("x@a.example", "y@a.example");
        world.Run(TimeSpan.FromMinutes(5));
        Assert.All(Jobs(world), job => Assert.True(job.IsAtRest));
        var attempts = world.Stored[(mid, new Rid(0))].Attempts.Count;
        Assert.InRange(attempts, 2, 5);

        world.Run(TimeSpan.FromMinutes(10));
        Assert.InRange(world.Stored[(mid, new Rid(0))].Attempts.Count, attempts + 1, attempts + 4);
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromHours(2));
        Assert.Equal([(mid, new Rid(0)), (mid, new Rid(1))], host.Accepted);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_message_is_done_when_one_recipient_is_at_rest_while_the_other_is_delivered()
    {
        var world = new SimWorld(Routes);
        var (a, b) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        a.Mood = Mood.Refuses;
        b.Latency = TimeSpan.FromSeconds(1);
        var mid = world.Accept("x@a.example", "y@b.example");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.True(Jobs(world, "a.example").Single().IsAtRest);
        Assert.False(Jobs(world, "b.example").Single().IsAtRest);
        world.Run(TimeSpan.FromSeconds(20));
        a.Mood = Mood.Well;
        world.Run(TimeSpan.FromHours(1));
        Assert.Equal([(mid, new Rid(0))], a.Accepted);
        Assert.Equal([(mid, new Rid(1))], b.Accepted);
        Assert.Equal(mid, Assert.Single(world.Log.OfType<MessageFinished>()).Mid);
    }

    [Fact]
    public void What_a_busy_host_keeps_waiting_is_at_rest_beyond_a_moments_work_and_goes_out_in_its_order()
    {
        const int Count = 5000;
        // A message that waits for its new connection would be overtaken by those on the other.
        var world = new SimWorld(Routes, new DeliveryOptions
        {
            HostName = "gw.example",
            DefaultDestination = new() { MaxConnections = 2, MaxMessagesPerConnection = Count },
        });
        var host = world.Host("10.0.0.1");
        host.Latency = TimeSpan.FromMilliseconds(20);
        for (var i = 0; i < Count; i++) world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        var waiting = Jobs(world);
        Assert.InRange(waiting.Count(j => !j.IsAtRest), 900, 1100);

        world.Run(TimeSpan.FromHours(1));
        var taken = host.Accepted.Select(a => a.Mid.Value).ToList();
        Assert.Equal(Enumerable.Range(1, Count).Select(m => (long)m), taken.Order());
        // Two connections end in any order; no message overtakes another by more than they are.
        Assert.All(taken.Select((mid, place) => Math.Abs(mid - 1 - place)), d => Assert.InRange(d, 0, 20));
    }

    [Fact]
    public void What_is_uncertain_is_never_at_rest()
    {
        var world = new SimWorld(Routes);
        world.Host("10.0.0.1").Mood = Mood.DropsAfterDot;
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(5));
        Assert.Equal((JobPlace.Held, false), (Jobs(world).Single().Place, Jobs(world).Single().IsAtRest));
    }

    [Fact]
    public void Mail_that_the_store_cannot_tell_of_waits_and_goes_on_when_it_can()
    {
        var world = new SimWorld(Routes);
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.MailTransient;
        var mid = world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(5));
        host.Mood = Mood.Well;
        world.IsUnreadable = true;
        world.Run(TimeSpan.FromMinutes(30));
        Assert.Empty(host.Accepted);
        Assert.Equal(JobPlace.Held, Jobs(world).Single().Place);

        world.IsUnreadable = false;
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Equal([(mid, new Rid(0))], host.Accepted);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Mail_that_the_store_cannot_tell_of_is_not_ended_at_its_expiry_but_when_it_can()
    {
        var world = new SimWorld(Routes);
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        var mid = world.Accept("x@a.example");
        world.Run(TimeSpan.FromHours(71));
        world.IsUnreadable = true;
        world.Run(TimeSpan.FromHours(5));
        Assert.Empty(world.Log.OfType<Bounced>());
        Assert.Single(world.Stored);

        world.IsUnreadable = false;
        world.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(mid, Assert.Single(world.Log.OfType<Bounced>()).Mid);
        Assert.Equal("x@a.example", Assert.Single(world.Reported).Recipient.ForwardPath.Text);
    }

    [Fact]
    public void Mail_whose_records_are_damaged_is_told_once_and_tried_ever_more_seldom()
    {
        var world = new SimWorld(Routes);
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.MailTransient;
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(5));
        host.Mood = Mood.Well;
        world.IsDamaged = true;
        world.Run(TimeSpan.FromHours(24));
        Assert.InRange(world.Reads, 20, 40);
        Assert.Single(Critical(world));

        world.IsDamaged = false;
        world.Run(TimeSpan.FromMinutes(61));
        Assert.Single(host.Accepted);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Mail_whose_records_are_damaged_can_be_deleted_without_a_read()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        world.Accept("x@a.example", "y@a.example");
        world.Run(TimeSpan.FromSeconds(5));
        world.IsDamaged = true;
        Assert.Equal(2, world.Scheduler.Operations.Delete(new QueueSelection(), default).Recipients);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 0), (world.Reads, world.Stored.Count));
        Assert.Single(world.Log.OfType<MessageFinished>());
    }

    [Fact]
    public void What_a_full_disk_keeps_from_being_stored_stays_in_the_memory()
    {
        var world = new SimWorld(Routes);
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.MailTransient;
        var mid = world.Accept("x@a.example");
        world.IsDiskCritical = true;
        world.Run(TimeSpan.FromSeconds(5));
        Assert.False(Jobs(world).Single().IsAtRest);
        Assert.Empty(world.Stored[(mid, new Rid(0))].Attempts);

        world.IsDiskCritical = false;
        world.Run(TimeSpan.FromSeconds(70));
        Assert.True(Jobs(world).Single().IsAtRest);
        Assert.Equal(2, world.Stored[(mid, new Rid(0))].Attempts.Count);
    }

    [Fact]
    public void A_look_at_what_is_at_rest_leaves_it_at_rest()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        world.Host("10.0.0.1").Mood = Mood.MailTransient;
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(5));
        world.Scheduler.Operations.List(new QueueSelection(), default, 100);
        world.Scheduler.Operations.Delete(new QueueSelection { Recipient = "somebody else" }, default);
        Assert.NotNull(world.Scheduler.Explainer.Explain(new Mid(1), world.Read(new Mid(1))));
        Assert.True(Jobs(world).Single().IsAtRest);
    }

    private static IEnumerable<GatewayNotice> Critical(SimWorld world) =>
        world.Log.OfType<GatewayNotice>().Where(n => n.Level == "Critical");

    private static List<DeliveryJob> Jobs(SimWorld world, string? domain = null) =>
        [.. world.Scheduler.Queues.Where(q => domain is null || q.Name == domain).SelectMany(q => q.All)];
}
