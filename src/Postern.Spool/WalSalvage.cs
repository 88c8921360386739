using System.Buffers;

namespace Postern.Spool;

/// <summary>
/// Copies a WAL without what of it cannot be read. RocksDB itself leaves out the rest of the block behind a damaged
/// record, with all the acknowledged mail in it; this goes on at the next batch that is whole. Once only.
/// </summary>
internal sealed class WalSalvage
{
    private readonly Stream _to;
    private long? _key;
    private readonly ArrayBufferWriter<byte> _batch = new();
    private int _batchOctets;
    private int _inBlock;
    private long _leftOut;
    private bool _damaged;

    private WalSalvage(Stream to, long? key) => (_to, _key) = (to, key);

    /// <summary>Copies a file to one that is not there yet.</summary>
    /// <returns>How many octets were left out.</returns>
    /// <exception cref="IOException">One cannot be read, or the other cannot be written.</exception>
    public static long Copy(string from, string to)
    {
        using var source = File.OpenRead(from);
        using var target = new FileStream(to, FileMode.CreateNew, FileAccess.Write);
        var salvage = new WalSalvage(target, WalMark.KeyIn(Path.GetDirectoryName(from)!));
        var block = new byte[WalRecord.BlockOctets];
        for (var length = 1; (length = source.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)) > 0;)
            salvage.TakeBlock(block.AsSpan(0, length));
        salvage.DropBatch();
        return salvage._leftOut;
    }

    private void TakeBlock(ReadOnlySpan<byte> block)
    {
        for (var at = 0; at + WalRecord.HeaderOctets <= block.Length;)
        {
            if (WalRecord.TryRead(block[at..], behindDamage: _damaged, _key, out var record))
            {
                _damaged = false;
                // What stands in its place is the store's own.
                if (record.BeginsBatch) _key = record.Mark.Key;
                TakeRecord(record);
                at += record.Octets.Length;
            }
            else
            {
                _damaged = true;
                DropBatch();
                _leftOut++;
                at++;
            }
        }
    }

    private void TakeRecord(WalRecord record)
    {
        if (record.Type is WalRecord.Whole or WalRecord.First) DropBatch();
        _batch.Write(record.Payload);
        _batchOctets += record.Octets.Length;
        // A piece whose beginning was lost, or one that the spool writes none of.
        if (record.Type is not (WalRecord.Whole or WalRecord.First) && _batchOctets == record.Octets.Length)
        {
            DropBatch();
        }
        else if (record.Type is WalRecord.Whole or WalRecord.Last)
        {
            Write(_batch.WrittenSpan);
            _batchOctets = 0;
            DropBatch();
        }
    }

    private void DropBatch()
    {
        _leftOut += _batchOctets;
        _batchOctets = 0;
        _batch.ResetWrittenCount();
    }

    private void Write(ReadOnlySpan<byte> batch)
    {
        for (var isFirst = true; isFirst || !batch.IsEmpty; isFirst = false)
        {
            var room = WalRecord.BlockOctets - _inBlock;
            if (room < WalRecord.HeaderOctets)
            {
                _to.Write(new byte[room]);
                (_inBlock, room) = (0, WalRecord.BlockOctets);
            }
            var piece = batch[..Math.Min(batch.Length, room - WalRecord.HeaderOctets)];
            batch = batch[piece.Length..];
            var type = (isFirst, batch.IsEmpty) switch
            {
                (true, true) => WalRecord.Whole,
                (true, false) => WalRecord.First,
                (false, false) => WalRecord.Middle,
                (false, true) => WalRecord.Last,
            };
            WalRecord.Write(_to, type, piece);
            _inBlock += WalRecord.HeaderOctets + piece.Length;
        }
    }
}
