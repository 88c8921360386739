using Postern.Delivery.Acting;
using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Delivery.Tests.Simulation;
using Postern.Routing;

namespace Postern.Delivery.Tests;

/// <summary>Hosts taken out by hand (contract §3, words: a drained host counts as left out).</summary>
public sealed class DrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postern-drain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("10.0.0.1:25", "10.0.0.1:25")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("[10.0.0.1]:25", "10.0.0.1:25")]
    [InlineData("2001:DB8::1", "2001:db8::1")]
    [InlineData("[2001:db8::1]:587", "[2001:db8::1]:587")]
    [InlineData("Relay.Example:587", "relay.example:587")]
    [InlineData("[relay.example]", "relay.example")]
    [InlineData("[::ffff:10.0.0.1]:25", "10.0.0.1:25")]
    [InlineData("10.1", null)]
    [InlineData("relay.example:0", null)]
    [InlineData("relay.example:25/pri=1", null)]
    [InlineData("[relay.example", null)]
    [InlineData("", null)]
    public void A_host_is_named_as_a_route_names_it(string text, string? expected)
    {
        var isHost = HostSelector.TryParse(text, out var selector);
        Assert.Equal(expected is not null, isHost);
        Assert.Equal(expected, selector?.ToString());
    }

    [Fact]
    public void A_drained_host_gets_no_mail_its_idle_connection_closes_and_undrain_brings_it_back()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.Equal(1, first.Open);

        Drain(world, "10.0.0.1");
        Assert.Equal(0, first.Open);
        for (var i = 0; i < 5; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Equal((1, 5), (first.Accepted.Count, second.Accepted.Count));

        Drain(world);
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(2, first.Accepted.Count);
    }

    [Fact]
    public void A_message_on_a_host_that_is_drained_ends_there()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Latency = TimeSpan.FromSeconds(1);
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1.5));
        Assert.Single(first.Offered);

        Drain(world, "10.0.0.1:25");
        world.Run(TimeSpan.FromSeconds(2));

        Assert.Single(first.Accepted);
        Assert.Equal((0, 0), (first.Open, second.Connections));
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_message_whose_connection_is_still_opening_goes_on_to_the_next_host()
    {
        var world = new SimWorld("example.com 10.0.0.1, 10.0.0.2/pri=10\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        first.Latency = TimeSpan.FromSeconds(1);
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromMilliseconds(500));

        Drain(world, "10.0.0.1");
        world.Run(TimeSpan.FromSeconds(2));

        Assert.Empty(first.Offered);
        Assert.Equal((0, 1), (first.Open, second.Accepted.Count));
    }

    [Fact]
    public void Undrain_releases_at_once_what_was_held_for_want_of_the_host()
    {
        var world = new SimWorld("example.com 10.0.0.1\n");
        var host = world.Host("10.0.0.1");
        Drain(world, "10.0.0.1");
        for (var i = 0; i < 20; i++) world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(0, host.Connections);
        Assert.Equal(HostState.Drained, world.Scheduler.Overview.Hosts(0, 1)[0].State);

        Drain(world);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal(20, host.Accepted.Count);
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void A_host_whose_time_was_over_while_it_was_drained_is_probed_when_it_is_undrained()
    {
        var world = new SimWorld("example.com 10.0.0.1\n",
            new DeliveryOptions
            {
                HostName = "gw.example",
                BounceProfiles = new Dictionary<string, BounceProfile>
                {
                    ["default"] = new() { InitialWait = TimeSpan.FromHours(1) },
                },
            });
        var host = world.Host("10.0.0.1");
        host.Mood = Mood.Refuses;
        world.Accept("bob@example.com");
        world.Run(TimeSpan.FromSeconds(1));
        Drain(world, "10.0.0.1");
        host.Mood = Mood.Well;
        world.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(1, host.Connections);

        Drain(world);
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Single(host.Accepted);
    }

    [Fact]
    public void A_name_is_drained_with_all_its_addresses_and_they_serve_other_entries()
    {
        var world = new SimWorld("a.example relay.example, 10.0.0.2/pri=10\nb.example 10.0.0.1\n");
        var (first, second) = (world.Host("10.0.0.1"), world.Host("10.0.0.2"));
        world.Dns["relay.example"] = new([new ResolvedHost("relay.example", 0, [first.Address])],
            NextHopFailure.None, null, TimeSpan.FromHours(1));
        world.Accept("x@a.example");
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Single(first.Accepted);

        Drain(world, "relay.example");
        world.Accept("x@a.example");
        world.Accept("x@b.example");
        world.Run(TimeSpan.FromSeconds(1));

        Assert.Equal((2, 1), (first.Accepted.Count, second.Accepted.Count));
        Assert.Empty(world.Stored);
    }

    [Fact]
    public void The_list_is_durable_and_a_line_that_is_no_host_stops_the_start()
    {
        var file = Path.Combine(_folder, "drained");
        var list = DrainList.Open(file);
        Assert.True(list.Add(new("10.0.0.1", 25), _ => { }));
        Assert.False(list.Add(new("10.0.0.1", 25), _ => { }));
        Assert.True(list.Add(new("relay.example", null), _ => { }));
        Assert.False(list.Remove(new("relay.example", 25), _ => { }));
        Assert.True(list.Add(new("10.0.0.1", null), _ => { }));

        Assert.Equal(["10.0.0.1", "relay.example"], DrainList.Open(file).Entries.Select(e => e.ToString()).Order());

        File.AppendAllText(file, "10.1\n");
        Assert.Contains("drained:3:", Assert.Throws<IOException>(() => DrainList.Open(file)).Message,
            StringComparison.Ordinal);
    }

    // As an event, so that the scheduler hands out afterwards, as the engine makes it do.
    private static void Drain(SimWorld world, params string[] hosts)
    {
        HashSet<HostSelector> set = [.. hosts.Select(Read)];
        world.After(TimeSpan.Zero, () => world.UseDrained(set));
        world.Run(TimeSpan.Zero);
    }

    private static HostSelector Read(string host) =>
        HostSelector.TryParse(host, out var selector) ? selector : throw new ArgumentException(host);
}
