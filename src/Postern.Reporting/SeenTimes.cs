using System.Text;
using Postern.Reporting.Searching;

namespace Postern.Reporting;

/// <summary>
/// The times of lines of the mail log, which are those of the gateway's clock, as somebody in another zone sees them.
/// In the hour that this clock shows twice a line is no later than the one behind it, and the last one no later than
/// now; where that leaves two moments, both are told. May be used by several threads.
/// </summary>
/// <param name="gateway">The zone that lines are written in.</param>
/// <param name="viewer">The zone that they are seen in.</param>
public sealed class SeenTimes(TimeZoneInfo gateway, TimeZoneInfo viewer)
{
    // Two threads may write lines in another order than they looked at the clock.
    private static readonly TimeSpan slack = TimeSpan.FromSeconds(5);

    private readonly LocalTimes times = new(gateway);
    private readonly bool isOneClock = gateway.HasSameRules(viewer);

    // Lines that follow each other mostly have the same time.
    private volatile Seen? last;

    /// <summary>Lines in the order of the log, the last of which is no later than <paramref name="now"/>.</summary>
    public IReadOnlyList<SeenLine> Of(IReadOnlyList<string> lines, DateTimeOffset now)
    {
        var seen = new SeenLine[lines.Count];
        Span<byte> stamp = stackalloc byte[LogStamp.Length];
        for (var index = lines.Count - 1; index >= 0; index--)
        {
            var line = lines[index];
            seen[index] = new SeenLine(line, null, null);
            if (!Encoding.UTF8.TryGetBytes(line.AsSpan(0, Math.Min(line.Length, stamp.Length)), stamp, out var octets)
                || !LogStamp.TryRead(stamp[..octets], out var local)) continue;
            var moments = times.MomentsOf(local);
            var isFirst = moments.Count > 1 && moments[1] > now + slack;
            now = isFirst ? moments[0] : moments[^1];
            seen[index] = new SeenLine(
                line, now.UtcDateTime, moments.Count > 1 && !isFirst ? moments[0].UtcDateTime : null);
        }
        return seen;
    }

    /// <summary>A moment as the viewer sees it in a line.</summary>
    public string StampOf(DateTime utc) => LogStamp.Of(ToViewer(new DateTimeOffset(utc)));

    /// <summary>The moment until which a line says that something waits.</summary>
    /// <param name="local">As the gateway's clock will show it.</param>
    /// <param name="from">The moment of the line, in UTC.</param>
    public DateTime TillOf(DateTime local, DateTime from)
    {
        var moments = times.MomentsOf(local);
        return (moments[0].UtcDateTime >= from ? moments[0] : moments[^1]).UtcDateTime;
    }

    /// <summary>A text is in a line as the viewer sees it.</summary>
    internal bool IsIn(ReadOnlySpan<byte> line, LogText text)
    {
        if (isOneClock || SeenOf(line) is not { } seen) return text.IsIn(line);
        if (text.IsIn(line[LogStamp.Length..])) return true;
        // What a text can stand in that begins within the time.
        var start = line[..Math.Min(line.Length, LogStamp.Length + text.Length - 1)];
        var shown = start.Length <= 256 ? stackalloc byte[256] : new byte[start.Length];
        start.CopyTo(shown);
        foreach (var stamp in seen.Stamps)
        {
            stamp.CopyTo(shown);
            if (text.IsIn(shown[..start.Length])) return true;
        }
        return false;
    }

    private DateTimeOffset ToViewer(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, viewer);

    private Seen? SeenOf(ReadOnlySpan<byte> line)
    {
        if (last is { } seen && line.StartsWith(seen.Written)) return seen;
        if (!LogStamp.TryRead(line, out var local)) return null;
        return last = new Seen(line[..LogStamp.Length].ToArray(),
            [.. times.MomentsOf(local).Select(at => Encoding.ASCII.GetBytes(LogStamp.Of(ToViewer(at))))]);
    }

    // A time in the file, and what stands in its place.
    private sealed record Seen(byte[] Written, byte[][] Stamps);
}

/// <summary>A line of the mail log and its moment. Immutable.</summary>
/// <param name="Line">As it stands in the file.</param>
/// <param name="At">When it was written, in UTC; null: it has no time.</param>
/// <param name="OrAt">When it can also have been written, for all that is known; null: it cannot.</param>
public sealed record SeenLine(string Line, DateTime? At, DateTime? OrAt);
