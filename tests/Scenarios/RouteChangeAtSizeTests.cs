using System.Diagnostics;
using Postern.TestHosts;
using TestTools;

namespace Scenarios;

/// <summary>A change of one route among 40,000 while mail flows.</summary>
[Collection(AloneCollection.Name)]
public sealed class RouteChangeAtSizeTests(ITestOutputHelper output)
{
    private const int Routes = 40_000;
    private const int Before = 300;
    private static readonly TimeSpan second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task It_is_in_force_when_the_command_returns_and_mail_never_pauses()
    {
        var others = string.Join('\n', Enumerable.Range(1, Routes - 1).Select(i => $"customer{i}.example {{30}}"));
        await using var scene = await Scene.StartAsync(route: $"example.com {{10}}\n{others}");
        var deliveries = new List<long>();
        scene.First.Script = scene.Second.Script = new HostScript { Dot = _ => Noted(deliveries) };
        using var stop = new CancellationTokenSource();
        var sent = 0;
        var sending = Task.Run(() => SendAsync(scene.Gateway, () => Interlocked.Increment(ref sent), stop.Token));
        await Scene.UntilAsync(scene.First, host => host.Taken.Count >= Before);

        var start = Stopwatch.GetTimestamp();
        await Child.RunAsync(GatewayProcess.Executable(),
            ["smtproutes", "edit", "example.com", scene.Second.EndPoint.ToString(),
                "--config", Path.Combine(scene.Gateway.Folder, "postern.toml")], CancellationToken.None);
        var returned = Stopwatch.GetTimestamp();
        // One message may have been handed in while the command returned.
        var last = Volatile.Read(ref sent) + 1;
        await Scene.UntilAsync(scene.Second, host => host.Taken.Count >= Before);
        await stop.CancelAsync();
        await sending;
        await scene.FinishedAsync(sent);

        var (first, then) = (Numbers(scene.First), Numbers(scene.Second));
        Assert.Equal(Enumerable.Range(1, sent), first.Concat(then).Order());
        Assert.True(first.Max() <= last, $"message {first.Max()} took the old way, which ended with {last}");
        Report(deliveries, start, returned);
    }

    private void Report(List<long> deliveries, long start, long returned)
    {
        var gaps = deliveries.Order().Zip(deliveries.Order().Skip(1),
            (one, next) => (At: next, Length: Stopwatch.GetElapsedTime(one, next))).ToList();
        var usual = gaps.Where(g => g.At < start).Max(g => g.Length);
        var during = gaps.Where(g => g.At >= start).Max(g => g.Length);
        output.WriteLine($"the command took {Stopwatch.GetElapsedTime(start, returned).TotalMilliseconds:0} ms; the "
            + $"longest time without a delivery was {during.TotalMilliseconds:0} ms from then on, "
            + $"{usual.TotalMilliseconds:0} ms before");
        Assert.True(during < second + usual, $"nothing was delivered for {during}");
    }

    private static HostAnswer Noted(List<long> deliveries)
    {
        lock (deliveries) deliveries.Add(Stopwatch.GetTimestamp());
        return "250 2.0.0 accepted";
    }

    // Each message is for a recipient of its own, so that it is known again wherever it goes.
    private static async Task SendAsync(GatewayProcess gateway, Func<int> next, CancellationToken stop)
    {
        await using var client = await SmtpProbe.GreetAsync(gateway.Smtp);
        while (!stop.IsCancellationRequested)
        {
            var number = next();
            var reply = await client.MessageAsync(
                "alice@src.example", [$"r{number}@example.com"], Scene.Content($"m{number}"));
            Assert.StartsWith("250 ", reply, StringComparison.Ordinal);
        }
    }

    private static List<int> Numbers(ScriptedHost host) =>
        [.. host.Taken.SelectMany(m => m.Accepted).Select(path => int.Parse(path[1..path.IndexOf('@')], null))];
}
