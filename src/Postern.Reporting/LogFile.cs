using Microsoft.Win32.SafeHandles;

namespace Postern.Reporting;

/// <summary>
/// A file of whole lines that a gateway can live with: it is appended to, rotated, made again when somebody moved or
/// deleted it, and on a full disk or a wrong mode it remembers lines up to a bound and tries again. Never throws for
/// the file's sake. For the writer's thread alone; the counters may be read by any.
/// </summary>
internal sealed class LogFile(string path, MailLogOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Octets of lines that are remembered while the file cannot be written; what is more is lost.</summary>
    public const int MaxPending = 4 * 1024 * 1024;

    private const int MaxPiece = 16 * 1024;

    /// <summary>How long a file that failed is left alone, by the real clock: it is the pace of a disk.</summary>
    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PurgeInterval = TimeSpan.FromHours(1);
    private readonly LogBuffer _pending = new();
    private SafeFileHandle? _handle;
    private long _length;
    private int _pendingEvents;
    private DateTimeOffset _purged = DateTimeOffset.MinValue;
    private long _failed;
    private long _errors;
    private string? _lastError;

    /// <summary>Rotation and age, replaced by a reload.</summary>
    public MailLogOptions Options { get; set; } = options;

    /// <summary>Lines wait because the last attempt failed.</summary>
    public bool IsPending => _pending.Length > 0;

    /// <summary>Attempts that failed.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>What the last failure said; null: there was none.</summary>
    public string? LastError => Volatile.Read(ref _lastError);

    /// <summary>Writes whole lines behind those that wait, in one call to the system.</summary>
    /// <returns>Events that are lost because too much waits already.</returns>
    public int Append(ReadOnlySpan<byte> lines, int events)
    {
        if (!IsPending && TryWrite(lines)) return 0;
        if (_pending.Length + lines.Length > MaxPending) return events;
        lines.CopyTo(_pending.GetSpan(lines.Length));
        _pending.Advance(lines.Length);
        _pendingEvents += events;
        return 0;
    }

    /// <summary>
    /// Tries once more to write what waits, but, unless <paramref name="now"/> is set, not within
    /// <see cref="RetryInterval"/> of the last try: on a full disk it would be the same megabytes each time.
    /// </summary>
    public void Retry(bool now)
    {
        if (!IsPending || (!now && Environment.TickCount64 - _failed < RetryInterval.TotalMilliseconds)) return;
        var waiting = _pending.Written;
        var written = 0;
        while (written < waiting.Length && PieceOf(waiting[written..]) is var piece && TryWrite(piece))
        {
            written += piece.Length;
            _pendingEvents -= piece.Count((byte)'\n');
        }
        if (written == waiting.Length) Forget();
        else _pending.CutFrom(written);
    }

    // What waits is written in pieces: a disk with a little room takes what fits, and no file passes its size at once.
    private ReadOnlySpan<byte> PieceOf(ReadOnlySpan<byte> lines)
    {
        var length = (int)Math.Min(MaxPiece, Options.RotateSize);
        if (lines.Length <= length) return lines;
        var end = lines[..length].LastIndexOf((byte)'\n');
        // A line longer than a piece is one.
        if (end < 0) end = lines.IndexOf((byte)'\n');
        return lines[..(end + 1)];
    }

    /// <summary>Gives up what waits, at the end of the gateway.</summary>
    /// <returns>Events that are lost.</returns>
    public int Forget()
    {
        var events = _pendingEvents;
        _pending.Clear(keep: 64 * 1024);
        _pendingEvents = 0;
        return events;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle?.Dispose();

    private bool TryWrite(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty) return true;
        try
        {
            Open();
            if (_length > 0 && _length + lines.Length > Options.RotateSize) Rotate();
            RandomAccess.Write(_handle!, lines, _length);
            _length += lines.Length;
            Purge();
            return true;
        }
        catch (Exception error) when (IsOfFileSystem(error))
        {
            TakeBack();
            Remember(error);
            _failed = Environment.TickCount64;
            return false;
        }
    }

    // The file is the one at the path as long as both have the same length, since nobody else appends: a file that was
    // moved, deleted or replaced differs, and one that was emptied in place is written from its new end.
    private void Open()
    {
        if (_handle is not null)
        {
            var atPath = new FileInfo(path);
            _length = RandomAccess.GetLength(_handle);
            if (atPath.Exists && atPath.Length == _length) return;
            _handle.Dispose();
            _handle = null;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var handle = File.OpenHandle(
            path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        _length = WholeLines(handle);
        _handle = handle;
    }

    // A crash or a full disk can leave half a line at the end, which would join with the next one: it is taken away.
    private static long WholeLines(SafeFileHandle handle)
    {
        var end = RandomAccess.GetLength(handle);
        var length = end;
        Span<byte> block = stackalloc byte[4096];
        while (length > 0)
        {
            var start = Math.Max(0, length - block.Length);
            var read = RandomAccess.Read(handle, block[..(int)(length - start)], start);
            var lastFeed = block[..read].LastIndexOf((byte)'\n');
            if (lastFeed >= 0)
            {
                length = start + lastFeed + 1;
                break;
            }
            length = start;
        }
        if (length != end) RandomAccess.SetLength(handle, length);
        return length;
    }

    private void Rotate()
    {
        try
        {
            if (!LogArchive.TryArchive(path, Now())) return;
            _purged = DateTimeOffset.MinValue;
        }
        catch (Exception error) when (IsOfFileSystem(error))
        {
            // A file that cannot be renamed grows on; losing lines for its size would be worse.
            Remember(error);
            return;
        }
        _handle!.Dispose();
        _handle = null;
        Open();
    }

    private void Purge()
    {
        var now = Now();
        if (now - _purged < PurgeInterval) return;
        _purged = now;
        try
        {
            LogArchive.Purge(path, now - TimeSpan.FromDays(Options.KeepDays));
        }
        catch (Exception error) when (IsOfFileSystem(error))
        {
            // An old file that stays is tried again in an hour; it does not stop new lines.
            Remember(error);
        }
    }

    // What part of a failed write reached the file is unknown. Its lines are written again, so it is taken away here,
    // or, should that fail too, up to the last whole line when the file is opened again.
    private void TakeBack()
    {
        if (_handle is null) return;
        try
        {
            RandomAccess.SetLength(_handle, _length);
        }
        catch (Exception error) when (IsOfFileSystem(error))
        {
            Remember(error);
        }
        _handle.Dispose();
        _handle = null;
    }

    private void Remember(Exception error)
    {
        Interlocked.Increment(ref _errors);
        var named = error.Message.Contains(path, StringComparison.Ordinal);
        Volatile.Write(ref _lastError, named ? error.Message : $"{path}: {error.Message}");
    }

    private DateTimeOffset Now() => TimeZoneInfo.ConvertTime(time.GetUtcNow(), time.LocalTimeZone);

    private static bool IsOfFileSystem(Exception error) =>
        error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException
            or System.Security.SecurityException;
}
