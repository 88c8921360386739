using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Reads records in the order of their keys and steps over those that cannot be read, so that one bad block of the disk
/// takes no more mail with it than it holds. For one thread.
/// </summary>
/// <param name="scan">Scans from a key to before another.</param>
/// <param name="highest">The highest MID that there may be mail of.</param>
/// <param name="unreadable">Told the first and the last MID whose records are in doubt, and why.</param>
internal sealed class SteppingScan(
    Action<byte[], byte[], ScanStep> scan, Func<Mid> highest, Action<Mid, Mid, string> unreadable)
{
    /// <summary>Reads keys of messages, bodies or uploads.</summary>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public void Read(byte[] from, byte[] end, ScanStep take)
    {
        for (var next = from; next is not null;)
        {
            // The record before the bad one belongs to a message of which more may be lost.
            var last = next.Length > sizeof(long) ? KeyLayout.MidOf(next) : new Mid(0);
            try
            {
                scan(next, end, (key, value) =>
                {
                    last = KeyLayout.MidOf(key);
                    return take(key, value);
                });
                return;
            }
            catch (UnreadableException damage)
            {
                var bound = BoundOf(end);
                var readable = FindReadable(next[0], last, end, bound);
                var before = readable?.Value - 1 ?? Math.Max(last.Value, bound.Value);
                // The first key of a range has MID 0, which no message has.
                var first = new Mid(Math.Max(1, last.Value));
                if (first.Value <= before) unreadable(first, new Mid(before), damage.Message);
                next = readable is { } mid ? KeyOf(next[0], mid) : null;
            }
        }
    }

    // The last MID that the range may hold.
    private Mid BoundOf(byte[] end)
    {
        var bound = highest();
        if (end.Length <= sizeof(long)) return bound;
        var before = new Mid(KeyLayout.MidOf(end).Value - 1);
        return before.CompareTo(bound) < 0 ? before : bound;
    }

    // One after the other: a bad block holds some dozens of messages, and none behind it may be missed.
    private Mid? FindReadable(byte prefix, Mid bad, byte[] end, Mid bound)
    {
        for (var mid = bad.Value + 1; mid <= bound.Value; mid++)
        {
            try
            {
                scan(KeyOf(prefix, new Mid(mid)), end, (_, _) => false);
                return new Mid(mid);
            }
            catch (UnreadableException)
            {
                // The same block still, or the next bad one.
                continue;
            }
        }
        return null;
    }

    private static byte[] KeyOf(byte prefix, Mid mid)
    {
        var key = KeyLayout.MessageRange(new byte[KeyLayout.MaxLength], mid).ToArray();
        key[0] = prefix;
        return key;
    }
}
