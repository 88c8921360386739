namespace Postern.Spool;

/// <summary>
/// The free space of the disk that holds the spool, read at most once a second, when somebody asks. Any thread.
/// </summary>
internal sealed class FreeSpace(SpaceThresholds thresholds, Func<long> read, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private SpaceThresholds _thresholds = thresholds;
    private SpaceLevel _told;
    private long _readAt;
    private long _octets = -1;

    /// <summary>Told on a pool thread that another threshold was passed, with the octets that are free.</summary>
    public Action<SpaceLevel, long>? Changed { get; init; }

    /// <summary>What is in force.</summary>
    public SpaceThresholds Thresholds
    {
        get => Volatile.Read(ref _thresholds);
        set => Volatile.Write(ref _thresholds, value);
    }

    /// <summary>How it stands.</summary>
    public SpaceLevel Level => LevelOf(Octets());

    /// <summary>New mail of so many octets leaves the soft threshold free.</summary>
    public bool HasRoomFor(long octets) => Octets() - Thresholds.Soft >= octets;

    private SpaceLevel LevelOf(long octets) => octets < Thresholds.Hard ? SpaceLevel.Critical
        : octets < Thresholds.Soft ? SpaceLevel.Low : SpaceLevel.Enough;

    private long Octets()
    {
        lock (_lock)
        {
            if (_octets >= 0 && time.GetElapsedTime(_readAt) < Interval) return _octets;
            _readAt = time.GetTimestamp();
            _octets = Read();
            var level = LevelOf(_octets);
            if (level != _told) Tell(level, _octets);
            _told = level;
            return _octets;
        }
    }

    // By itself: what a lambda knows would be made anew with each question, of which there are many a message.
    private void Tell(SpaceLevel level, long octets) =>
        ThreadPool.QueueUserWorkItem(_ => Changed?.Invoke(level, octets));

    // A disk that does not tell is not a full one: its writes tell.
    private long Read()
    {
        try
        {
            return Math.Max(0, read());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return long.MaxValue;
        }
    }
}
