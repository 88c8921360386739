using Postern.Delivery.Tests.Simulation;

namespace Postern.Delivery.Tests;

/// <summary>
/// A host that takes 50 messages a second, and collapses under more, is down for an hour; a hundred thousand messages
/// wait for it and mail goes on coming in. When it is back the queue runs off without a second collapse. The model
/// watches that no more connections are open than the growing allowance.
/// </summary>
public sealed class OutageTests
{
    private const int Held = 100_000;
    private const int Comes = 10;
    private const double Capacity = 50;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(20)]
    public void The_queue_of_an_outage_runs_off_without_a_second_collapse(int limit)
    {
        var world = new SimWorld("example.com 10.0.0.1\n") { KeepsLog = false };
        var host = world.Host("10.0.0.1");
        var work = new Workload(host);
        host.Mood = Mood.Refuses;
        for (var i = 0; i < Held; i++) world.Accept("bob@example.com");
        for (var s = 0; s < 3600; s++)
        {
            for (var i = 0; i < Comes; i++) world.Accept("bob@example.com");
            world.Run(Second);
        }
        Assert.InRange(host.Connections, 8, 20);
        var model = world.Model.Host(host.Key);
        var outages = model.TimesLeftOut;

        (host.Mood, host.Limit) = (Mood.Well, limit);
        host.MostOpen = 0;
        var seconds = 0;
        for (; world.Stored.Count > Comes && seconds < 10_000; seconds++)
        {
            for (var i = 0; i < Comes; i++) world.Accept("bob@example.com");
            world.Run(Second);
            // Ten seconds without a reply would leave it out again.
            Assert.True(work.Longest < TimeSpan.FromSeconds(10), $"it took {work.Longest} after {seconds} seconds");
        }

        // At most ten minutes until it is probed, and then at what it takes.
        var messages = Held + (3600 * Comes) + (seconds * Comes);
        Assert.InRange(seconds, messages / Capacity, (messages / Capacity / 0.95) + 600);
        Assert.InRange(host.MostOpen, 2, Math.Min(limit, 200));
        Assert.InRange(model.TimesLeftOut - outages, 0, 1);
    }

    // One message after the other, each for a fiftieth of a second: whatever more comes in at a time waits longer.
    private sealed class Workload
    {
        private DateTimeOffset _busyUntil = DateTimeOffset.MinValue;

        public Workload(SimHost host) => host.Burden = Take;

        public TimeSpan Longest { get; private set; }

        private TimeSpan Take(DateTimeOffset now)
        {
            var begin = _busyUntil > now ? _busyUntil : now;
            _busyUntil = begin + TimeSpan.FromSeconds(1 / Capacity);
            var wait = _busyUntil - now;
            if (wait > Longest) Longest = wait;
            return wait;
        }
    }
}
