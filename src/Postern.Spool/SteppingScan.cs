using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Reads records in the order of their keys and steps over those that cannot be read, so that one bad block of the disk
/// takes no more mail with it than it holds. For one thread.
/// </summary>
/// <remarks>
/// A scan meets the block of every table that its key would stand in, the bad one too when the record itself is in
/// another table or in the WAL. To read a record by its key alone asks the filter of a table first, and does not.
/// </remarks>
/// <param name="scan">Scans from a key to before another.</param>
/// <param name="read">Reads one record.</param>
/// <param name="highest">The highest MID that there may be mail of.</param>
/// <param name="unreadable">Told the first and the last MID whose records are in doubt, and why.</param>
internal sealed class SteppingScan(
    Action<byte[], byte[], ScanStep> scan, RecordRead read, Func<Mid> highest, Action<Mid, Mid, string> unreadable)
{
    /// <summary>
    /// After so many messages at most that were read by their keys it is tried again to scan; at first sooner.
    /// </summary>
    private const int MostBetweenScans = 1024;

    private byte[] _last = [];
    private (Mid First, Mid Last, string Reason)? _doubt;

    /// <summary>Reads keys of messages, bodies or uploads.</summary>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public void Read(byte[] from, byte[] end, ScanStep take)
    {
        for (var next = from; next is not null;)
        {
            _last = [];
            try
            {
                scan(next, end, Step);
                return;
            }
            catch (UnreadableException damage)
            {
                // The message of the record before the bad one may have some among them.
                next = ReadEach(_last.Length > 0 ? _last : next, end, damage.Message, take);
            }
        }

        bool Step(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            _last = key.ToArray();
            return take(key, value);
        }
    }

    // Message by message, until a scan goes on or nothing is left. Returns where it goes on.
    private byte[]? ReadEach(byte[] from, byte[] end, string reason, ScanStep take)
    {
        var bound = BoundOf(end);
        // The first key of a range has MID 0, which no message has.
        var first = Math.Max(1, from.Length > sizeof(long) ? KeyLayout.MidOf(from).Value : 0);
        var (between, nextScan) = (1, first + 1);
        for (var mid = first; mid <= bound.Value; mid++)
        {
            if (mid == nextScan)
            {
                var start = KeyLayout.FirstOf(from[0], new Mid(mid));
                if (CanScan(start, end)) return TellDoubt(start);
                between = Math.Min(2 * between, MostBetweenScans);
                nextScan += between;
            }
            try
            {
                if (!ReadOne(from[0], new Mid(mid), take)) return TellDoubt(null);
            }
            catch (UnreadableException damage)
            {
                reason = damage.Message;
                Doubt(new Mid(mid), reason);
            }
        }
        // Where nothing tells how far the mail goes, all that is left is in doubt.
        if (bound.Value < first) Doubt(new Mid(first), reason);
        return TellDoubt(null);
    }

    private bool CanScan(byte[] start, byte[] end)
    {
        try
        {
            scan(start, end, static (_, _) => false);
            return true;
        }
        catch (UnreadableException)
        {
            // The same block still, or the next bad one.
            return false;
        }
    }

    // False when no more is wanted.
    private bool ReadOne(byte prefix, Mid mid, ScanStep take)
    {
        var records = KeyLayout.IsOfMessages(prefix) ? MessageLookup.Records(read, mid)
            : MessageLookup.Pieces(read, prefix, mid);
        foreach (var (key, value) in records)
        {
            // The scan has handed some of the first message out.
            if (key.AsSpan().SequenceCompareTo(_last) <= 0) continue;
            TellDoubt(null);
            if (!take(key, value)) return false;
        }
        return true;
    }

    private void Doubt(Mid mid, string reason)
    {
        if (_doubt is { } doubt && doubt.Last.Value + 1 == mid.Value)
        {
            _doubt = (doubt.First, mid, doubt.Reason);
            return;
        }
        TellDoubt(null);
        _doubt = (mid, mid, reason);
    }

    private byte[]? TellDoubt(byte[]? next)
    {
        if (_doubt is { } doubt) unreadable(doubt.First, doubt.Last, doubt.Reason);
        _doubt = null;
        return next;
    }

    // The last MID that the range may hold.
    private Mid BoundOf(byte[] end)
    {
        var bound = highest();
        if (end.Length <= sizeof(long)) return bound;
        var before = new Mid(KeyLayout.MidOf(end).Value - 1);
        return before.CompareTo(bound) < 0 ? before : bound;
    }
}
