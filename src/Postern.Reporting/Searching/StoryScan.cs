using System.Text;
using Postern.Mail;

namespace Postern.Reporting.Searching;

/// <summary>
/// Gathers the lines that tell of a message: those that name it or a report on it, those of the connections that it
/// came from and was offered on, and connections to its receiving domains that failed while it waited. For one search.
/// </summary>
internal sealed class StoryScan(LogFiles files, LogReader reader, LogReader lookup, long mid)
{
    /// <summary>Octets of lines in a page.</summary>
    private const int MaxPage = 2_000_000;

    /// <summary>Octets that are read behind the last line of a message to see its connections close.</summary>
    private const long MaxAfterEnd = 256 * 1024;

    /// <summary>How far back the opening of a connection is looked for, in octets.</summary>
    private const long MaxBack = 64_000_000;

    /// <summary>Octets behind the opening of a connection in which its other lines stand.</summary>
    private const long MaxOpening = 64 * 1024;

    /// <summary>Openings that are remembered until their connections are used; the others are looked up.</summary>
    private const int MaxOpened = 100_000;

    /// <summary>Reports and connections that a story may have open; a message has never more.</summary>
    private const int MaxOpen = 1000;

    private readonly HashSet<long> messages = [mid];
    private readonly HashSet<long> unfinished = [];
    private readonly HashSet<long> connections = [];
    private readonly Dictionary<long, LogSpot> opened = [];
    private readonly HashSet<(long Mid, string Domain)> domains = [];
    private readonly SortedDictionary<LogSpot, LogStoryLine> lines = [];
    private long icid;
    private bool isComing;
    private int pageLength;

    /// <summary>Reads a page.</summary>
    /// <param name="cursor">Where it begins.</param>
    /// <param name="limit">Lines in the page; a few more when they stand before.</param>
    /// <param name="most">Octets to read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public LogStory Run(StoryCursor cursor, int limit, long most, CancellationToken cancellationToken)
    {
        var start = files.SpotOf(cursor.Start);
        Resume(cursor, start);
        long? end = null;
        while (reader.TryNext(out var line))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Remember(line);
            if (IsOfMessage(line) || IsOfConnection(line)) Add(reader.Spot, line);
            if (unfinished.Count > 0) end = null;
            else end ??= reader.Octets;
            if (end is { } since && (IsClosed || reader.Octets > since + MaxAfterEnd)) break;
            // Behind at least one line, so that each page goes on.
            if (lines.Count >= limit || pageLength >= MaxPage || reader.Octets + lookup.Octets >= most)
                return new LogStory(mid, [.. lines.Values], CursorAt(cursor.Start, reader.Next));
        }
        return new LogStory(mid, [.. lines.Values], null);
    }

    private bool IsClosed => icid == 0 && connections.Count == 0;

    private void Resume(StoryCursor cursor, LogSpot start)
    {
        reader.Seek(start);
        unfinished.Add(mid);
        if (cursor.At is not { } at) return;
        // The lines with which it came in were told before; they say for which domains it is.
        var goOn = files.SpotOf(at);
        while (reader.TryNext(out var line) && reader.Spot < goOn)
        {
            if (line.Mid != mid) continue;
            Follow(line);
            if (!isComing) break;
        }
        lines.Clear();
        pageLength = 0;
        if (!isComing) icid = 0;
        messages.UnionWith(cursor.Messages);
        unfinished.Clear();
        unfinished.UnionWith(cursor.Messages);
        connections.UnionWith(cursor.Connections);
        reader.Seek(goOn);
    }

    private void Remember(LogLine line)
    {
        if (line.Kind == LogLineKind.OutgoingConnection)
        {
            if (opened.Count >= MaxOpened) opened.Clear();
            opened[line.Dcid] = reader.Spot;
        }
        else if (line.Mid == 0 && line.Dcid != 0 && line.Rest.SequenceEqual("close"u8))
        {
            opened.Remove(line.Dcid);
        }
    }

    private bool IsOfMessage(LogLine line)
    {
        if (line.Mid == 0) return false;
        if (!messages.Contains(line.Mid))
        {
            if (!messages.Contains(line.OriginalMid) || messages.Count >= MaxOpen) return false;
            messages.Add(line.Mid);
            unfinished.Add(line.Mid);
        }
        Follow(line);
        return true;
    }

    // What a line of the message or of a report says of connections, domains and the end.
    private void Follow(LogLine line)
    {
        switch (line.Kind)
        {
            case LogLineKind.Started when line.Mid == mid:
                (icid, isComing) = (line.Icid, true);
                if (icid == 0) AddReason();
                else if (Find($"New SMTP ICID {icid} ") is { } incoming) AddOpening(incoming, isIncoming: true, icid);
                break;
            case LogLineKind.Queued when line.Mid == mid:
                isComing = false;
                break;
            case LogLineKind.Aborted or LogLineKind.Finished:
                unfinished.Remove(line.Mid);
                isComing &= line.Mid != mid;
                break;
            case LogLineKind.Generated:
                break;
            default:
                if (line.Dcid != 0 && connections.Count < MaxOpen && connections.Add(line.Dcid))
                {
                    LogSpot? outgoing = opened.TryGetValue(line.Dcid, out var seen) ? seen
                        : Find($"New SMTP DCID {line.Dcid} ");
                    if (outgoing is { } opening) AddOpening(opening, isIncoming: false, line.Dcid);
                }
                else if (LogFields.IsAccepted(line, out var path)) AddDomain(line.Mid, path);
                break;
        }
    }

    private bool IsOfConnection(LogLine line)
    {
        if (line.Mid != 0) return false;
        if (line.Icid != 0)
        {
            if (line.Icid != icid) return false;
            var isClosing = line.Rest.SequenceEqual("close"u8);
            if (isClosing) icid = 0;
            // What the session met later is about other messages.
            return isComing || isClosing;
        }
        if (line.Kind == LogLineKind.ConnectionError && unfinished.Count > 0 && IsForDomain(line))
        {
            // Most of these never were connections, so that nothing is looked up that was not seen.
            if (opened.TryGetValue(line.Dcid, out var opening)) AddOpening(opening, isIncoming: false, line.Dcid);
            return true;
        }
        if (line.Dcid == 0 || !connections.Contains(line.Dcid)) return false;
        if (line.Rest.SequenceEqual("close"u8)) connections.Remove(line.Dcid);
        return true;
    }

    // The line that says what a report is about.
    private void AddReason()
    {
        if (Find($"MID {mid} was generated for ") is { } reason && TryLine(reason, out var line)) Add(reason, line);
    }

    // The lines of a connection that stand behind its opening and before the line that is looked at.
    private void AddOpening(LogSpot opening, bool isIncoming, long id)
    {
        if (!TryLine(opening, out var line)) return;
        var most = lookup.Octets + MaxOpening;
        do
        {
            if (line.Mid == 0 && (isIncoming ? line.Icid : line.Dcid) == id) Add(lookup.Spot, line);
        }
        while (lookup.Octets < most && lookup.TryNext(out line) && lookup.Spot < reader.Spot);
    }

    private LogSpot? Find(FormattableString words) => lookup.FindBack(
        Encoding.ASCII.GetBytes(FormattableString.Invariant(words)), reader.Spot, MaxBack);

    private bool TryLine(LogSpot spot, out LogLine line)
    {
        lookup.Seek(spot);
        return lookup.TryNext(out line);
    }

    private bool IsForDomain(LogLine line)
    {
        var rest = line.Rest;
        if (!rest.StartsWith("domain: "u8)) return false;
        rest = rest["domain: ".Length..];
        var end = rest.IndexOf((byte)' ');
        if (end <= 0) return false;
        var domain = Encoding.UTF8.GetString(rest[..end]);
        return unfinished.Any(message => domains.Contains((message, domain)));
    }

    private void AddDomain(long message, ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path.TrimEnd((byte)'>'));
        var name = text[(text.LastIndexOf('@') + 1)..];
        if (domains.Count < MaxOpen) domains.Add((message, Domain.TryParse(name, out var domain) ? domain.Name : name));
    }

    private void Add(LogSpot spot, LogLine line)
    {
        if (!lines.TryAdd(spot, LogStoryLine.Of(line))) return;
        pageLength += line.Octets.Length;
    }

    private string CursorAt(LogPosition start, LogSpot at) =>
        new StoryCursor(start, files.PositionOf(at), [.. unfinished], [.. connections]).ToString();
}
