namespace Postern.Reporting;

/// <summary>
/// How often something took how long, in buckets that are given when it is made. Any thread may add and read.
/// </summary>
/// <param name="bounds">The upper bounds of the buckets, inclusive and growing; what is longer has a bucket of its own.
/// </param>
public sealed class DurationHistogram(params IReadOnlyList<TimeSpan> bounds)
{
    private readonly long[] _counts = new long[bounds.Count + 1];
    private long _ticks;

    /// <summary>Bounds for what a client waits for: from a millisecond to ten seconds.</summary>
    public static IReadOnlyList<TimeSpan> Waits { get; } =
    [
        .. ((double[])[1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000])
            .Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds)),
    ];

    /// <summary>Bounds for the time in a queue: from a tenth of a second to three days.</summary>
    public static IReadOnlyList<TimeSpan> Stays { get; } =
    [
        .. ((double[])[0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 43_200, 86_400, 259_200])
            .Select(seconds => TimeSpan.FromSeconds(seconds)),
    ];

    /// <summary>Adds a duration; a negative one, as a clock that was set back gives, counts as none.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="times">How often it took so long.</param>
    public void Add(TimeSpan duration, int times = 1)
    {
        if (duration < TimeSpan.Zero) duration = TimeSpan.Zero;
        var bucket = 0;
        while (bucket < bounds.Count && duration > bounds[bucket]) bucket++;
        Interlocked.Add(ref _counts[bucket], times);
        Interlocked.Add(ref _ticks, duration.Ticks * times);
    }

    /// <summary>What was added so far.</summary>
    public DurationCounts Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = Volatile.Read(ref _counts[i]);
        return new DurationCounts(bounds, counts, TimeSpan.FromTicks(Volatile.Read(ref _ticks)));
    }
}

/// <summary>What a <see cref="DurationHistogram"/> held at a moment. Immutable.</summary>
/// <param name="Bounds">The upper bounds of the buckets.</param>
/// <param name="Counts">How many fell into each bucket; the last one has what is longer than all bounds.</param>
/// <param name="Sum">All durations together.</param>
public sealed record DurationCounts(IReadOnlyList<TimeSpan> Bounds, IReadOnlyList<long> Counts, TimeSpan Sum);
