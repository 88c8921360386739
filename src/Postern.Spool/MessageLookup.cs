using Postern.Mail;

namespace Postern.Spool;

/// <summary>Reads records of one message by their keys alone.</summary>
internal static class MessageLookup
{
    private const int MostRecords = 1024;

    /// <summary>The message, with those of the recipients that have no final result.</summary>
    /// <returns>Null: it is not there.</returns>
    /// <exception cref="SpoolException">The store is closed, or a record that is read is damaged.</exception>
    public static StoredMessage? Read(RocksStore? store, Mid mid, IReadOnlyCollection<Rid> rids)
    {
        RecordRead read = (at, to) => MailSpool.Read(store, at, to);
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        if (ReadRecord(read, KeyLayout.Envelope(key, mid)) is not { } record) return null;
        var message = MessageCodec.Read(mid, record, [.. rids])
            ?? throw new SpoolException("the record of the message is damaged");
        var left = new List<StoredRecipient>(message.Recipients.Count);
        foreach (var recipient in message.Recipients)
        {
            var rid = recipient.Recipient.Rid;
            if (ReadRecord(read, KeyLayout.State(key, mid, rid)) is not { } written)
                left.Add(recipient);
            else if (!StateCodec.Read(written, out var state))
                throw new SpoolException($"the state of RID {rid} is damaged");
            else if (state is not null)
                left.Add(recipient with { State = state });
        }
        return message with { Recipients = left };
    }

    /// <summary>The records of a message with all its recipients, in the order of their keys.</summary>
    /// <exception cref="UnreadableException">One of them cannot be read; none is handed out.</exception>
    public static IReadOnlyList<(byte[] Key, byte[] Value)> Records(RecordRead read, Mid mid)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        if (ReadRecord(read, KeyLayout.Envelope(key, mid)) is not { } record) return [];
        List<(byte[], byte[])> records = [(KeyLayout.Envelope(key, mid).ToArray(), record)];
        // What cannot be understood has no recipients; who takes it sees that.
        var rids = MessageCodec.Read(mid, record)?.Recipients.Select(recipient => recipient.Recipient.Rid) ?? [];
        foreach (var rid in rids.OrderBy(rid => rid.Value))
        {
            if (ReadRecord(read, KeyLayout.State(key, mid, rid)) is { } state)
                records.Add((KeyLayout.State(key, mid, rid).ToArray(), state));
        }
        return records;
    }

    /// <summary>The records of a body or an upload, in the order of their keys.</summary>
    /// <exception cref="UnreadableException">One cannot be read; those in front of it are handed out.</exception>
    public static IEnumerable<(byte[] Key, byte[] Value)> Pieces(RecordRead read, byte prefix, Mid mid)
    {
        var next = KeyLayout.FirstOf(prefix, mid);
        while (ReadRecord(read, next) is { } piece)
        {
            yield return (next, piece);
            if (KeyLayout.ChunkOf(next) is not (>= 0 and var chunk)) yield break;
            next = KeyLayout.Chunk(new byte[KeyLayout.MaxLength], mid, chunk + 1).ToArray();
        }
    }

    private static byte[]? ReadRecord(RecordRead read, ReadOnlySpan<byte> key)
    {
        Span<byte> most = stackalloc byte[MostRecords];
        var length = read(key, most);
        if (length < 0) return null;
        if (length <= most.Length) return most[..length].ToArray();
        var record = new byte[length];
        read(key, record);
        return record;
    }
}
