using Postern.Mail;

namespace Postern.Spool;

/// <summary>A received message: its records and the last piece of its body.</summary>
internal sealed class MessageCommit(int generation, StoredMessage message, BodySize body, byte[] last, int lastLength)
    : CommitRequest
{
    public override int? Generation => generation;

    public override int Octets => lastLength + 512 * (1 + message.Recipients.Count);

    public override Mid? Refused => message.Mid;

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        scratch.Clear();
        MessageCodec.Write(scratch, message, body);
        batch.Put(KeyLayout.Envelope(key, message.Mid), scratch.Written);
        WriteStates(batch, message, scratch);
        if (lastLength > 0)
            batch.Put(KeyLayout.Chunk(key, message.Mid, body.Chunks - 1), last.AsSpan(0, lastLength));
        if (body.Chunks > 1)
            batch.Delete(KeyLayout.Upload(key, message.Mid));
    }

    /// <summary>Writes the states that are not fresh.</summary>
    public static void WriteStates(RocksBatch batch, StoredMessage message, RecordWriter scratch)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        foreach (var recipient in message.Recipients)
        {
            if (ReferenceEquals(recipient.State, RecipientState.Fresh))
                continue;
            scratch.Clear();
            StateCodec.Write(scratch, recipient.State);
            batch.Put(KeyLayout.State(key, message.Mid, recipient.Recipient.Rid), scratch.Written);
        }
    }
}
