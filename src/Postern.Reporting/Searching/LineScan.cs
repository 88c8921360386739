using System.Text;

namespace Postern.Reporting.Searching;

/// <summary>Finds lines by the ids or the text that they have. For one search.</summary>
internal sealed class LineScan(LogFiles files, LogReader reader)
{
    /// <summary>How far back the opening of a connection is looked for, in octets.</summary>
    private const long MaxBack = 1_000_000_000;

    /// <summary>Octets from the end that are looked at first, since what is looked for is mostly near.</summary>
    private const long Near = 1_000_000;

    /// <summary>The last lines that fit, in the order of the log.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="limit">Lines, from 1.</param>
    /// <param name="most">Octets from the end that are looked at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IReadOnlyList<LogStoryLine> Last(
        LogLineFilter filter, int limit, long most, CancellationToken cancellationToken)
    {
        var found = new Queue<LogStoryLine>();
        for (var back = Math.Min(Near, most); ; back = Math.Min(back * 16, most))
        {
            var from = Back(back);
            found.Clear();
            reader.Seek(from);
            // The first line may be cut, and what is left of it could look like a whole one.
            if (from.Offset > 0) reader.TryNext(out _);
            while (reader.TryNext(out var line))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!filter.Matches(line.Octets)) continue;
                if (found.Count == limit) found.Dequeue();
                found.Enqueue(LogStoryLine.Of(line));
            }
            if (found.Count == limit || back >= most || from == default) return [.. found];
        }
    }

    /// <summary>The lines that name a connection, from its opening to its end.</summary>
    /// <param name="filter">Names the connection and nothing else.</param>
    /// <param name="limit">Lines, from 1.</param>
    /// <param name="most">Octets to read behind its opening.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public LogLines OfConnection(LogLineFilter filter, int limit, long most, CancellationToken cancellationToken)
    {
        var lines = new List<LogStoryLine>();
        // One that never was has its error alone.
        var opening = filter.Icid != 0 ? Find($"New SMTP ICID {filter.Icid} ")
            : Find($"New SMTP DCID {filter.Dcid} ") ?? Find($"Connection Error: DCID {filter.Dcid} ");
        if (opening is not { } from) return new LogLines(lines, true);
        reader.Seek(from);
        most += reader.Octets;
        while (reader.Octets < most && reader.TryNext(out var line))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!filter.Matches(line.Octets)) continue;
            if (lines.Count == limit) return new LogLines(lines, false);
            lines.Add(LogStoryLine.Of(line));
            if (line.Mid == 0 && line.Rest.SequenceEqual("close"u8)) return new LogLines(lines, true);
        }
        return new LogLines(lines, true);
    }

    private LogSpot? Find(FormattableString words)
    {
        var end = new LogSpot(files.Count - 1, files.LengthOf(files.Count - 1));
        return reader.FindBack(Encoding.ASCII.GetBytes(FormattableString.Invariant(words)), end, MaxBack);
    }

    private LogSpot Back(long octets)
    {
        for (var part = files.Count - 1; part >= 0; part--)
        {
            var length = files.LengthOf(part);
            if (length > octets) return new LogSpot(part, length - octets);
            octets -= length;
        }
        return default;
    }
}
