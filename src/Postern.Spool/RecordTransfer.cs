using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Puts all records of a store that can be read into a new one. A message of which a record may be missing is not taken:
/// without what is known of its recipients it might go out twice. A body is taken as far as it can be read. Once only.
/// </summary>
internal sealed class RecordTransfer(StoreView from, RocksStore to) : IDisposable
{
    private const int BatchOctets = 1 << 20;

    private readonly RocksBatch _batch = new();
    private readonly List<(byte[] Key, byte[] Value)> _message = [];
    private readonly HashSet<Mid> _taken = [];
    private readonly List<SpoolFault> _lost = [];
    private Mid _current;
    private int _octets;

    /// <summary>What was not taken.</summary>
    public IReadOnlyList<SpoolFault> Lost => _lost;

    /// <summary>Does it, and makes it durable.</summary>
    /// <param name="mayMiss">So many ids above those that are known may have been used.</param>
    /// <param name="missIfDamaged">The same, when a record turns out to be damaged.</param>
    /// <exception cref="SpoolException">The new store cannot be written.</exception>
    public void Run(long mayMiss, long missIfDamaged)
    {
        to.Begin(_batch);
        Scan(KeyLayout.FirstMessage, KeyLayout.AfterMessages, TakeRecord, NoteLost);
        EndMessage();
        Scan(KeyLayout.FirstBody, KeyLayout.AfterBodies, TakePiece, static (_, _, _) => { });
        TakeIds(_lost.Count > 0 ? missIfDamaged : mayMiss);
        Write(sync: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private void Scan(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> after, ScanStep take, Action<Mid, Mid, string> unreadable) =>
        new SteppingScan(from.Scan, () => HighestMid.Used(from.LastKey, from.Read), unreadable)
            .Read(first.ToArray(), after.ToArray(), take);

    private bool TakeRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var mid = KeyLayout.MidOf(key);
        if (mid != _current) EndMessage();
        _current = mid;
        _message.Add((key.ToArray(), value.ToArray()));
        return true;
    }

    private void EndMessage()
    {
        foreach (var (key, value) in _message) Put(key, value);
        if (_message.Count > 0) _taken.Add(_current);
        _message.Clear();
    }

    private void NoteLost(Mid first, Mid last, string reason)
    {
        if (_current.CompareTo(first) >= 0 && _current.CompareTo(last) <= 0) _message.Clear();
        for (var mid = first.Value; mid <= last.Value; mid++)
        {
            if (_lost.Count < SpoolReport.MaxFaults)
                _lost.Add(new SpoolFault(new Mid(mid), reason, "it is not in the new store"));
        }
    }

    // What comes in, or belongs to a message that is not taken, is left behind.
    private bool TakePiece(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_taken.Contains(KeyLayout.MidOf(key))) Put(key, value);
        return true;
    }

    private void TakeIds(long passedOver)
    {
        var last = Enum.GetValues<IdKind>().ToDictionary(kind => kind, LastOf);
        var most = Math.Max(last.Values.Max() ?? 0, HighestMid.Used(from.LastKey, from.Read).Value);
        foreach (var (kind, known) in last) IdReservation.Put(_batch, kind, (known ?? most) + passedOver);
        StoreOpening.Mark(_batch);
    }

    // Null: it cannot be read, or a lost part of the store had it.
    private long? LastOf(IdKind kind)
    {
        try
        {
            return IdReservation.Read(from.Read, kind) is > 0 and var last ? last : null;
        }
        catch (SpoolException)
        {
            return null;
        }
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _batch.Put(key, value);
        _octets += key.Length + value.Length;
        if (_octets > BatchOctets) Write(sync: false);
    }

    private void Write(bool sync)
    {
        if (to.Write(_batch, sync) is { } error) throw new SpoolException($"the new store cannot be written: {error}");
        to.Begin(_batch);
        _octets = 0;
    }
}
