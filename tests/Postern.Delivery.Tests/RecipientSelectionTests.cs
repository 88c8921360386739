using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Tests;

/// <summary>
/// What is meant by an address means those who have it, and nobody who waits beside them in the same message.
/// </summary>
public sealed class RecipientSelectionTests
{
    private const string Routes = "a.example 10.0.0.1\n";
    private static readonly QueueSelection Bob = new() { Recipient = "bob@" };
    private static readonly string[] To = ["alice@a.example", "bob@a.example", "carol@a.example"];

    [Fact]
    public void Who_is_not_meant_is_not_deleted_and_waits_as_before()
    {
        var world = Waiting(Mood.MailTransient, out var host);
        var before = world.Stored[(new Mid(1), new Rid(0))];
        var due = RowOf(world).Due;

        var done = world.Scheduler.Operations.Delete(Bob, default);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((1, 1, 0, true), (done.Messages, done.Recipients, done.LeftAlone, done.Durable.IsCompleted));
        Assert.Equal([new Rid(1)], Assert.Single(world.Log.OfType<Deleted>()).Recipients);
        Assert.Equal([new Rid(0), new Rid(2)], world.Stored.Keys.Select(k => k.Rid).Order());
        Assert.Same(before, world.Stored[(new Mid(1), new Rid(0))]);
        Assert.Equal([0, 2], RowOf(world).Rids);
        Assert.Equal(due, RowOf(world).Due);
        Assert.True(JobOf(world).IsAtRest);
        Assert.Equal(2, JobOf(world).Queue.Recipients);
        Assert.Empty(world.Log.OfType<MessageFinished>());

        host.Mood = Mood.Well;
        world.Run(due!.Value - world.Now - TimeSpan.FromSeconds(1));
        Assert.Empty(host.Accepted);
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal([(new Mid(1), new Rid(0)), (new Mid(1), new Rid(2))], host.Accepted);
        Assert.Single(world.Log.OfType<MessageFinished>());
    }

    [Fact]
    public void Who_is_not_meant_expires_when_it_would_have()
    {
        var world = Waiting(Mood.MailTransient, out _);
        var accepted = world.Now - TimeSpan.FromSeconds(1);
        world.Scheduler.Operations.Delete(Bob, default);
        world.Run(accepted + TimeSpan.FromHours(72) - world.Now - TimeSpan.FromSeconds(1));
        Assert.Empty(world.Log.OfType<Bounced>());
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal([new Rid(0), new Rid(2)], world.Log.OfType<Bounced>().Select(b => b.Rid));
    }

    [Fact]
    public void Who_is_not_meant_is_not_bounced()
    {
        var world = Waiting(Mood.Refuses, out var host);
        var done = world.Scheduler.Operations.Bounce(Bob, default);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (done.Messages, done.Recipients));
        Assert.Equal(["bob@a.example"], world.Reported.Select(r => r.Recipient.ForwardPath.Text));
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(3));
        Assert.Equal([new Rid(0), new Rid(2)], host.Accepted.Select(a => a.Rid));
    }

    [Fact]
    public void Who_is_not_meant_is_not_redirected_over_a_restart_either()
    {
        var world = Waiting(Mood.Refuses, out var host);
        var elsewhere = world.Host("10.0.0.2", 2525);
        elsewhere.Mood = Mood.MailTransient;
        var done = world.Scheduler.Operations.Redirect(Bob, default, RedirectRoute.Read("10.0.0.2:2525", null, out _)!);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1), (done.Messages, done.Recipients));
        Assert.Equal([new Rid(1)], Assert.Single(world.Log.OfType<Redirected>()).Recipients);

        world.Restart();
        (host.Mood, elsewhere.Mood) = (Mood.Well, Mood.Well);
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal([new Rid(0), new Rid(2)], host.Accepted.Select(a => a.Rid));
        Assert.Equal([new Rid(1)], elsewhere.Accepted.Select(a => a.Rid));
    }

    [Fact]
    public void Who_is_not_meant_is_not_tried_before_its_time()
    {
        var world = Waiting(Mood.MailTransient, out var host);
        var due = RowOf(world).Due!.Value;
        host.Mood = Mood.Well;
        var done = world.Scheduler.Operations.DeliverNow(Bob, default);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 1, 0), (done.Messages, done.Recipients, done.LeftAlone));
        Assert.Equal([new Rid(1)], host.Accepted.Select(a => a.Rid));
        Assert.Equal(due, RowOf(world).Due);
        world.Run(due - world.Now + TimeSpan.FromSeconds(1));
        Assert.Equal([new Rid(1), new Rid(0), new Rid(2)], host.Accepted.Select(a => a.Rid));
    }

    [Fact]
    public void What_is_ready_is_told_apart_as_well()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        world.Scheduler.UseSuspended(new SuspendedDelivery(true, new HashSet<string>()));
        world.Accept(To);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1, world.Scheduler.Operations.Delete(Bob, default).Recipients);
        world.Scheduler.UseSuspended(SuspendedDelivery.None);
        world.Scheduler.Pump();
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([new Rid(0), new Rid(2)], host.Accepted.Select(a => a.Rid));
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void Of_mail_on_a_connection_those_are_counted_that_are_meant()
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        var host = world.Host("10.0.0.1");
        host.Latency = TimeSpan.FromSeconds(1);
        world.Accept(To);
        world.Run(TimeSpan.FromMilliseconds(1500));
        var done = world.Scheduler.Operations.Delete(Bob, default);
        Assert.Equal((0, 0, 1), (done.Messages, done.Recipients, done.LeftAlone));
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(3, host.Accepted.Count);
    }

    [Fact]
    public void All_of_a_message_go_one_after_the_other_and_it_with_the_last()
    {
        var world = Waiting(Mood.Refuses, out _);
        foreach (var name in new[] { "carol@", "ALICE@", "bob@" })
        {
            Assert.Empty(world.Log.OfType<MessageFinished>());
            var done = world.Scheduler.Operations.Delete(new QueueSelection { Recipient = name }, default);
            Assert.Equal((1, 1), (done.Messages, done.Recipients));
            world.Run(TimeSpan.FromSeconds(1));
        }
        Assert.Single(world.Log.OfType<MessageFinished>());
        Assert.Empty(world.Stored);
    }

    private static DeliveryJob JobOf(SimWorld world) => Assert.Single(world.Scheduler.Queues.SelectMany(q => q.All));

    private static QueuedRecipients RowOf(SimWorld world) =>
        Assert.Single(world.Scheduler.Operations.List(new QueueSelection(), default, 10).Recipients);

    // What all of them wait for is durable, and the message is at rest.
    private static SimWorld Waiting(Mood mood, out SimHost host)
    {
        var world = new SimWorld(Routes) { IsOperated = true };
        host = world.Host("10.0.0.1");
        host.Mood = mood;
        world.Accept(To);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.True(JobOf(world).IsAtRest);
        return world;
    }
}
