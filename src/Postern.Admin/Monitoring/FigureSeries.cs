using Postern.Delivery.Reports;
using Postern.Reporting;

namespace Postern.Admin.Monitoring;

/// <summary>
/// Keeps what charts show: a point a minute for a day, from the counters that everything else is told from. About
/// 150 kB, whatever the mail. Owned by the program; any thread may read.
/// </summary>
public sealed class FigureSeries : IDisposable
{
    /// <summary>Points that are kept: a day of minutes.</summary>
    public const int Kept = 24 * 60;

    /// <summary>The time from point to point.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly MailCounters counters;
    private readonly ReceptionTimes times;
    private readonly Func<Task<DeliveryGauges>> gauges;
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly Queue<FigurePoint> points = new();
    private Totals before;

    private readonly record struct Totals(
        long Injected, long Delivered, long Soft, long Hard, long Accepted, TimeSpan FinalDots);

    /// <summary>Begins to keep points.</summary>
    /// <param name="counters">Mail since the start.</param>
    /// <param name="times">How long clients waited.</param>
    /// <param name="gauges">Asks delivery what it holds.</param>
    /// <param name="time">The clock.</param>
    public FigureSeries(
        MailCounters counters, ReceptionTimes times, Func<Task<DeliveryGauges>> gauges, TimeProvider time)
    {
        (this.counters, this.times, this.gauges, this.time) = (counters, times, gauges, time);
        before = Now();
        timer = time.CreateTimer(_ => _ = SampleAsync(), null, Interval, Interval);
    }

    /// <summary>The last minutes, the oldest first; fewer where the gateway runs for less.</summary>
    public IReadOnlyList<FigurePoint> LastMinutes(int minutes)
    {
        lock (gate) return [.. points.Skip(Math.Max(0, points.Count - minutes))];
    }

    /// <summary>
    /// The same, several minutes to a point: counts are added up, what is held is that of its last minute, and the
    /// longest wait stays.
    /// </summary>
    public IReadOnlyList<FigurePoint> LastMinutes(int minutes, int together) =>
        [.. LastMinutes(minutes).Chunk(together).Select(FigurePoint.Of)];

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    private async Task SampleAsync()
    {
        DeliveryGauges held;
        try
        {
            held = await gauges().ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops, and nobody reads the point any more.
            return;
        }
        lock (gate)
        {
            var now = Now();
            var accepted = now.Accepted - before.Accepted;
            if (points.Count == Kept) points.Dequeue();
            points.Enqueue(new FigurePoint
            {
                Time = time.GetUtcNow(),
                Injected = now.Injected - before.Injected,
                Delivered = now.Delivered - before.Delivered,
                SoftBounced = now.Soft - before.Soft,
                HardBounced = now.Hard - before.Hard,
                Recipients = held.ActiveRecipients,
                Messages = held.Messages,
                Connections = held.Connections,
                OldestSeconds = held.OldestAccepted is { } oldest
                    ? Math.Max(0, (long)(time.GetUtcNow() - oldest).TotalSeconds) : 0,
                AcceptMilliseconds = accepted == 0 ? null
                    : Math.Round((now.FinalDots - before.FinalDots).TotalMilliseconds / accepted, 1),
            });
            before = now;
        }
    }

    private Totals Now()
    {
        var dots = times.FinalDot.Read();
        return new Totals(counters[MailCounter.InjectedRecipients], counters[MailCounter.DeliveredRecipients],
            counters[MailCounter.SoftBouncedEvents], counters[MailCounter.HardBouncedRecipients],
            dots.Counts.Sum(), dots.Sum);
    }
}

/// <summary>A span of time on a chart, which ends at its time. Immutable.</summary>
public sealed record FigurePoint
{
    /// <summary>Its end.</summary>
    public DateTimeOffset Time { get; init; }
    /// <summary>Recipients that were accepted in it.</summary>
    public long Injected { get; init; }
    /// <summary>Recipients that a host took in it.</summary>
    public long Delivered { get; init; }
    /// <summary>4xx replies in it.</summary>
    public long SoftBounced { get; init; }
    /// <summary>Recipients that failed for good in it.</summary>
    public long HardBounced { get; init; }
    /// <summary>Recipients in the queue at its end.</summary>
    public long Recipients { get; init; }
    /// <summary>Messages in the queue at its end.</summary>
    public int Messages { get; init; }
    /// <summary>Outgoing connections at its end.</summary>
    public int Connections { get; init; }
    /// <summary>Age of the oldest message at its end, in seconds; 0: the queue was empty.</summary>
    public long OldestSeconds { get; init; }
    /// <summary>Mean time from the final dot to the 250, in milliseconds; null: no message was accepted.</summary>
    public double? AcceptMilliseconds { get; init; }

    /// <summary>Several points as one.</summary>
    internal static FigurePoint Of(IReadOnlyList<FigurePoint> points) => points[^1] with
    {
        Injected = points.Sum(p => p.Injected),
        Delivered = points.Sum(p => p.Delivered),
        SoftBounced = points.Sum(p => p.SoftBounced),
        HardBounced = points.Sum(p => p.HardBounced),
        OldestSeconds = points.Max(p => p.OldestSeconds),
        AcceptMilliseconds = points.Max(p => p.AcceptMilliseconds),
    };
}
