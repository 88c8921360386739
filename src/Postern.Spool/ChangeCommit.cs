using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// An outcome. It has happened whatever the disk does, so it waits for the next opening when a commit fails.
/// </summary>
internal sealed class ChangeCommit(SpoolChange change) : CommitRequest
{
    private const int RecordOctets = 256;

    public override int? Generation => null;

    public override int Octets { get; } =
        (change.States.Count + change.Finished.Count + change.Removed.Count) * RecordOctets
        + change.Generated.Sum(generated => generated.Content.Length + RecordOctets);

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        foreach (var (mid, rid, state) in change.States)
        {
            // A full disk has room for what ends mail, and for doubt, which must not be forgotten.
            if (change.LeavesStatesOut && state.Uncertainty is null)
                continue;
            // When the failed commit was written after all, a message that it removed must not get a state again.
            if (again && !IsStored(store, mid))
                continue;
            scratch.Clear();
            StateCodec.Write(scratch, state);
            batch.Put(KeyLayout.State(key, mid, rid), scratch.Written);
        }
        foreach (var (mid, rid) in change.Finished)
        {
            if (!again || IsStored(store, mid))
                batch.Put(KeyLayout.State(key, mid, rid), StateCodec.Finished);
        }
        foreach (var mid in change.Removed)
            Remove(batch, store, mid);
        foreach (var (message, content) in change.Generated)
            Generate(batch, message, content.Span, scratch);
    }

    private static bool IsStored(RocksStore store, Mid mid)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        try
        {
            return store.Read(KeyLayout.Envelope(key, mid), []) >= 0;
        }
        catch (UnreadableException)
        {
            // An outcome too many does no harm; one that is missing doubles the mail.
            return true;
        }
    }

    private static void Remove(RocksBatch batch, RocksStore store, Mid mid)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> head = stackalloc byte[MessageCodec.MaxHeadLength];
        int length;
        try
        {
            length = store.Read(KeyLayout.Envelope(key, mid), head);
        }
        catch (UnreadableException)
        {
            // Its block was lost behind the start, and the message has ended all the same.
            RemoveWhole(batch, mid);
            return;
        }
        if (length < 0)
            return;
        if (!MessageCodec.ReadHead(head[..Math.Min(length, head.Length)], out var body, out var ridEnd))
        {
            RemoveWhole(batch, mid);
            return;
        }
        batch.Delete(KeyLayout.Envelope(key, mid));
        // States are deleted unseen: to look for them costs more than to delete them.
        for (var rid = 0; rid < ridEnd; rid++)
            batch.Delete(KeyLayout.State(key, mid, new Rid(rid)));
        for (var chunk = 0; chunk < body.Chunks; chunk++)
            batch.Delete(KeyLayout.Chunk(key, mid, chunk));
    }

    /// <summary>
    /// Deletes whatever there is of a message; slow for readers, so only where its record does not say what.
    /// </summary>
    public static void RemoveWhole(RocksBatch batch, Mid mid)
    {
        Span<byte> from = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> end = stackalloc byte[KeyLayout.MaxLength];
        var next = new Mid(mid.Value + 1);
        batch.DeleteRange(KeyLayout.MessageRange(from, mid), KeyLayout.MessageRange(end, next));
        batch.DeleteRange(KeyLayout.BodyRange(from, mid), KeyLayout.BodyRange(end, next));
        batch.Delete(KeyLayout.Upload(from, mid));
    }

    private static void Generate(
        RocksBatch batch, StoredMessage message, ReadOnlySpan<byte> content, RecordWriter scratch)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        var chunks = (content.Length + BodySize.ChunkOctets - 1) / BodySize.ChunkOctets;
        scratch.Clear();
        MessageCodec.Write(scratch, message, new BodySize(chunks, content.Length));
        batch.Put(KeyLayout.Envelope(key, message.Mid), scratch.Written);
        MessageCommit.WriteStates(batch, message, scratch);
        for (var chunk = 0; chunk < chunks; chunk++)
        {
            var from = chunk * BodySize.ChunkOctets;
            var piece = content[from..Math.Min(content.Length, from + BodySize.ChunkOctets)];
            batch.Put(KeyLayout.Chunk(key, message.Mid, chunk), piece);
        }
    }
}
