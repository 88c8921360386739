using System.Buffers.Binary;
using System.Numerics;

namespace Postern.Spool;

/// <summary>
/// Tells a torn tail from a hole. After a power cut the end of the WAL may hold octets that were being written: nothing
/// of it was acknowledged. But when a batch that can be read says that a sync had covered one that cannot, then
/// acknowledged mail is damaged and the store must not open as if nothing were. For one thread.
/// </summary>
/// <remarks>
/// The WAL of RocksDB is blocks of 32 KB; a record in it is masked CRC-32C (4), length (2, low first), type (1: whole,
/// 2: first, 3: middle, 4: last), payload. A payload is sequence (8), count (4), and then our mark: 3, 16, mark (16).
/// </remarks>
internal sealed class WalScan
{
    private const int BlockOctets = 32 * 1024;
    private const int HeaderOctets = 7;
    private const int MarkAt = HeaderOctets + 12;
    private const byte Whole = 1;
    private const byte First = 2;
    private const byte Last = 4;
    private const byte LogData = 3;

    private long _lastWhole;
    private long _begun;
    private bool _damaged;
    private bool _hole;

    /// <summary>True when what cannot be read was not yet covered by a sync.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static bool EndsInTornTail(string storeFolder)
    {
        var scan = new WalScan();
        var block = new byte[BlockOctets];
        // The names are numbers of six digits and more.
        var files = Directory.GetFiles(storeFolder, "*.log")
            .OrderBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal);
        foreach (var path in files)
        {
            using var file = File.OpenRead(path);
            for (var length = 1; (length = file.ReadAtLeast(block, BlockOctets, throwOnEndOfStream: false)) > 0;)
                scan.TakeBlock(block.AsSpan(0, length));
        }
        // Without a batch in front of the damage nobody knows what was lost.
        return scan._damaged && !scan._hole && scan._lastWhole > 0;
    }

    private void TakeBlock(ReadOnlySpan<byte> block)
    {
        for (var at = 0; at + HeaderOctets <= block.Length;)
        {
            var record = block[at..];
            var length = HeaderOctets + BinaryPrimitives.ReadUInt16LittleEndian(record[4..]);
            if (_damaged && !MayHaveMark(record))
            {
                at++;
            }
            else if (length <= record.Length && IsIntact(record[..length]))
            {
                TakeRecord(record[..length]);
                at += length;
            }
            else
            {
                _damaged = true;
                at++;
            }
        }
    }

    private void TakeRecord(ReadOnlySpan<byte> record)
    {
        var type = record[6];
        if (type is Whole or First && MayHaveMark(record))
        {
            var mark = WalMark.Read(record[(MarkAt + 2)..]);
            if (_damaged && mark.Number != _lastWhole + 1)
                _hole |= mark.Synced > _lastWhole;
            else
                _damaged = false;
            _begun = mark.Number;
        }
        if (type is Whole or Last && !_damaged)
            _lastWhole = _begun;
    }

    private static bool MayHaveMark(ReadOnlySpan<byte> record) =>
        record.Length >= MarkAt + 2 + WalMark.Length && record[6] is Whole or First
        && record[MarkAt] == LogData && record[MarkAt + 1] == WalMark.Length;

    private static bool IsIntact(ReadOnlySpan<byte> record)
    {
        if (record[6] == 0)
            return false;
        var crc = ~0u;
        foreach (var octet in record[6..])
            crc = BitOperations.Crc32C(crc, octet);
        crc = ~crc;
        return BinaryPrimitives.ReadUInt32LittleEndian(record) == ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }
}
