using Postern.Mail;

namespace Postern.Spool;

/// <summary>Reads one message with some of its recipients, by the keys of their records alone.</summary>
internal static class MessageLookup
{
    private const int MostRecords = 1024;

    /// <summary>The message, with those of the recipients that have no final result.</summary>
    /// <returns>Null: it is not there.</returns>
    /// <exception cref="SpoolException">The store is closed, or a record that is read is damaged.</exception>
    public static StoredMessage? Read(RocksStore? store, Mid mid, IReadOnlyCollection<Rid> rids)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        if (ReadRecord(store, KeyLayout.Envelope(key, mid)) is not { } record) return null;
        var message = MessageCodec.Read(mid, record, [.. rids])
            ?? throw new SpoolException("the record of the message is damaged");
        var left = new List<StoredRecipient>(message.Recipients.Count);
        foreach (var recipient in message.Recipients)
        {
            var rid = recipient.Recipient.Rid;
            if (ReadRecord(store, KeyLayout.State(key, mid, rid)) is not { } written)
                left.Add(recipient);
            else if (!StateCodec.Read(written, out var state))
                throw new SpoolException($"the state of RID {rid} is damaged");
            else if (state is not null)
                left.Add(recipient with { State = state });
        }
        return message with { Recipients = left };
    }

    private static byte[]? ReadRecord(RocksStore? store, ReadOnlySpan<byte> key)
    {
        Span<byte> most = stackalloc byte[MostRecords];
        var length = MailSpool.Read(store, key, most);
        if (length < 0) return null;
        if (length <= most.Length) return most[..length].ToArray();
        var record = new byte[length];
        MailSpool.Read(store, key, record);
        return record;
    }
}
