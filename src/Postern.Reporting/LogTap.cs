using System.Threading.Channels;

namespace Postern.Reporting;

/// <summary>
/// The lines of the mail log as they happen, for the demonstration and the live page. Made by
/// <see cref="MailLog.Subscribe"/>; owned by its reader, who disposes it. For one reader.
/// </summary>
public sealed class LogTap : IDisposable
{
    private readonly Channel<string> _lines;
    private readonly LogLineFilter? _filter;
    private readonly Action<LogTap> _close;
    private long _lost;

    internal LogTap(int lines, LogLineFilter? filter, Action<LogTap> close)
    {
        (_filter, _close) = (filter, close);
        // Who reads too slowly loses the oldest lines, and the log never waits.
        _lines = Channel.CreateBounded<string>(
            new BoundedChannelOptions(lines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _lost));
    }

    /// <summary>Lines as in the file, time and level in front, without the line feed. Ends with the log.</summary>
    public ChannelReader<string> Lines => _lines.Reader;

    /// <summary>Lines that were lost because the reader was too slow.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>No lines from now on.</summary>
    public void Dispose()
    {
        End();
        _close(this);
    }

    internal bool Wants(ReadOnlySpan<byte> line) => _filter is null || _filter.Matches(line);

    internal void Offer(string line) => _lines.Writer.TryWrite(line);

    internal void End() => _lines.Writer.TryComplete();
}
