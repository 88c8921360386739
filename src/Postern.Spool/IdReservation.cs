using System.Buffers.Binary;

namespace Postern.Spool;

/// <summary>Makes a further block of ids durable, before the first of them is used.</summary>
internal sealed class IdReservation(IdSequence sequence, long limit) : CommitRequest
{
    public override int? Generation => null;

    public override int Octets => 16;

    public override void Fill(RocksBatch batch, RocksStore store, RecordWriter scratch, bool again) =>
        Put(batch, sequence.Kind, limit);

    public override void Written() => sequence.Extend(limit);

    /// <summary>Adds the record of the highest reserved id.</summary>
    public static void Put(RocksBatch batch, IdKind kind, long limit)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> value = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(value, limit);
        batch.Put(KeyLayout.Id(key, kind), value);
    }

    /// <summary>Reads it; 0 when there is none yet.</summary>
    /// <exception cref="SpoolException">It cannot be read.</exception>
    public static long Read(RecordRead read, IdKind kind)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> value = stackalloc byte[sizeof(long)];
        return read(KeyLayout.Id(key, kind), value) switch
        {
            -1 => 0,
            sizeof(long) => BinaryPrimitives.ReadInt64BigEndian(value),
            _ => throw new SpoolException($"the record of the highest {kind} is damaged"),
        };
    }
}
