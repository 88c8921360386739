namespace Postern.Reporting.Searching;

/// <summary>
/// Looks for messages by what their lines say while they come in: one pass forward. A message belongs to the page in
/// which it begins, so that none is in two pages. For one search.
/// </summary>
internal sealed class MatchScan(LogFiles files, LogReader reader, LogQuery query, LocalTimes times)
{
    /// <summary>
    /// Messages that are looked at while they come in. More than connections can be open; what is beyond is left from
    /// sessions that a crash ended.
    /// </summary>
    private const int MaxOpen = 10_000;

    /// <summary>Octets that are read on to see messages which began in the page come in.</summary>
    private const long MaxOverrun = 64_000_000;

    private readonly Dictionary<long, IncomingMessage> open = [];
    private readonly List<(long Mid, IncomingMessage Message)> found = [];

    /// <summary>Searches from a spot on.</summary>
    /// <param name="from">The beginning of a line.</param>
    /// <param name="limit">Messages in the page, from 1.</param>
    /// <param name="most">Octets to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found, and where to go on; null: nowhere.</returns>
    public (IReadOnlyList<LogMatch> Messages, LogSpot? Next) Run(
        LogSpot from, int limit, long most, CancellationToken cancellationToken)
    {
        reader.Seek(from);
        LogSpot? bound = null;
        while (reader.TryNext(out var line))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (bound is null && (found.Count >= limit || (reader.Octets >= most && reader.Spot > from)))
                (bound, most) = (reader.Spot, reader.Octets);
            if (bound is not null && (open.Count == 0 || reader.Octets >= most + MaxOverrun)) break;
            if (line.Kind != LogLineKind.Started)
            {
                if (open.Count > 0 && open.TryGetValue(line.Mid, out var message)) Look(line, message);
            }
            else if (bound is null && !TryBegin(line))
            {
                break;
            }
        }
        // In the order in which they began: one that is found late may have begun before others.
        found.Sort(static (one, other) => one.Message.Start.CompareTo(other.Message.Start));
        var next = found.Count > limit ? found[limit].Message.Start : bound;
        return ([.. found.Take(limit).Select(f => MatchOf(f.Mid, f.Message))], next);
    }

    // False behind the last message that can fit.
    private bool TryBegin(LogLine line)
    {
        if (query.Until is not null && line.TryReadTime(out var local) && times.IsPast(local, query.Until))
            return false;
        open.Remove(line.Mid);
        if (IncomingMessage.Begin(query, line, reader.Spot, times) is not { } message) return true;
        if (message.IsFound)
        {
            found.Add((line.Mid, message));
            return true;
        }
        if (open.Count >= MaxOpen) open.Remove(open.MinBy(m => m.Value.Start).Key);
        open.Add(line.Mid, message);
        return true;
    }

    private void Look(LogLine line, IncomingMessage message)
    {
        message.Look(line);
        if (message.IsFound) found.Add((line.Mid, message));
        if (message.IsFound || message.IsOver) open.Remove(line.Mid);
    }

    private LogMatch MatchOf(long mid, IncomingMessage message) => new(
        mid, times.Of(message.Local), StoryCursor.Of(files.PositionOf(message.Start)).ToString());
}
