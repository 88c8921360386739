using Postern.Mail;

namespace Postern.Spool;

/// <summary>The end of the MIDs that a store can hold mail of.</summary>
internal static class HighestMid
{
    /// <summary>
    /// The highest MID of a message or a body. Of the last message both are written, so that one of them is enough
    /// where the other cannot be read; where neither can, the highest reserved MID, 0 when that cannot be read either.
    /// </summary>
    /// <param name="lastKey">The last key before a key.</param>
    /// <param name="read">Reads a record.</param>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public static Mid Used(Func<byte[], byte[]> lastKey, RecordRead read)
    {
        var message = Last(lastKey, KeyLayout.FirstMessage, KeyLayout.AfterMessages);
        var body = Last(lastKey, KeyLayout.FirstBody, KeyLayout.AfterBodies);
        return message is null && (body ?? 0) == 0 ? Reserved(read) : new Mid(Math.Max(message ?? 0, body ?? 0));
    }

    private static Mid Reserved(RecordRead read)
    {
        try
        {
            return new Mid(IdReservation.Read(read, IdKind.Mid));
        }
        catch (UnreadableException)
        {
            return new Mid(0);
        }
    }

    private static long? Last(Func<byte[], byte[]> lastKey, ReadOnlySpan<byte> first, ReadOnlySpan<byte> after)
    {
        try
        {
            var key = lastKey(after.ToArray());
            return key.AsSpan().SequenceCompareTo(first) > 0 ? KeyLayout.MidOf(key).Value : 0;
        }
        catch (UnreadableException)
        {
            return null;
        }
    }
}
