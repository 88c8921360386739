namespace Postern.Spool;

/// <summary>
/// A sequence of ids that never gives the same twice, across restarts and crashes. Any thread takes the next one
/// without a lock and without the disk: blocks are made durable while half of the one before is still unused.
/// </summary>
/// <param name="kind">Which.</param>
/// <param name="last">The last id that may have been given.</param>
/// <param name="limit">The highest id that is durably reserved.</param>
/// <param name="reserve">Told the new limit to make durable; must not block.</param>
internal sealed class IdSequence(IdKind kind, long last, long limit, Action<IdSequence, long> reserve)
{
    /// <summary>Ids reserved at a time: many seconds' worth. What is left of them after a crash is skipped.</summary>
    public const int BlockIds = 50_000;

    private long _last = last;
    private long _limit = limit;
    private int _reserving;

    /// <summary>Which.</summary>
    public IdKind Kind => kind;

    /// <summary>The last id that was given.</summary>
    public long Last => Math.Min(Volatile.Read(ref _last), Volatile.Read(ref _limit));

    /// <summary>The next id.</summary>
    /// <exception cref="SpoolException">The store has not been able to reserve ids for a long time.</exception>
    public long Next()
    {
        var id = Interlocked.Increment(ref _last);
        var limit = Volatile.Read(ref _limit);
        if (limit - id < BlockIds / 2 && Interlocked.Exchange(ref _reserving, 1) == 0)
            reserve(this, Math.Max(limit, id) + BlockIds);
        return id <= limit ? id
            : throw new SpoolException($"no {kind} is left: the spool cannot make new ones durable");
    }

    /// <summary>A block is durable.</summary>
    public void Extend(long to)
    {
        Volatile.Write(ref _limit, to);
        Volatile.Write(ref _reserving, 0);
    }
}
