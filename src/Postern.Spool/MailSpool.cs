using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// The durable queue. Owned by the program; every member may be called by several threads at once. After a failed sync
/// it is closed for new mail and for delivery until it was reopened and read back; docs/design/spool.md tells how.
/// </summary>
public sealed class MailSpool : IAsyncDisposable
{
    /// <summary>How many damaged messages are remembered; what is more shows when these are repaired.</summary>
    private const int MaxDamaged = 1000;

    private readonly CommitQueue _queue = new();
    private readonly Committer _committer;
    private readonly FreeSpace _space;
    private readonly IdSequence _mids;
    private readonly IdSequence _icids;
    private readonly IdSequence _dcids;
    private IReadOnlyList<DamagedRecord> _damaged = [];
    private readonly string _folder;
    private readonly StoreLock _lock;
    private int _disposed;

    private MailSpool(
        StoreLock held, StoreOpening opening, RefusedMids refused, RocksStore store, RocksBatch batch,
        SpoolOptions options, TimeProvider time)
    {
        _lock = held;
        _space = new FreeSpace(options.Space, options.FreeOctets ?? FreeOctetsOf(options.Folder), time)
        {
            Changed = (level, octets) => SpaceChanged?.Invoke(level, octets),
        };
        _folder = options.Folder;
        IsNew = StoreOpening.IsNew(store);
        _mids = Sequence(store, IdKind.Mid);
        _icids = Sequence(store, IdKind.Icid);
        _dcids = Sequence(store, IdKind.Dcid);

        store.Begin(batch);
        StoreOpening.Mark(batch);
        foreach (var sequence in (IdSequence[])[_mids, _icids, _dcids])
            IdReservation.Put(batch, sequence.Kind, sequence.Last + IdSequence.BlockIds);
        if (store.Write(batch, sync: true) is { } error)
            throw new SpoolException(error);
        if (IsNew && !refused.TryWrite([]))
            throw new SpoolException("the file 'refused' cannot be written");

        _committer = new Committer(_queue, opening, refused, time, store, batch)
        {
            Closed = reason => Closed?.Invoke(reason),
            Reopened = () => Reopened?.Invoke(),
            Sequences = [_mids, _icids, _dcids],
        };
        _committer.Start();
    }

    /// <summary>Raised (on a pool thread) when a sync failed: intake and delivery stop.</summary>
    public event Action<string>? Closed;

    /// <summary>
    /// Raised (on a pool thread) when the store was reopened, what was answered 451 was deleted, and mail may go on.
    /// </summary>
    public event Action? Reopened;

    /// <summary>
    /// Raised (on a pool thread) when the free space has passed a threshold, with the octets that are free.
    /// </summary>
    public event Action<SpaceLevel, long>? SpaceChanged;

    /// <summary>True when the store was made by this start.</summary>
    public bool IsNew { get; }

    /// <summary>False from a failed sync until the store was reopened and read back.</summary>
    public bool IsOpen => _queue.ClosedReason is null;

    /// <summary>The last MID that was given; 0: none yet.</summary>
    public Mid LastMid => new(_mids.Last);

    /// <summary>The last ICID that was given.</summary>
    public Icid LastIcid => new(_icids.Last);

    /// <summary>The last DCID that was given.</summary>
    public Dcid LastDcid => new(_dcids.Last);

    /// <summary>Syncs since the start; what was committed at the same time shared one.</summary>
    public long Syncs => _committer.Syncs;

    /// <summary>The messages that the last complete <see cref="ReadQueue()"/> could not read, at most 1000.</summary>
    public IReadOnlyList<DamagedRecord> Damaged => Volatile.Read(ref _damaged);

    /// <summary>Opens or makes the store and recovers what was committed.</summary>
    /// <exception cref="SpoolException">The store cannot be opened; the message names the folder and the
    /// remedy.</exception>
    public static MailSpool Open(SpoolOptions options, TimeProvider time)
    {
        var folder = Path.GetFullPath(options.Folder);
        StoreLock? held = null;
        RocksStore? store = null;
        var batch = new RocksBatch();
        try
        {
            SpoolFolder.Prepare(folder);
            held = StoreLock.Take(folder, StoreUse.Gateway);
            var refused = new RefusedMids(folder);
            var opening = new StoreOpening(folder, refused);
            (store, var error) = opening.Open([], batch);
            return store is not null ? new MailSpool(held, opening, refused, store, batch, options, time)
                : throw new SpoolException(error!);
        }
        catch (Exception e) when (e is SpoolException or IOException or UnauthorizedAccessException)
        {
            store?.Close();
            batch.Dispose();
            if (held is null && e is SpoolException) throw;
            held?.Dispose();
            if (SpoolFolder.IsLocked(e.Message) && StoreLock.HolderOf(folder) is { } holder)
                throw new SpoolException(StoreLock.Refusal(holder, folder), e);
            var remedy = SpoolFolder.Remedy(e.Message);
            throw new SpoolException($"the spool in {folder} cannot be opened: {e.Message}{remedy}", e);
        }
    }

    /// <summary>A new MID.</summary>
    /// <exception cref="SpoolException">The store has not been able to make ids durable for tens of thousands of
    /// them.</exception>
    public Mid NextMid() => new(_mids.Next());

    /// <summary>A new ICID.</summary>
    /// <exception cref="SpoolException">As for <see cref="NextMid"/>.</exception>
    public Icid NextIcid() => new(_icids.Next());

    /// <summary>A new DCID.</summary>
    /// <exception cref="SpoolException">As for <see cref="NextMid"/>.</exception>
    public Dcid NextDcid() => new(_dcids.Next());

    /// <summary>
    /// Begins a message; its body is streamed in, and it exists from <see cref="MessageWriter.CommitAsync"/> on.
    /// </summary>
    /// <param name="mid">From <see cref="NextMid"/>; each begins one message at most.</param>
    /// <exception cref="SpoolException">The store is closed: answer 451 4.3.0.</exception>
    public MessageWriter BeginMessage(Mid mid) => new(_queue, _space, mid);

    /// <summary>
    /// True when new mail of so many octets, 0 where that is not known, leaves the soft threshold of the disk free.
    /// </summary>
    public bool HasRoomFor(long octets) => _space.HasRoomFor(octets);

    /// <summary>Takes up other thresholds.</summary>
    public void UseThresholds(SpaceThresholds thresholds) => _space.Thresholds = thresholds;

    /// <summary>How much is free on its disk, as the thresholds see it.</summary>
    public SpaceLevel Space => _space.Level;

    /// <summary>
    /// Makes a change durable by the next shared commit. Completes when the sync has ended. While the store is closed
    /// it waits, and is written again after the reopening: an outcome that happened is not forgotten because a disk
    /// failed. Below the hard threshold of free space, states of recipients that are no uncertainties are left out,
    /// unless they must hold: after a crash such a recipient is tried again a little earlier.
    /// </summary>
    /// <exception cref="SpoolException">The spool was shut down before it was written.</exception>
    public ValueTask CommitAsync(SpoolChange change)
    {
        if (change.IsEmpty) return ValueTask.CompletedTask;
        change.LeavesStatesOut = !change.MustHold && _space.Level == SpaceLevel.Critical;
        return _queue.AddAsync(new ChangeCommit(change));
    }

    /// <summary>
    /// Everything queued, oldest first, without bodies; read page by page as it is enumerated. A message with a damaged
    /// record is left out and named by <see cref="Damaged"/>.
    /// </summary>
    /// <exception cref="SpoolException">Thrown by the enumeration: the store is closed or cannot be read.</exception>
    public IEnumerable<StoredMessage> ReadQueue() => ReadQueue(new Mid(long.MaxValue));

    /// <summary>The same up to a MID.</summary>
    /// <exception cref="SpoolException">As for <see cref="ReadQueue()"/>.</exception>
    public IEnumerable<StoredMessage> ReadQueue(Mid last)
    {
        var damaged = new List<DamagedRecord>();
        var scan = new QueueScan(() => _committer.Store, record =>
        {
            if (damaged.Count < MaxDamaged)
                damaged.Add(record);
        });
        foreach (var message in scan.Read(default, last))
            yield return message;
        Volatile.Write(ref _damaged, damaged);
    }

    /// <summary>
    /// What is queued of a range of MIDs, both ends included. A message with a damaged record is left out.
    /// </summary>
    /// <exception cref="SpoolException">As for <see cref="ReadQueue()"/>.</exception>
    public IEnumerable<StoredMessage> ReadQueue(Mid first, Mid last) =>
        new QueueScan(() => _committer.Store, static _ => { }).Read(first, last);

    /// <summary>
    /// A message with these of its recipients, as far as they have no final result; null: it is not there. Touches no
    /// other record, so that damage elsewhere does not matter and the time depends on the message alone.
    /// </summary>
    /// <exception cref="SpoolException">The store is closed, or a record that is read is damaged.</exception>
    public StoredMessage? ReadMessage(Mid mid, IReadOnlyCollection<Rid> rids) =>
        MessageLookup.Read(_committer.Store, mid, rids);

    /// <summary>The content of a message, from its first octet. Dispose it.</summary>
    /// <exception cref="SpoolException">There is no such message, or the store is closed or cannot be read.</exception>
    public BodyReader OpenBody(Mid mid) => BodyReader.Open(() => _committer.Store, mid);

    /// <summary>Counts what is there; reads all envelopes and states, a page at a time, and no body.</summary>
    /// <exception cref="SpoolException">The store is closed or cannot be read.</exception>
    public SpoolStatistics Count() => SpoolStatistics.Of(() => _committer.Store, _folder);

    /// <summary>
    /// Checks every record against every other, as the store is now; reads all of it, while mail goes on. Memory is
    /// bounded.
    /// </summary>
    /// <param name="progress">Told now and then how many records were read.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SpoolException">The store is closed, or was closed meanwhile.</exception>
    public SpoolReport Verify(Action<long>? progress, CancellationToken cancellationToken)
    {
        using var view = new StoreView(_committer.Store);
        return new SpoolVerification(view, new RefusedMids(_folder).Read(), progress, cancellationToken).Run();
    }

    /// <summary>Writes what waits and closes the store. What comes later, or cannot be written because the disk fails,
    /// ends with a <see cref="SpoolException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _committer.StopAsync().ConfigureAwait(false);
        _committer.Dispose();
        _lock.Dispose();
    }

    internal static int Read(RocksStore? store, ReadOnlySpan<byte> key, Span<byte> to)
    {
        store = Enter(store);
        try
        {
            return store.Read(key, to);
        }
        finally
        {
            store.Leave();
        }
    }

    internal static void Scan(RocksStore? store, ReadOnlySpan<byte> from, ReadOnlySpan<byte> end, ScanStep take)
    {
        store = Enter(store);
        try
        {
            store.Scan(from, end, take);
        }
        finally
        {
            store.Leave();
        }
    }

    internal static byte[] LastKey(RocksStore? store, byte[] end)
    {
        store = Enter(store);
        try
        {
            return store.LastKey(end);
        }
        finally
        {
            store.Leave();
        }
    }

    private static Func<long> FreeOctetsOf(string folder)
    {
        var drive = new DriveInfo(Path.GetFullPath(folder));
        return () => drive.AvailableFreeSpace;
    }

    internal static RocksStore Enter(RocksStore? store) =>
        store is not null && store.TryEnter() ? store : throw new SpoolClosedException();

    private IdSequence Sequence(RocksStore store, IdKind kind)
    {
        var last = IdReservation.Read(store.Read, kind);
        return new IdSequence(kind, last, last + IdSequence.BlockIds,
            (sequence, limit) => _queue.AddOwn(new IdReservation(sequence, limit)));
    }
}
