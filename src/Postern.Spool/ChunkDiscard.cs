using Postern.Mail;

namespace Postern.Spool;

/// <summary>Deletes the pieces of a body whose client left; not synced, because a start would find its mark.</summary>
internal sealed class ChunkDiscard(int generation, Mid mid, int chunks) : CommitRequest
{
    public override int? Generation => generation;

    public override int Octets => chunks * KeyLayout.MaxLength;

    public override bool NeedsSync => false;

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        for (var chunk = 0; chunk < chunks; chunk++)
            batch.Delete(KeyLayout.Chunk(key, mid, chunk));
        batch.Delete(KeyLayout.Upload(key, mid));
    }
}
