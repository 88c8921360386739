using System.Diagnostics;
using System.Globalization;
using Peers;
using TestTools;

namespace Relay;

/// <summary>The figures of one run.</summary>
/// <param name="Relayed">Messages a second until the sink had counted the last one.</param>
/// <param name="Accepted">Messages a second until smtp-source had its last 250.</param>
/// <param name="CpuMilliseconds">User and system time of the gateway for a message.</param>
/// <param name="PeakMegabytes">Memory at its highest.</param>
internal sealed record Figures(double Relayed, double Accepted, double CpuMilliseconds, double PeakMegabytes);

/// <summary>One fresh gateway, one fresh sink, one load.</summary>
internal static class Run
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Measures a gateway. The run counts only when smtp-source saw no error and the sink counted each message once.
    /// </summary>
    public static async Task<Figures> MeasureAsync(
        Gateway gateway, Options options, bool kept, CancellationToken cancel)
    {
        await using var sink = await SmtpSink.StartAsync(cancel);
        await gateway.StartAsync(NextHop.Local(sink.Port), trace: null, cancel);
        if (options.Warmup > 0)
        {
            await Load.SendAsync(gateway.Port, options, kept, options.Warmup, cancel);
            await sink.WaitForAsync(options.Warmup, cancel);
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var memory = SampleMemoryAsync(gateway.Id, ended.Token);
        var cpu = ProcessTree.CpuSeconds(gateway.Id);
        var clock = Stopwatch.StartNew();
        await Load.SendAsync(gateway.Port, options, kept, options.Messages, cancel);
        var accepted = clock.Elapsed;
        await sink.WaitForAsync(options.Warmup + options.Messages, cancel);
        var relayed = clock.Elapsed;
        cpu = ProcessTree.CpuSeconds(gateway.Id) - cpu;
        await ended.CancelAsync();
        var peak = gateway.PeakMegabytes(await memory);
        await gateway.StopAsync();
        Load.CheckCount(sink, options.Warmup + options.Messages);
        return new Figures(
            options.Messages / relayed.TotalSeconds, options.Messages / accepted.TotalSeconds,
            cpu * 1000 / options.Messages, peak);
    }

    /// <summary>Syncs for a message, from a short run under strace, which slows everything down but the disk.</summary>
    public static async Task<double> CountSyncsAsync(
        Gateway gateway, Options options, bool kept, CancellationToken cancel)
    {
        var trace = Path.GetTempFileName();
        try
        {
            await using var sink = await SmtpSink.StartAsync(cancel);
            await gateway.StartAsync(NextHop.Local(sink.Port), trace, cancel);
            await Load.SendAsync(gateway.Port, options, kept, options.Counted, cancel);
            await sink.WaitForAsync(options.Counted, cancel);
            await gateway.StopAsync();
            Load.CheckCount(sink, options.Counted);
            return Calls(await File.ReadAllLinesAsync(trace, cancel)) / (double)options.Counted;
        }
        finally
        {
            File.Delete(trace);
        }
    }

    private static async Task<double> SampleMemoryAsync(int process, CancellationToken ended)
    {
        var peak = 0.0;
        using var timer = new PeriodicTimer(SampleInterval, TimeProvider.System);
        while (!ended.IsCancellationRequested)
        {
            peak = Math.Max(peak, ProcessTree.ProportionalMegabytes(process));
            try
            {
                await timer.WaitForNextTickAsync(ended);
            }
            catch (OperationCanceledException)
            {
                // The run is over; the peak so far is the answer.
            }
        }

        return peak;
    }

    // The last line of strace -c: "100.00  1.234567  12  3456  total", with a column of errors where there were any.
    private static long Calls(IEnumerable<string> summary)
    {
        var total = summary.LastOrDefault(line => line.EndsWith("total", StringComparison.Ordinal));
        return total is null ? 0 : long.Parse(
            total.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture);
    }
}
