using System.Buffers.Binary;

namespace Postern.Spool;

/// <summary>What stands in front of every batch in the WAL, for <see cref="WalScan"/>.</summary>
/// <param name="Number">The number of the batch, one more than that of the one before.</param>
/// <param name="Synced">The last batch that a sync had covered when this one was begun.</param>
internal readonly record struct WalMark(long Number, long Synced)
{
    /// <summary>Its octets.</summary>
    public const int Length = 2 * sizeof(long);

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to, Number);
        BinaryPrimitives.WriteInt64BigEndian(to[sizeof(long)..], Synced);
    }

    /// <summary>Reads it.</summary>
    public static WalMark Read(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadInt64BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[sizeof(long)..]));
}
