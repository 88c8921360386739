using System.Threading.Channels;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// The mail log: <c>mail.log</c> in the form of contract §5 and, when wanted, <c>mail.json</c> beside it. Owned by the
/// program; <see cref="Publish"/> and the other members may be called by any thread at any time.
/// </summary>
/// <remarks>
/// Publishing puts the event into a bounded queue and is done; one thread of the log's own puts events into their form
/// and writes a batch with one call. Nothing that happens to the files reaches mail: see docs/design/reporting.md.
/// </remarks>
public sealed class MailLog : IMailEventSink, IAsyncDisposable
{
    /// <summary>Readers of the live log at the same time.</summary>
    public const int MaxTaps = 100;

    // After a batch the writer lets events gather: at thousands of messages a second a call for each event would cost
    // more than the events. An event that comes while the log is idle is written at once.
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(25);

    private const int BatchOctets = 256 * 1024;

    // A pass that took so many events has nothing to gather for; the queue fills faster than that.
    private const int Busy = 5_000;

    private readonly record struct Entry(long UtcTicks, MailEvent? Event, TaskCompletionSource<bool>? Flushed);

    private readonly TimeProvider _time;
    private readonly Channel<Entry> _queue;
    private readonly ManualResetEventSlim _arrived = new();
    private readonly ManualResetEventSlim _hurry = new();
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource<bool>> _flushes = [];
    private readonly TextOutput _text;
    private readonly Lock _tapLock = new();
    private readonly string _folder;
    private JsonOutput? _json;
    private MailLogOptions _options;
    private MailLogOptions _seen;
    private LogTap[] _taps = [];
    private volatile bool _stopping;
    private long _missed;
    private long _lost;
    private string? _defect;

    /// <summary>Begins to log. Never throws for the folder's sake: <see cref="LastError"/> tells.</summary>
    public MailLog(MailLogOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        _time = time;
        _folder = options.Folder;
        _options = _seen = options;
        // A full queue means that the disk stands still. Waiting for it would stop mail, so the newest event is not
        // taken: TryWrite says so, the event is counted, and the log says how many are missing when it moves again.
        _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(options.QueueLength)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
        _text = new TextOutput(options, time, RememberDefect);
        _json = options.Json ? new JsonOutput(options, time, RememberDefect) : null;
        new Thread(Run) { IsBackground = true, Name = "mail log" }.Start();
    }

    /// <summary>
    /// Events that are in no file, since the start: the queue was full, or a file failed for too long.
    /// </summary>
    public long LostEvents => Volatile.Read(ref _lost);

    /// <summary>Attempts to write that failed, since the start.</summary>
    public long WriteErrors => _text.File.Errors + (Volatile.Read(ref _json)?.File.Errors ?? 0);

    /// <summary>What the last failure said, with the path; null: there was none.</summary>
    public string? LastError =>
        _text.File.LastError ?? Volatile.Read(ref _json)?.File.LastError ?? Volatile.Read(ref _defect);

    /// <inheritdoc/>
    public void Publish(MailEvent mailEvent)
    {
        if (_queue.Writer.TryWrite(new Entry(_time.GetUtcNow().UtcTicks, mailEvent, null)))
        {
            if (!_arrived.IsSet) _arrived.Set();
            return;
        }
        Interlocked.Increment(ref _missed);
        Interlocked.Increment(ref _lost);
        _arrived.Set();
    }

    /// <summary>Ends when everything that was published before is written, or could not be.</summary>
    /// <returns>False when a file could not be written.</returns>
    public async ValueTask<bool> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new Entry(0, null, flushed), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        _arrived.Set();
        _hurry.Set();
        return await flushed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// New options, in force with the next batch. The folder and the length of the queue stay those of the start.
    /// </summary>
    public void UseOptions(MailLogOptions options)
    {
        Volatile.Write(ref _options, options);
        _arrived.Set();
    }

    /// <summary>The lines of <c>mail.log</c> from now on.</summary>
    /// <param name="lines">Lines that may wait for the reader before the oldest are lost; 1 to 100,000.</param>
    /// <param name="filter">Which lines; null: all. The writer looks at every line with it.</param>
    /// <returns>Null when <see cref="MaxTaps"/> are open.</returns>
    public LogTap? Subscribe(int lines = 1000, LogLineFilter? filter = null)
    {
        lock (_tapLock)
        {
            if (_taps.Length >= MaxTaps) return null;
            var tap = new LogTap(Math.Clamp(lines, 1, 100_000), filter, Close);
            if (_stopping) tap.End();
            else Volatile.Write(ref _taps, [.. _taps, tap]);
            return tap;
        }
    }

    /// <summary>
    /// Writes what was published, closes the files and ends the taps. Events published later are lost.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _stopping = true;
        _arrived.Set();
        _hurry.Set();
        await _ended.Task.ConfigureAwait(false);
        // The two signals hold no handle of the system unless somebody asks for one, and a late Publish may touch them.
    }

    // For the writer's thread.
    private bool IsBehind => _text.IsBehind || (_json?.IsBehind ?? false);

    private void Run()
    {
        while (true)
        {
            // The pace of a disk, not of mail, and so of the real clock: a test's clock would never end it.
            if (IsBehind) _arrived.Wait(LogFile.RetryInterval);
            else _arrived.Wait();
            _arrived.Reset();
            var last = _stopping;
            UseNewOptions();
            var taken = 0;
            while (TakeBatch(ref taken)) WriteBatch();
            WriteBatch();
            if (last) break;
            if (taken < Busy) _hurry.Wait(Gathering);
            _hurry.Reset();
        }
        End();
    }

    private void UseNewOptions()
    {
        var options = Volatile.Read(ref _options);
        if (ReferenceEquals(options, _seen)) return;
        _seen = options;
        _text.File.Options = options;
        if (_json is not null && !options.Json)
        {
            _json.Dispose();
            Volatile.Write(ref _json, null);
        }
        else if (_json is null && options.Json)
        {
            Volatile.Write(ref _json, new JsonOutput(options with { Folder = _folder }, _time, RememberDefect));
        }
        if (_json is not null) _json.File.Options = options;
    }

    // True when the batch is full and there may be more.
    private bool TakeBatch(ref int taken)
    {
        while (_queue.Reader.TryRead(out var entry))
        {
            taken++;
            if (entry.Flushed is not null) _flushes.Add(entry.Flushed);
            else Add(new DateTimeOffset(entry.UtcTicks, TimeSpan.Zero), entry.Event!);
            if (_text.Batch.Length >= BatchOctets || _json?.Batch.Length >= BatchOctets) return true;
        }
        return false;
    }

    private void Add(DateTimeOffset at, MailEvent mailEvent)
    {
        _text.Add(at, mailEvent);
        _json?.Add(at, mailEvent);
    }

    private void WriteBatch()
    {
        var missed = Interlocked.Exchange(ref _missed, 0);
        var now = _flushes.Count > 0 || _stopping;
        foreach (var tap in Volatile.Read(ref _taps)) tap.Offer(_text.Batch.Written);
        _text.Missed(missed);
        _json?.Missed(missed);
        var lost = _text.Write(now, _time.GetUtcNow());
        if (_json is not null) lost = Math.Max(lost, _json.Write(now, _time.GetUtcNow()));
        if (lost > 0) Interlocked.Add(ref _lost, lost);
        var written = !IsBehind;
        foreach (var flushed in _flushes) flushed.TrySetResult(written);
        _flushes.Clear();
    }

    private void RememberDefect(Exception error)
    {
        Interlocked.Increment(ref _lost);
        Volatile.Write(ref _defect, error.ToString());
    }

    private void Close(LogTap tap)
    {
        lock (_tapLock) Volatile.Write(ref _taps, [.. _taps.Where(other => other != tap)]);
    }

    private void End()
    {
        var written = !IsBehind;
        var lost = Math.Max(_text.File.Forget(), _json?.File.Forget() ?? 0);
        Interlocked.Add(ref _lost, lost);
        _text.Dispose();
        _json?.Dispose();
        lock (_tapLock)
        {
            foreach (var tap in _taps) tap.End();
            Volatile.Write(ref _taps, []);
        }
        _ended.SetResult(written);
    }
}
