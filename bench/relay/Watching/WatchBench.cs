using System.Diagnostics;
using System.Globalization;
using Peers;
using TestTools;

namespace Relay.Watching;

/// <summary>
/// What it costs to be watched: CPU time a message alone and with every live view open. One process takes both loads
/// in turns, so that nothing but the watchers differs, in the order ABBA, so that a drift falls on both.
/// </summary>
internal sealed class WatchBench(Options options)
{
    /// <summary>The receiving domain of the load.</summary>
    public const string LiveDomain = Load.Domain;

    /// <summary>The receiving domain of message 1, whose host is down.</summary>
    public const string HeldDomain = "held.example";

    private readonly Dictionary<string, (int Times, long Octets, TimeSpan Longest)> _shown = [];
    private TimeSpan _watched;

    public async Task RunAsync(CancellationToken cancel)
    {
        // The gateway inherits it, and compiles each method once and for good. Otherwise what pages run a few times a
        // second is compiled anew for minutes, and that, which a gateway does once in its life, falls into the rounds.
        Environment.SetEnvironmentVariable("DOTNET_TieredCompilation", "0");
        foreach (var kept in options.KeptModes)
        {
            Console.WriteLine($"\n{Report.Mode(kept)}");
            Print(await MeasureAsync(kept, cancel));
        }
    }

    private async Task<PairedRatios> MeasureAsync(bool kept, CancellationToken cancel)
    {
        await using var sink = await SmtpSink.StartAsync(cancel);
        await using var gateway = new PosternGateway(options.Folder)
        {
            MoreRoutes = [$"{HeldDomain} 127.0.0.1:{SmtpSink.FreePort()}"],
        };
        await gateway.StartAsync(NextHop.Local(sink.Port), trace: null, cancel);
        await Load.SendAsync(gateway.Port, options with { Clients = 1 }, kept, 1, cancel, HeldDomain);
        var load = new Metered(gateway, sink, options, kept);
        using var visit = await Visit.BeginAsync(gateway, cancel);
        await load.SendAsync(options.Warmup, cancel);
        await using (await Watchers.OpenAsync(options.Watch, visit, gateway, cancel))
        {
            await load.SendAsync(options.Warmup, cancel);
        }

        var ratios = new PairedRatios();
        for (var round = 0; round < options.Rounds; round++)
        {
            var (alone, watched) = (0.0, 0.0);
            foreach (var isWatched in round % 2 == 0 ? new[] { false, true } : [true, false])
            {
                if (isWatched) watched = await WatchedAsync(load, visit, gateway, cancel);
                else alone = await load.SendAsync(options.Messages, cancel);
            }

            ratios.Add(alone, watched);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  alone {alone:F4}  watched {watched:F4} ms CPU a message  ratio {watched / alone:F3}"));
        }

        await gateway.StopAsync();
        Load.CheckCount(sink, load.Sent);
        return ratios;
    }

    private async Task<double> WatchedAsync(
        Metered load, Visit visit, PosternGateway gateway, CancellationToken cancel)
    {
        await using var watchers = await Watchers.OpenAsync(options.Watch, visit, gateway, cancel);
        var clock = Stopwatch.StartNew();
        var cpu = await load.SendAsync(options.Messages, cancel);
        _watched += clock.Elapsed;
        foreach (var view in await watchers.TakeAsync(cancel))
        {
            var before = _shown.GetValueOrDefault(view.Name);
            _shown[view.Name] = (before.Times + view.Times, before.Octets + view.Octets,
                before.Longest > view.Longest ? before.Longest : view.Longest);
        }

        return cpu;
    }

    private void Print(PairedRatios ratios)
    {
        Console.WriteLine();
        Console.WriteLine($"{"shown while watched",-44}{"times/s",10}{"octets/s",10}{"longest s",10}");
        foreach (var (name, (times, octets, longest)) in _shown)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-44}{times / _watched.TotalSeconds,10:F2}{octets / _watched.TotalSeconds,10:F0}"
                + $"{longest.TotalSeconds,10:F1}"));
        }

        _shown.Clear();
        _watched = TimeSpan.Zero;
        var interval = ratios.Interval() is { } known
            ? string.Create(CultureInfo.InvariantCulture, $"{known.From:F3} to {known.To:F3}") : "not known";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"\nCPU a message, watched to alone: median {ratios.Median:F3} of {ratios.Count} pairs, "
            + $"95 % interval {interval}, single pairs {ratios.Lowest:F3} to {ratios.Highest:F3}"));
    }

    /// <summary>A load on a gateway that runs on, and what it takes of its CPU time.</summary>
    private sealed class Metered(PosternGateway gateway, SmtpSink sink, Options options, bool kept)
    {
        public int Sent { get; private set; }

        /// <summary>Sends messages and returns, when the sink has them, milliseconds of CPU for each.</summary>
        public async Task<double> SendAsync(int messages, CancellationToken cancel)
        {
            if (messages == 0) return 0;
            var cpu = ProcessTree.CpuSeconds(gateway.Id);
            Sent += messages;
            await Load.SendAsync(gateway.Port, options, kept, messages, cancel);
            await sink.WaitForAsync(Sent, cancel);
            return (ProcessTree.CpuSeconds(gateway.Id) - cpu) * 1000 / messages;
        }
    }
}
