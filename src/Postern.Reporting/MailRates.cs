namespace Postern.Reporting;

/// <summary>How fast a counter grows, in events an hour, reckoned from the last 1, 5 and 15 minutes.</summary>
public sealed record MailRate(MailCounter Counter, long LastMinute, long Last5Minutes, long Last15Minutes);

/// <summary>
/// Samples <see cref="MailCounters"/> every five seconds and keeps fifteen minutes of it. Owned by the program; any
/// thread may read.
/// </summary>
public sealed class MailRates : IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(5);
    private static readonly int kept = (int)(TimeSpan.FromMinutes(15) / interval);

    private readonly MailCounters _counters;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Queue<long[]> _samples = new();

    /// <summary>Samples from now on.</summary>
    public MailRates(MailCounters counters, TimeProvider time)
    {
        _counters = counters;
        Sample();
        _timer = time.CreateTimer(_ => Sample(), null, interval, interval);
    }

    /// <summary>The counters that have a rate.</summary>
    public static IReadOnlyList<MailCounter> Counters { get; } =
    [
        MailCounter.InjectedMessages, MailCounter.InjectedRecipients, MailCounter.SoftBouncedEvents,
        MailCounter.CompletedRecipients, MailCounter.HardBouncedRecipients, MailCounter.DeliveredRecipients,
    ];

    /// <summary>
    /// The rates of one of <see cref="Counters"/>. Before a span is full, what came so far is all of it.
    /// </summary>
    public MailRate Of(MailCounter counter)
    {
        var index = Counters.ToList().IndexOf(counter);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        lock (_lock)
        {
            var now = _counters[counter];
            long Since(int minutes)
            {
                var back = (int)(TimeSpan.FromMinutes(minutes) / interval);
                return (now - _samples.ElementAt(Math.Max(0, _samples.Count - back))[index]) * 60 / minutes;
            }
            return new MailRate(counter, Since(1), Since(5), Since(15));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        var sample = new long[Counters.Count];
        for (var i = 0; i < sample.Length; i++) sample[i] = _counters[Counters[i]];
        lock (_lock)
        {
            if (_samples.Count == kept) _samples.Dequeue();
            _samples.Enqueue(sample);
        }
    }
}
