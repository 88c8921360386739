namespace Postern.Delivery.Acting;

/// <summary>
/// Gives back memory behind a growing queue. What a job knew before it came to rest lies all over the heap, and a queue
/// that only waits gives no cause for a collection: one is made, in some tenths of a second with a million jobs, so that
/// the memory is that of what stays. For one thread.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="compact">Makes the collection.</param>
public sealed class HeapCompaction(TimeProvider time, Action compact)
{
    /// <summary>Recipients that came to rest since the last one, behind which it does not wait.</summary>
    public const int Many = 125_000;

    /// <summary>So few recipients leave nothing to speak of.</summary>
    public const int Few = 10_000;

    /// <summary>How long what is between them waits, from the last one on.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private long _behind;
    private DateTimeOffset _last = time.GetUtcNow();

    /// <summary>When it is due whatever happens; null: there is no cause.</summary>
    public DateTimeOffset? Due { get; private set; }

    /// <summary>Makes one where there is cause.</summary>
    /// <param name="rested">Recipients that came to rest since the start.</param>
    /// <param name="isOver">Nothing more comes soon: the queue of a start has been read.</param>
    public void Run(long rested, bool isOver = false)
    {
        var since = rested - _behind;
        Due = since < Few ? null : _last + Interval;
        if (Due is not { } due || (since < Many && !isOver && time.GetUtcNow() < due)) return;
        compact();
        (_behind, _last, Due) = (rested, time.GetUtcNow(), null);
    }

    /// <summary>Moves all that is used together and gives the rest to the system.</summary>
    public static void Compact() =>
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
