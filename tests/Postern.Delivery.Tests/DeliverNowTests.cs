using Postern.Delivery.Deciding;
using Postern.Delivery.Tests.Simulation;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Tests;

/// <summary>An operator wants mail tried now, by domain, sender, message, or all of it.</summary>
public sealed class DeliverNowTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Two domains, two senders: three messages that were answered 4xx and are due in about an hour.
    private static (SimWorld World, SimHost Host) Held(Mood mood = Mood.DotTransient)
    {
        var profile = new BounceProfile
        {
            InitialWait = TimeSpan.FromHours(1),
            MaxRetries = 1_000,
        };
        var world = new SimWorld("ALL 10.0.0.1\n", new DeliveryOptions
        {
            HostName = "gw.example",
            BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = profile },
        });
        var host = world.Host("10.0.0.1");
        host.Mood = mood;
        world.Accept(From("alice@src.example"), "a@one.example");
        world.Accept(From("carol@src.example"), "b@one.example", "c@two.example");
        world.Accept(new Envelope(), "d@two.example");
        world.Run(TimeSpan.FromSeconds(20));
        host.Accepted.Clear();
        host.Mood = Mood.Well;
        return (world, host);
    }

    public static TheoryData<string?, string?, long?, int[]> Selections => new()
    {
        { null, null, null, [1, 2, 2, 3] },
        { "one.example", null, null, [1, 2] },
        { "none.example", null, null, [] },
        { null, "carol@SRC.example", null, [2, 2] },
        { null, "Carol@src.example", null, [] },
        { null, "", null, [3] },
        { null, null, 2, [2, 2] },
        { null, null, 9, [] },
        { "two.example", "carol@src.example", 2, [2] },
        { "two.example", "alice@src.example", null, [] },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public void What_is_selected_goes_on_at_once_and_nothing_else(
        string? domain, string? sender, long? mid, int[] delivered)
    {
        var (world, host) = Held();
        var selection = new MailSelection
        {
            ReceivingDomain = domain,
            Sender = sender,
            Mid = mid is { } value ? new Mid(value) : null,
        };
        Assert.Equal(delivered.Length, DeliverNow(world, selection));
        Assert.Equal(delivered, host.Accepted.Select(a => (int)a.Mid.Value).Order());
    }

    [Fact]
    public void A_host_that_is_left_out_is_probed_by_one_message_and_takes_the_rest_when_it_is_back()
    {
        var (world, host) = Held(Mood.Refuses);
        Assert.Equal(4, DeliverNow(world, new MailSelection()));
        Assert.Equal(4, host.Accepted.Count);

        (world, host) = Held(Mood.Refuses);
        host.Mood = Mood.Refuses;
        var before = host.Connections;
        DeliverNow(world, new MailSelection());
        Assert.Equal(before + 1, host.Connections);
        world.Run(TimeSpan.FromSeconds(60));
        Assert.Equal(before + 1, host.Connections);
        Assert.Equal(4, world.Stored.Count);
    }

    [Fact]
    public void A_drained_host_stays_out()
    {
        var (world, host) = Held();
        Assert.True(HostSelector.TryParse("10.0.0.1", out var drained));
        world.After(TimeSpan.Zero, () => world.Scheduler.UseDrained(new HashSet<HostSelector> { drained }));
        DeliverNow(world, new MailSelection());
        Assert.Empty(host.Accepted);
        Assert.All(world.Stored, s => Assert.Equal(WaitReason.Host, s.Value.Reason));
    }

    // Contract §3: no sooner than final_dot_timeout after the dot.
    [Fact]
    public void Uncertain_mail_and_mail_that_its_route_would_discard_stay_held()
    {
        var (world, host) = Held(Mood.DropsAfterDot);
        Assert.Equal(0, DeliverNow(world, new MailSelection()));
        Assert.Empty(host.Accepted);

        (world, host) = Held();
        world.After(TimeSpan.Zero, () => world.Scheduler.UseRoutes(SimWorld.Table("ALL /dev/null\n")));
        world.Run(Second);
        Assert.Equal(0, DeliverNow(world, new MailSelection()));
        Assert.Equal(4, world.Stored.Count);
    }

    private static int DeliverNow(SimWorld world, MailSelection selection)
    {
        var recipients = -1;
        world.After(TimeSpan.Zero, () => recipients = world.Scheduler.DeliverNow(selection));
        world.Run(Second);
        return recipients;
    }

    private static Envelope From(string sender) => new() { ReversePath = Mailbox.Parse(sender) };
}
