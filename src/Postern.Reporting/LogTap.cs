using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Threading.Channels;

namespace Postern.Reporting;

/// <summary>
/// The lines of the mail log as they happen, for the demonstration and the live page. Made by
/// <see cref="MailLog.Subscribe"/>; owned by its reader, who disposes it. For one reader.
/// </summary>
/// <remarks>
/// Who reads too slowly loses the oldest lines, and the log never waits. Most lines of a busy gateway are lost so, and
/// therefore they wait as octets in room that is used again: only a line that is read becomes a string.
/// </remarks>
public sealed class LogTap : IDisposable
{
    private readonly LogLineFilter? _filter;
    private readonly Action<LogTap> _close;
    private readonly Lock _lock = new();
    private readonly (byte[] Octets, int Length)[] _lines;
    private int _first, _count;
    private long _lost;
    private bool _hasEnded;
    private TaskCompletionSource<bool>? _waiting;

    internal LogTap(int lines, LogLineFilter? filter, Action<LogTap> close)
    {
        // Without one, lines are not looked at.
        (_filter, _close) = (filter == new LogLineFilter() ? null : filter, close);
        _lines = new (byte[], int)[lines];
        Array.Fill(_lines, ([], 0));
        Lines = new Reader(this);
    }

    /// <summary>Lines as in the file, time and level in front, without the line feed. Ends with the log.</summary>
    public ChannelReader<string> Lines { get; }

    /// <summary>Lines that were lost because the reader was too slow.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>No lines from now on.</summary>
    public void Dispose()
    {
        End();
        _close(this);
    }

    /// <summary>Loses what waits for the reader but the newest lines.</summary>
    /// <param name="lines">How many of them stay.</param>
    public void KeepNewest(int lines)
    {
        lock (_lock) Lose(_count - lines);
    }

    /// <param name="lines">Lines of a batch, each with its line feed.</param>
    internal void Offer(ReadOnlySpan<byte> lines)
    {
        TaskCompletionSource<bool>? waiting = null;
        lock (_lock)
        {
            if (_hasEnded) return;
            if (_filter is null) lines = PassedOver(lines);
            while (!lines.IsEmpty)
            {
                var feed = lines.IndexOf((byte)'\n');
                if (_filter?.Matches(lines[..feed]) != false) Add(lines[..feed]);
                lines = lines[(feed + 1)..];
            }

            if (_count > 0) (waiting, _waiting) = (_waiting, null);
        }

        waiting?.TrySetResult(true);
    }

    internal void End()
    {
        TaskCompletionSource<bool>? waiting;
        lock (_lock)
        {
            _hasEnded = true;
            (waiting, _waiting) = (_waiting, null);
        }

        waiting?.TrySetResult(false);
    }

    // The lines of a batch that have room; those in front of them would be lost by the end of it.
    private ReadOnlySpan<byte> PassedOver(ReadOnlySpan<byte> lines)
    {
        var surplus = lines.Count((byte)'\n') - _lines.Length;
        for (; surplus > 0; surplus--)
        {
            lines = lines[(lines.IndexOf((byte)'\n') + 1)..];
            _lost++;
        }

        return lines;
    }

    private void Add(ReadOnlySpan<byte> line)
    {
        if (_count == _lines.Length) Lose(1);
        ref var room = ref _lines[(_first + _count) % _lines.Length];
        _count++;
        if (room.Octets.Length < line.Length) room.Octets = new byte[line.Length];
        line.CopyTo(room.Octets);
        room.Length = line.Length;
    }

    private void Lose(int oldest)
    {
        if (oldest <= 0) return;
        _first = (_first + oldest) % _lines.Length;
        _count -= oldest;
        _lost += oldest;
    }

    private sealed class Reader(LogTap tap) : ChannelReader<string>
    {
        public override bool TryRead([MaybeNullWhen(false)] out string item)
        {
            lock (tap._lock)
            {
                item = null;
                if (tap._count == 0) return false;
                var (octets, length) = tap._lines[tap._first];
                item = Encoding.UTF8.GetString(octets, 0, length);
                tap._first = (tap._first + 1) % tap._lines.Length;
                tap._count--;
                return true;
            }
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            lock (tap._lock)
            {
                if (tap._count > 0 || tap._hasEnded) return new ValueTask<bool>(tap._count > 0);
                tap._waiting ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
                return new ValueTask<bool>(tap._waiting.Task.WaitAsync(cancellationToken));
            }
        }
    }
}
