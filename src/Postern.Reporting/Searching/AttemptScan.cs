using System.Globalization;
using System.Text;

namespace Postern.Reporting.Searching;

/// <summary>
/// Looks for messages by the connection or the host that they came from or were offered to. What else is asked for is
/// looked up where the message began. For one search.
/// </summary>
/// <remarks>
/// A message belongs to the page in which the log tells of it; one that is offered again much later may be in a
/// further page once more.
/// </remarks>
internal sealed class AttemptScan(
    LogFiles files, LogReader reader, LogReader lookup, LogQuery query, LocalTimes times)
{
    /// <summary>Connections that are remembered; the others are looked up again.</summary>
    private const int MaxConnections = 100_000;

    /// <summary>How far back the opening of a connection is looked for, in octets.</summary>
    private const long MaxBack = 64_000_000;

    /// <summary>How far back the beginning of a message is looked for, in octets: days of a busy gateway.</summary>
    private const long MaxBackToStart = 1_000_000_000;

    // Whether a connection is with the host; outgoing ones by their negative id.
    private readonly Dictionary<long, bool> connections = [];
    private readonly HashSet<long> seen = [];
    private readonly List<LogMatch> found = [];

    /// <summary>Searches from a spot on; see <see cref="MatchScan.Run"/>.</summary>
    public (IReadOnlyList<LogMatch> Messages, LogSpot? Next) Run(
        LogSpot from, int limit, long most, CancellationToken cancellationToken)
    {
        reader.Seek(from);
        while (reader.TryNext(out var line))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (found.Count >= limit || (reader.Octets + lookup.Octets >= most && reader.Spot > from))
                return (found, reader.Spot);
            Remember(line);
            if (!IsMeant(line) || (query.Mid is { } mid && line.Mid != mid) || !seen.Add(line.Mid)) continue;
            if (MatchOf(line.Mid, line.Kind == LogLineKind.Started) is { } match) found.Add(match);
        }
        return (found, null);
    }

    private bool IsMeant(LogLine line)
    {
        if (line.Mid == 0) return false;
        if (query.Dcid is { } dcid)
        {
            return line.Kind == LogLineKind.DeliveryStarted && line.Dcid == dcid
                && (query.Host is null || IsWithHost(-dcid));
        }
        return line.Kind switch
        {
            LogLineKind.Started => line.Icid != 0 && IsWithHost(line.Icid),
            LogLineKind.DeliveryStarted => line.Dcid != 0 && IsWithHost(-line.Dcid),
            _ => query.Host!.Receives(line),
        };
    }

    private void Remember(LogLine line)
    {
        if (query.Host is not { } host || line.Mid != 0) return;
        var id = line.Icid != 0 ? line.Icid : -line.Dcid;
        if (line.Kind is LogLineKind.IncomingConnection or LogLineKind.OutgoingConnection) Set(id, host.Opens(line));
        else if (id != 0 && line.Rest.SequenceEqual("close"u8)) connections.Remove(id);
    }

    private bool IsWithHost(long id)
    {
        if (connections.TryGetValue(id, out var isWithHost)) return isWithHost;
        var words = string.Create(
            CultureInfo.InvariantCulture, $"New SMTP {(id > 0 ? "ICID" : "DCID")} {Math.Abs(id)} ");
        isWithHost = lookup.FindBack(Encoding.ASCII.GetBytes(words), reader.Spot, MaxBack) is { } opening
            && TryLine(opening, out var line) && query.Host!.Opens(line);
        return Set(id, isWithHost);
    }

    private bool Set(long id, bool isWithHost)
    {
        if (connections.Count >= MaxConnections) connections.Clear();
        return connections[id] = isWithHost;
    }

    // Null: it is not what is looked for.
    private LogMatch? MatchOf(long mid, bool isStart)
    {
        var words = string.Create(CultureInfo.InvariantCulture, $"Start MID {mid} ICID ");
        LogSpot? start = isStart ? reader.Spot
            : lookup.FindBack(Encoding.ASCII.GetBytes(words), reader.Spot, MaxBackToStart);
        if (start is not { } spot || !TryLine(spot, out var line))
        {
            // What began before the log does can be told of, but not be compared.
            return IsComparing ? null : new LogMatch(mid, null, CursorAt(reader.Spot));
        }
        if (IncomingMessage.Begin(query, line, spot, times) is not { } message) return null;
        var most = lookup.Octets + MaxBack;
        while (!message.IsFound && !message.IsOver && lookup.Octets < most && lookup.TryNext(out var next))
            if (next.Mid == mid) message.Look(next);
        return message.IsFound ? new LogMatch(mid, times.Of(message.Local), CursorAt(spot)) : null;
    }

    private bool IsComparing => query.Icid is not null || query.Sender is not null || query.Recipient is not null
        || query.Subject is not null || query.Since is not null || query.Until is not null;

    private string CursorAt(LogSpot spot) => StoryCursor.Of(files.PositionOf(spot)).ToString();

    private bool TryLine(LogSpot spot, out LogLine line)
    {
        lookup.Seek(spot);
        return lookup.TryNext(out line);
    }
}
