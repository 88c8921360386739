namespace Postern.Routing;

/// <summary>
/// Sees when a file changes, by looking at it four times a second, and reads it once it has been unchanged for half a
/// second. A notification of the kernel is not used: it misses changes on network file systems and behind links.
/// Owned by one task.
/// </summary>
/// <remarks>
/// The state at construction counts as known: make the watch first, then read the file. A change that leaves both
/// length and modification time as they were is not seen.
/// </remarks>
public sealed class FileWatch
{
    /// <summary>How often the file is looked at.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a changed file must stay as it is before it is read.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(500);

    private readonly string _path;
    private readonly int _maxLength;
    private readonly TimeProvider _time;
    private FileStamp _known;
    private FileStamp? _changed;
    private long _since;

    /// <summary>
    /// Watches a file that may be missing; more than <paramref name="maxLength"/> octets are not read.
    /// </summary>
    public FileWatch(string path, int maxLength, TimeProvider time)
        : this(path, maxLength, time, FileStamp.Of(path))
    {
    }

    /// <summary>The same for a file that was read before, of which <paramref name="known"/> was taken first.</summary>
    public FileWatch(string path, int maxLength, TimeProvider time, FileStamp known) =>
        (_path, _maxLength, _time, _known) = (path, maxLength, time, known);

    /// <summary>True while the file has changed and has not settled; as of the last look.</summary>
    public bool IsSettling => _changed is not null;

    /// <summary>
    /// Calls back, one call at a time, with each changed file that has settled, or that went missing.
    /// </summary>
    public async Task RunAsync(Action<FileReading> changed, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Look() is { } reading) changed(reading);
        }
    }

    /// <summary>Looks once.</summary>
    /// <param name="isComplete">
    /// True: whoever changed the file says that it is complete, so that it need not settle.
    /// </param>
    /// <returns>The file when it has changed and settled, else null.</returns>
    public FileReading? Look(bool isComplete = false)
    {
        var stamp = FileStamp.Of(_path);
        if (stamp == _known)
        {
            _changed = null;
            return null;
        }
        if (stamp != _changed && !isComplete)
        {
            (_changed, _since) = (stamp, _time.GetTimestamp());
            return null;
        }
        if (!isComplete && _time.GetElapsedTime(_since) < Settled) return null;
        var reading = FileReading.Of(_path, _maxLength);
        var after = FileStamp.Of(_path);
        if (after != stamp)
        {
            // It was written to while it was read.
            (_changed, _since) = (after, _time.GetTimestamp());
            return null;
        }
        (_known, _changed) = (stamp, null);
        return reading;
    }
}
