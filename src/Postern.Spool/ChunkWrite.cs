using Postern.Mail;

namespace Postern.Spool;

/// <summary>A full piece of a body; not synced, because the sync of the commit covers it.</summary>
internal sealed class ChunkWrite(int generation, Mid mid, int chunk, byte[] content, int length) : CommitRequest
{
    public override int? Generation => generation;

    public override int Octets => length;

    public override bool NeedsSync => false;

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        // The mark goes with the first piece, so that pieces without it are never found: the WAL is read back in order.
        if (chunk == 0)
            batch.Put(KeyLayout.Upload(key, mid), []);
        batch.Put(KeyLayout.Chunk(key, mid, chunk), content.AsSpan(0, length));
    }
}
