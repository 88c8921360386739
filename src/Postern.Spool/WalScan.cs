namespace Postern.Spool;

/// <summary>
/// Tells a torn tail from a hole. After a power cut the end of the WAL may hold octets that were being written: nothing
/// of it was acknowledged. But when a batch that can be read says that a sync had covered one that cannot, then
/// acknowledged mail is damaged and the store must not open as if nothing were. For one thread.
/// </summary>
internal sealed class WalScan
{
    private long _lastWhole;
    private long _begun;
    private long? _key;
    private bool _damaged;
    private bool _hole;

    /// <summary>True when what cannot be read was not yet covered by a sync.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static bool EndsInTornTail(string storeFolder)
    {
        var scan = new WalScan { _key = WalMark.KeyIn(storeFolder) };
        var block = new byte[WalRecord.BlockOctets];
        // The names are numbers of six digits and more.
        var files = Directory.GetFiles(storeFolder, "*.log")
            .OrderBy(file => file.Length).ThenBy(file => file, StringComparer.Ordinal);
        foreach (var path in files)
        {
            using var file = File.OpenRead(path);
            for (var length = 1; (length = file.ReadAtLeast(block, block.Length, throwOnEndOfStream: false)) > 0;)
                scan.TakeBlock(block.AsSpan(0, length));
        }
        // Without a batch in front of the damage nobody knows what was lost, nor without the key what is behind it.
        return scan._damaged && !scan._hole && scan._lastWhole > 0;
    }

    private void TakeBlock(ReadOnlySpan<byte> block)
    {
        for (var at = 0; at + WalRecord.HeaderOctets <= block.Length;)
        {
            if (WalRecord.TryRead(block[at..], behindDamage: _damaged, _key, out var record))
            {
                TakeRecord(record);
                at += record.Octets.Length;
            }
            else
            {
                _damaged = true;
                at++;
            }
        }
    }

    private void TakeRecord(WalRecord record)
    {
        if (record.BeginsBatch)
        {
            var mark = record.Mark;
            _key = mark.Key;
            if (_damaged && mark.Number != _lastWhole + 1)
                _hole |= mark.Synced > _lastWhole;
            else
                _damaged = false;
            _begun = mark.Number;
        }
        if (record.Type is WalRecord.Whole or WalRecord.Last && !_damaged)
            _lastWhole = _begun;
    }
}
