using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Postern.Spool;

/// <summary>
/// What stands in front of every batch in the WAL, for <see cref="WalScan"/> and <see cref="WalSalvage"/>.
/// </summary>
/// <param name="Number">The number of the batch, one more than that of the one before.</param>
/// <param name="Synced">The last batch that a sync had covered when this one was begun.</param>
/// <param name="Key">The key of the store. No client knows it, so that nothing in a mail can pass for a batch.</param>
internal readonly record struct WalMark(long Number, long Synced, long Key)
{
    /// <summary>Its octets.</summary>
    public const int Length = 3 * sizeof(long);

    /// <summary>The key of a store by the identity that RocksDB gave it, a random UUID.</summary>
    public static long KeyOf(ReadOnlySpan<byte> identity) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(identity.Trim("\r\n "u8)));

    /// <summary>The key of the store in a folder; null: nobody can say.</summary>
    /// <exception cref="IOException">The file of the identity cannot be read.</exception>
    public static long? KeyIn(string storeFolder)
    {
        var file = Path.Combine(storeFolder, "IDENTITY");
        return File.Exists(file) ? KeyOf(File.ReadAllBytes(file)) : null;
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to, Number);
        BinaryPrimitives.WriteInt64BigEndian(to[sizeof(long)..], Synced);
        BinaryPrimitives.WriteInt64BigEndian(to[(2 * sizeof(long))..], Key);
    }

    /// <summary>Reads it.</summary>
    public static WalMark Read(ReadOnlySpan<byte> from) => new(
        BinaryPrimitives.ReadInt64BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[sizeof(long)..]),
        BinaryPrimitives.ReadInt64BigEndian(from[(2 * sizeof(long))..]));
}
