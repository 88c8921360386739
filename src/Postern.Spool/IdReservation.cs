using System.Buffers.Binary;

namespace Postern.Spool;

/// <summary>Makes a further block of ids durable, before the first of them is used.</summary>
internal sealed class IdReservation(IdSequence sequence, long limit) : CommitRequest
{
    public override int? Generation => null;

    public override int Octets => 32;

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again) =>
        Put(batch, sequence.Kind, limit);

    public override void Written() => sequence.Extend(limit);

    /// <summary>Adds the record of the highest reserved id.</summary>
    public static void Put(RocksBatch batch, IdKind kind, long limit)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, limit);
        TwinRecord.Put(batch, KeyLayout.Id(key, kind), value);
    }

    /// <summary>Reads it; 0 when there is none yet.</summary>
    /// <param name="read">Reads a record.</param>
    /// <param name="kind">Which.</param>
    /// <param name="damaged">Told what is wrong with one of its two places when the other can be read.</param>
    /// <exception cref="SpoolException">It cannot be read.</exception>
    public static long Read(RecordRead read, IdKind kind, Action<string>? damaged = null)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> value = stackalloc byte[sizeof(long)];
        try
        {
            return TwinRecord.TryRead(read, KeyLayout.Id(key, kind), value, damaged)
                ? BinaryPrimitives.ReadInt64BigEndian(value) : 0;
        }
        catch (UnreadableException e)
        {
            throw new UnreadableException($"the record of the highest {kind} is damaged: {e.Message}");
        }
    }
}
