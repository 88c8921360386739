using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Puts the mail of a store that can be read into a new one. What a gateway would not deliver, because a part of what
/// is known of it is lost, is not taken; a body is taken as far as it can be read. Once only.
/// </summary>
/// <param name="from">The old store, which nobody writes to.</param>
/// <param name="to">The new one, which is empty.</param>
/// <param name="progress">Told now and then how many records were written.</param>
internal sealed class RecordTransfer(RocksStore from, RocksStore to, Action<long>? progress) : IDisposable
{
    /// <summary>
    /// So many ids are passed over, since the record of those that were used last may be lost. What the WAL can hold at
    /// most, 128 MB, has no more messages than that, of 200 octets each at least.
    /// </summary>
    public const long IdsPassedOver = 1_000_000;

    private const int BatchOctets = 1 << 20;

    private readonly RocksBatch _batch = new();
    private readonly HashSet<Mid> _taken = [];
    private readonly List<DamagedRecord> _notTaken = [];
    private int _batchOctets;
    private long _written;

    /// <summary>The first of the messages that were not taken, at most <see cref="SpoolReport.MaxFaults"/>.</summary>
    public IReadOnlyList<DamagedRecord> NotTaken => _notTaken;

    /// <summary>How many MIDs are in doubt and not taken.</summary>
    public long NotTakenCount { get; private set; }

    /// <summary>Does it.</summary>
    /// <exception cref="SpoolException">The new store cannot be written, or the old one changes its mind about what can
    /// be read.</exception>
    public void Run()
    {
        to.Begin(_batch);
        foreach (var message in new QueueScan(() => from, NoteDamage).Read(default, new Mid(long.MaxValue)))
        {
            // What has no recipient left is done.
            if (message.Recipients.Count > 0) _taken.Add(message.Mid);
        }
        Take(KeyLayout.FirstMessage, KeyLayout.AfterMessages, RefuseDoubt);
        Take(KeyLayout.FirstBody, KeyLayout.AfterBodies, static (_, _, _) => { });
        PutIds();
        StoreOpening.Mark(_batch);
        Write(sync: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private void NoteDamage(DamagedRecord damaged)
    {
        NotTakenCount += damaged.Count;
        if (_notTaken.Count < SpoolReport.MaxFaults) _notTaken.Add(damaged);
    }

    private void Take(ReadOnlySpan<byte> first, ReadOnlySpan<byte> after, Action<Mid, Mid, string> unreadable) =>
        new SteppingScan((start, end, take) => from.Scan(start, end, take), from.Read, HighestUsed, unreadable)
            .Read(first.ToArray(), after.ToArray(), (key, value) =>
            {
                if (_taken.Contains(KeyLayout.MidOf(key))) Put(key, value);
                return true;
            });

    // With half of what is known of its recipients a message could go out twice.
    private void RefuseDoubt(Mid first, Mid last, string reason)
    {
        if (_taken.Any(mid => mid.CompareTo(first) >= 0 && mid.CompareTo(last) <= 0))
            throw new SpoolException($"MID {first} to {last} could be read a moment ago and cannot now: {reason}");
    }

    private Mid HighestUsed() => HighestMid.Used(end => from.LastKey(end), from.Read);

    private void PutIds()
    {
        var known = Enum.GetValues<IdKind>().ToDictionary(kind => kind, LastOf);
        var used = HighestUsed().Value;
        var highest = Math.Max(used, known.Values.Max());
        foreach (var (kind, last) in known)
        {
            var least = last == 0 ? highest : kind == IdKind.Mid ? Math.Max(last, used) : last;
            IdReservation.Put(_batch, kind, least + IdsPassedOver);
        }
    }

    // 0: it cannot be read, or is among what is lost.
    private long LastOf(IdKind kind)
    {
        try
        {
            return IdReservation.Read(from.Read, kind);
        }
        catch (UnreadableException)
        {
            return 0;
        }
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _batch.Put(key, value);
        _written++;
        _batchOctets += key.Length + value.Length;
        if (_batchOctets < BatchOctets) return;
        Write(sync: false);
        progress?.Invoke(_written);
    }

    private void Write(bool sync)
    {
        if (to.Write(_batch, sync) is { } error) throw new SpoolException(error);
        to.Begin(_batch);
        _batchOctets = 0;
    }
}
