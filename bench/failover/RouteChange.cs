using System.Diagnostics;
using Peers;

namespace Failover;

/// <summary>
/// One route among 40,000 is changed by the command and by the API while mail flows: how long that takes, when the last
/// message goes the old way, and how long no host takes a message at all.
/// </summary>
internal sealed class RouteChange(Options options, string folder)
{
    private const int Routes = 40_000;
    private const int Changes = 6;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private readonly Arrivals[] _arrivals = [new(), new()];

    /// <summary>Runs the changes, to and fro; false: one by the API took a second or more, or mail paused for
    /// one, was lost or doubled.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        using var tally = new Tally(options.Window);
        await using var first = new DestinationHost(Trial.Addresses[0], 0, Noting(tally, 0));
        await using var second = new DestinationHost(Trial.Addresses[1], first.Port, Noting(tally, 1));
        await using var gateway = new PosternGateway(folder)
        {
            KeepsFolder = options.Keep,
            MoreRoutes =
            [
                $"{Trial.Destination} {Trial.Addresses[0]}:{first.Port}",
                .. Enumerable.Range(2, Routes - 1).Select(i => $"customer{i}.example {Trial.Addresses[0]}"),
            ],
        };
        await gateway.StartAsync(new NextHop(Trial.Destination, first.Port, Trial.Addresses), trace: null, cancel);
        using var load = new Load(gateway.Port, tally, options);
        load.Start();
        await load.WhileAsync(DelayAsync(options.Warmup, cancel));
        var isGood = true;
        for (var change = 1; change <= Changes; change++)
            isGood &= await ChangeAsync(change, gateway, load, first.Port, cancel);
        await load.StopAsync();
        for (var looks = options.Patience / LookInterval; looks > 0 && tally.Missing() > 0; looks--)
            await DelayAsync(LookInterval, cancel);
        await gateway.StopAsync();
        var (lost, doubled) = (tally.Missing(), tally.Doubled() + tally.Unasked());
        Console.WriteLine($"lost {lost}, doubled {doubled}");
        return isGood && lost == 0 && doubled == 0;
    }

    private async Task<bool> ChangeAsync(
        int change, PosternGateway gateway, Load load, int port, CancellationToken cancel)
    {
        var to = change % 2;
        var isByApi = change > Changes / 2;
        var begin = Stopwatch.GetTimestamp();
        await load.WhileAsync(DelayAsync(options.Healthy / 2, cancel));
        var start = Stopwatch.GetTimestamp();
        var host = $"{Trial.Addresses[to]}:{port}";
        await load.WhileAsync(isByApi ? gateway.EditByApiAsync(Trial.Destination, host, cancel)
            : gateway.EditByCommandAsync(Trial.Destination, host, cancel));
        var returned = Stopwatch.GetTimestamp();
        await load.WhileAsync(DelayAsync(options.Healthy / 2, cancel));
        var end = Stopwatch.GetTimestamp();
        var all = _arrivals.SelectMany(host => host.Between(begin, end)).Order().ToList();
        var took = Stopwatch.GetElapsedTime(start, returned);
        var old = Stopwatch.GetElapsedTime(returned, Math.Max(returned, _arrivals[1 - to].Between(begin, end).Last()));
        var (before, after) = (LongestGap(all, begin, start), LongestGap(all, start, end));
        var rate = all.Count / Stopwatch.GetElapsedTime(begin, end).TotalSeconds;
        Console.WriteLine($"one of {Routes} routes changed by the {(isByApi ? "API" : "command")} in {Show(took)}, "
            + $"the last message the old way {Show(old)} later; longest pause {Show(after)}, before {Show(before)}; "
            + $"{(int)rate} messages/s");
        // The command starts a program of its own on cores that the load never leaves idle: told, and not judged.
        return (!isByApi || took + old < Bound) && after < Bound;
    }

    private static string Show(TimeSpan time) => $"{(int)time.TotalMilliseconds} ms";

    private Action<int> Noting(Tally tally, int host) => message =>
    {
        _arrivals[host].Note();
        tally.Delivered(message);
    };

    private static TimeSpan LongestGap(List<long> all, long from, long to)
    {
        var inside = all.Where(at => at >= from && at <= to).ToList();
        return inside.Zip(inside.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one, next))
            .DefaultIfEmpty(TimeSpan.MaxValue).Max();
    }

    private static Task DelayAsync(TimeSpan time, CancellationToken cancel) =>
        Task.Delay(time, TimeProvider.System, cancel);

    /// <summary>When a host took its messages. Safe for several threads.</summary>
    private sealed class Arrivals
    {
        private readonly Lock _lock = new();
        private readonly List<long> _times = [];

        public void Note()
        {
            lock (_lock) _times.Add(Stopwatch.GetTimestamp());
        }

        public List<long> Between(long from, long to)
        {
            lock (_lock) return [.. _times.Where(at => at >= from && at <= to)];
        }
    }
}
