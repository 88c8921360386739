using Postern.Delivery.Tests.Simulation;
using Postern.Mail;

namespace Postern.Delivery.Tests;

/// <summary>
/// Many runs with hosts that change their moods at random: whatever happens, no recipient is lost, none is accepted
/// twice unless its delivery was uncertain, and everything is delivered or reported once hosts are well. A failing seed
/// is the test's argument.
/// </summary>
public sealed class SimulationTests
{
    private const int Seeds = 60;

    /// <summary>The seeds of a run in CI.</summary>
    public static IEnumerable<TheoryDataRow<int>> AllSeeds =>
        Enumerable.Range(1, Seeds).Select(s => new TheoryDataRow<int>(s));

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void Nothing_is_lost_or_doubled(int seed)
    {
        var random = new Random(seed);
        var world = new SimWorld(
            "example.com 10.0.0.1/weight=2, 10.0.0.2, 10.0.0.3/pri=10\nother.example 10.0.0.2, 10.0.0.4\n",
            Options(), seed);
        var hosts = new[] { "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4" }.Select(a => world.Host(a)).ToArray();
        var all = new HashSet<(Mid, Rid)>();
        for (var i = 0; i < 300; i++)
        {
            var host = hosts[random.Next(hosts.Length)];
            if (random.Next(4) == 0) host.Mood = (Mood)random.Next(Enum.GetValues<Mood>().Length);
            if (random.Next(8) == 0) host.Latency = TimeSpan.FromMilliseconds(random.Next(1, 2000));
            for (var n = random.Next(8); n > 0; n--)
            {
                var domain = random.Next(3) == 0 ? "other.example" : "example.com";
                var recipients = Enumerable.Range(0, random.Next(1, 5)).Select(r => $"u{r}@{domain}").ToArray();
                var mid = world.Accept(recipients);
                for (var r = 0; r < recipients.Length; r++) all.Add((mid, new Rid(r)));
            }
            world.Run(TimeSpan.FromMilliseconds(random.Next(1, 20_000)));
        }
        foreach (var host in hosts) (host.Mood, host.Latency) = (Mood.Well, TimeSpan.FromMilliseconds(5));
        world.Run(TimeSpan.FromHours(20));
        Assert.Empty(world.Stored);
        Assert.DoesNotContain(world.Log.OfType<GatewayNotice>(), n => n.Level == "Critical");
        var accepted = hosts.SelectMany(h => h.Accepted).GroupBy(a => a).ToDictionary(g => g.Key, g => g.Count());
        var bounced = world.Log.OfType<Bounced>().Select(b => (b.Mid, b.Rid)).ToHashSet();
        foreach (var recipient in all)
        {
            var times = accepted.GetValueOrDefault(recipient);
            Assert.True(times > 0 || bounced.Contains(recipient), $"{recipient} is lost");
            Assert.True(
                times < 2 || world.UncertainOnce.Contains(recipient), $"{recipient} was accepted {times} times");
        }
        Assert.Empty(bounced.Except(world.UncertainOnce));
        Assert.True(world.Scheduler.Queues.Count == 0, "queues stay behind");
    }

    [Theory]
    [MemberData(nameof(AllSeeds))]
    public void What_cannot_be_delivered_expires_once(int seed)
    {
        var random = new Random(seed);
        var options = Options() with
        {
            BounceProfiles = new Dictionary<string, BounceProfile>
            {
                ["default"] = new()
                {
                    MaxTimeInQueue = TimeSpan.FromMinutes(random.Next(2, 30)),
                    MaxRetries = random.Next(1, 20),
                },
            },
        };
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2\n", options, seed);
        var hosts = new[] { world.Host("10.0.0.1"), world.Host("10.0.0.2") };
        var all = new HashSet<(Mid, Rid)>();
        for (var i = 0; i < 200; i++)
        {
            foreach (var host in hosts)
            {
                if (random.Next(6) == 0) host.Mood = (Mood)random.Next(Enum.GetValues<Mood>().Length);
                host.Latency = TimeSpan.FromMilliseconds(random.Next(1, 30_000));
            }
            for (var n = random.Next(12); n > 0; n--) all.Add((world.Accept("u@example.com"), new Rid(0)));
            world.Run(TimeSpan.FromMilliseconds(random.Next(1, 30_000)));
        }
        world.Run(TimeSpan.FromHours(2));
        Assert.Empty(world.Stored);
        var bounced = world.Log.OfType<Bounced>().Select(b => (b.Mid, b.Rid)).ToList();
        Assert.Equal(bounced.Count, bounced.Distinct().Count());
        var taken = hosts.SelectMany(h => h.Accepted).ToHashSet();
        Assert.DoesNotContain(all, r => !taken.Contains(r) && !bounced.Contains(r));
        Assert.DoesNotContain(bounced, b => taken.Contains(b) && !world.UncertainOnce.Contains(b));
    }

    private static DeliveryOptions Options() => new()
    {
        HostName = "gw.example",
        MaxConnectionsPerAddress = 20,
        BounceProfiles = new Dictionary<string, BounceProfile> { ["default"] = new() { MaxRetries = 10_000 } },
    };
}
