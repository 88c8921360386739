using System.Buffers.Binary;
using System.Numerics;

namespace Postern.Spool;

/// <summary>A batch of the store, or a piece of one, as it stands in a WAL of RocksDB.</summary>
/// <remarks>
/// The WAL is blocks of 32 KB; a record in it is masked CRC-32C (4), length (2, low first), type (1: whole, 2: first,
/// 3: middle, 4: last), payload, and crosses no block. The payload of a batch is sequence (8), count (4), and then our
/// mark: 3, 24, mark (24).
/// </remarks>
internal readonly ref struct WalRecord
{
    /// <summary>The length of a block.</summary>
    public const int BlockOctets = 32 * 1024;

    /// <summary>What stands in front of the payload; less than that at the end of a block is left empty.</summary>
    public const int HeaderOctets = 7;

    /// <summary>The types of records.</summary>
    public const byte Whole = 1, First = 2, Middle = 3, Last = 4;

    private const int TypeAt = 6;
    private const int MarkAt = HeaderOctets + 12;
    private const byte LogData = 3;

    private WalRecord(ReadOnlySpan<byte> octets) => Octets = octets;

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Its type.</summary>
    public byte Type => Octets[TypeAt];

    /// <summary>What it holds of the batch.</summary>
    public ReadOnlySpan<byte> Payload => Octets[HeaderOctets..];

    /// <summary>True when a batch begins here that the spool has written.</summary>
    public bool BeginsBatch => MayBeginBatch(Octets);

    /// <summary>The mark of the batch that begins here.</summary>
    public WalMark Mark => WalMark.Read(Octets[(MarkAt + 2)..]);

    /// <summary>Reads the record in front of the rest of a block.</summary>
    /// <param name="block">The rest.</param>
    /// <param name="behindDamage">Only one that begins a batch and bears the key of the store counts: behind damage any
    /// octets may look like a record, also those that somebody has put into a mail for this.</param>
    /// <param name="key">The key.</param>
    /// <param name="record">The record.</param>
    /// <returns>False: there is none, or it is damaged.</returns>
    public static bool TryRead(ReadOnlySpan<byte> block, bool behindDamage, long? key, out WalRecord record)
    {
        record = default;
        if (block.Length < HeaderOctets || (behindDamage && !MayBeginBatch(block))) return false;
        var length = HeaderOctets + BinaryPrimitives.ReadUInt16LittleEndian(block[4..]);
        if (length > block.Length || block[TypeAt] == 0
            || BinaryPrimitives.ReadUInt32LittleEndian(block) != Checksum(block[TypeAt..length]))
        {
            return false;
        }
        record = new WalRecord(block[..length]);
        return !behindDamage || (record.BeginsBatch && record.Mark.Key == key);
    }

    /// <summary>Writes a record with its header.</summary>
    public static void Write(Stream to, byte type, ReadOnlySpan<byte> payload)
    {
        var record = new byte[HeaderOctets + payload.Length];
        payload.CopyTo(record.AsSpan(HeaderOctets));
        record[TypeAt] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(4), (ushort)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record, Checksum(record.AsSpan(TypeAt)));
        to.Write(record);
    }

    private static bool MayBeginBatch(ReadOnlySpan<byte> record) =>
        record.Length >= MarkAt + 2 + WalMark.Length && record[TypeAt] is Whole or First
        && record[MarkAt] == LogData && record[MarkAt + 1] == WalMark.Length;

    private static uint Checksum(ReadOnlySpan<byte> octets)
    {
        var crc = ~0u;
        foreach (var octet in octets)
            crc = BitOperations.Crc32C(crc, octet);
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }
}
