using System.Runtime.InteropServices;
using RocksDbSharp;

namespace Postern.Spool;

/// <summary>
/// One opened RocksDB. Readers of any thread take a lease for the length of one native call; <see cref="Close"/> waits
/// for them, so that no native call ever meets a closed store. Written by the committer alone.
/// </summary>
internal sealed unsafe class RocksStore
{
    private const int Closing = 1 << 30;
    private static readonly Native Rocks = Native.Instance;
    private readonly object _drained = new();
    private readonly HashSet<nint> _snapshots = [];
    private readonly nint _read;
    private readonly nint _writeSynced;
    private readonly nint _writeUnsynced;
    private readonly long _key;
    private nint _db;
    private int _leases;
    private long _written;
    private long _synced;

    private RocksStore(nint db)
    {
        _db = db;
        // Every batch has one record at least, so that these numbers grow over all openings.
        _written = _synced = (long)Rocks.rocksdb_get_latest_sequence_number(db);
        _read = ReadOptions();
        _writeSynced = Rocks.rocksdb_writeoptions_create();
        Rocks.rocksdb_writeoptions_set_sync(_writeSynced, 1);
        _writeUnsynced = Rocks.rocksdb_writeoptions_create();
        var identity = Rocks.rocksdb_get_db_identity(db, out var length);
        _key = WalMark.KeyOf(new ReadOnlySpan<byte>((void*)identity, (int)length));
        Rocks.rocksdb_free(identity);
    }

    /// <summary>How records are read, of now or of a snapshot; destroy it.</summary>
    public static nint ReadOptions(nint snapshot = 0)
    {
        var options = Rocks.rocksdb_readoptions_create();
        // A body is read once or twice, far apart: it would only push the keys out of the cache.
        Rocks.rocksdb_readoptions_set_fill_cache(options, 0);
        if (snapshot != 0) Rocks.rocksdb_readoptions_set_snapshot(options, snapshot);
        return options;
    }

    /// <summary>Opens or makes the store.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="reading">What becomes of octets of the WAL that cannot be read.</param>
    /// <param name="readOnly">Nothing is written and nothing made; the lock is the caller's care.</param>
    /// <returns>The store, or null and what RocksDB says.</returns>
    public static (RocksStore? Store, string? Error) Open(string folder, WalReading reading, bool readOnly = false)
    {
        var options = RocksSettings.Create(reading);
        nint error;
        var db = readOnly ? Rocks.rocksdb_open_for_read_only(options, folder, 0, out error)
            : Rocks.rocksdb_open(options, folder, out error);
        Rocks.rocksdb_options_destroy(options);
        return error == 0 ? (new RocksStore(db), null) : (null, TakeError(error));
    }

    /// <summary>
    /// Makes the list of tables anew from the tables that there are; those that cannot be read are put aside.
    /// </summary>
    /// <returns>Null, or what RocksDB says.</returns>
    public static string? RepairList(string folder)
    {
        var options = RocksSettings.Create(WalReading.SkipsDamage);
        Rocks.rocksdb_repair_db(options, folder, out var error);
        Rocks.rocksdb_options_destroy(options);
        return error == 0 ? null : TakeError(error);
    }

    /// <summary>Begins a read; false when the store is closed. Ends with <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref _leases) & Closing) == 0)
            return true;
        Leave();
        return false;
    }

    /// <summary>Ends a read.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _leases) != Closing)
            return;
        lock (_drained)
            Monitor.PulseAll(_drained);
    }

    /// <summary>Empties a batch that is to be written next.</summary>
    public void Begin(RocksBatch batch)
    {
        Span<byte> mark = stackalloc byte[WalMark.Length];
        new WalMark(_written + 1, _synced, _key).Write(mark);
        batch.Begin(mark);
    }

    /// <summary>Writes a batch that began with <see cref="Begin"/>, all of it or nothing.</summary>
    /// <returns>Null, or why it failed; then nothing more may be written to this store.</returns>
    public string? Write(RocksBatch batch, bool sync)
    {
        _written++;
        Rocks.rocksdb_write(_db, sync ? _writeSynced : _writeUnsynced, batch.Handle, out var error);
        if (error != 0)
            return TakeError(error);
        if (sync)
            _synced = _written;
        return null;
    }

    /// <summary>Copies the front of a record, as much as fits.</summary>
    /// <returns>The length of the whole record; -1 when there is none.</returns>
    /// <exception cref="UnreadableException">It cannot be read.</exception>
    public int Read(ReadOnlySpan<byte> key, Span<byte> to) => Read(key, to, _read);

    /// <summary>The same by the options of a view.</summary>
    /// <exception cref="UnreadableException">It cannot be read.</exception>
    public int Read(ReadOnlySpan<byte> key, Span<byte> to, nint options)
    {
        nint slice;
        nint error;
        fixed (byte* k = key)
            slice = Rocks.rocksdb_get_pinned(_db, options, k, (nuint)key.Length, out error);
        if (error != 0)
            throw new UnreadableException($"a record of the spool cannot be read: {TakeError(error)}");
        if (slice == 0)
            return -1;
        var value = Rocks.rocksdb_pinnableslice_value(slice, out var length);
        new ReadOnlySpan<byte>((void*)value, (int)Math.Min(length, (nuint)to.Length)).CopyTo(to);
        Rocks.rocksdb_pinnableslice_destroy(slice);
        return (int)length;
    }

    /// <summary>
    /// Hands the records from <paramref name="from"/> to before <paramref name="end"/> to <paramref name="take"/>, in
    /// the order of their keys, until it says false. All are of one instant: now, or that of a snapshot.
    /// </summary>
    /// <exception cref="UnreadableException">The records cannot be read.</exception>
    public void Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> end, ScanStep take, nint snapshot = 0)
    {
        var options = ReadOptions(snapshot);
        try
        {
            fixed (byte* e = end)
            {
                // RocksDB has to know the end itself: behind the records of one old message stand the deletions of all
                // that have left since, and it would walk them in search of the next record.
                Rocks.rocksdb_readoptions_set_iterate_upper_bound(options, e, (nuint)end.Length);
                ScanAll(options, from, take);
            }
        }
        finally
        {
            Rocks.rocksdb_readoptions_destroy(options);
        }
    }

    private void ScanAll(nint options, ReadOnlySpan<byte> from, ScanStep take)
    {
        var iterator = Rocks.rocksdb_create_iterator(_db, options);
        try
        {
            fixed (byte* f = from)
                Rocks.rocksdb_iter_seek(iterator, f, (nuint)from.Length);
            for (; Rocks.rocksdb_iter_valid(iterator) != 0; Rocks.rocksdb_iter_next(iterator))
            {
                var key = Rocks.rocksdb_iter_key(iterator, out var keyLength);
                var value = Rocks.rocksdb_iter_value(iterator, out var valueLength);
                if (!take(new ReadOnlySpan<byte>((void*)key, (int)keyLength),
                    new ReadOnlySpan<byte>((void*)value, (int)valueLength)))
                    break;
            }
            Rocks.rocksdb_iter_get_error(iterator, out var error);
            if (error != 0)
                throw new UnreadableException($"records cannot be read: {TakeError(error)}");
        }
        finally
        {
            Rocks.rocksdb_iter_destroy(iterator);
        }
    }

    /// <summary>The last key before <paramref name="end"/>; empty: there is none.</summary>
    /// <exception cref="UnreadableException">It cannot be read.</exception>
    public byte[] LastKey(ReadOnlySpan<byte> end, nint? options = null)
    {
        var iterator = Rocks.rocksdb_create_iterator(_db, options ?? _read);
        try
        {
            fixed (byte* e = end)
                Rocks.rocksdb_iter_seek_for_prev(iterator, e, (nuint)end.Length);
            Rocks.rocksdb_iter_get_error(iterator, out var error);
            if (error != 0)
                throw new UnreadableException($"records cannot be read: {TakeError(error)}");
            if (Rocks.rocksdb_iter_valid(iterator) == 0)
                return [];
            var key = Rocks.rocksdb_iter_key(iterator, out var length);
            return new ReadOnlySpan<byte>((void*)key, (int)length).ToArray();
        }
        finally
        {
            Rocks.rocksdb_iter_destroy(iterator);
        }
    }

    /// <summary>
    /// Keeps what the store holds now readable, whatever is written meanwhile; the caller has a lease.
    /// </summary>
    public nint TakeSnapshot()
    {
        var snapshot = Rocks.rocksdb_create_snapshot(_db);
        lock (_snapshots)
            _snapshots.Add(snapshot);
        return snapshot;
    }

    /// <summary>Ends that; nothing when the store is closed, which has ended it.</summary>
    public void ReleaseSnapshot(nint snapshot)
    {
        if (!TryEnter()) return;
        lock (_snapshots)
            _snapshots.Remove(snapshot);
        Rocks.rocksdb_release_snapshot(_db, snapshot);
        Leave();
    }

    /// <summary>Closes the store once all reads have ended. Once only.</summary>
    public void Close()
    {
        Interlocked.Add(ref _leases, Closing);
        lock (_drained)
        {
            while (Volatile.Read(ref _leases) != Closing)
                Monitor.Wait(_drained);
        }
        foreach (var snapshot in _snapshots)
            Rocks.rocksdb_release_snapshot(_db, snapshot);
        Rocks.rocksdb_close(_db);
        _db = 0;
        Rocks.rocksdb_readoptions_destroy(_read);
        Rocks.rocksdb_writeoptions_destroy(_writeSynced);
        Rocks.rocksdb_writeoptions_destroy(_writeUnsynced);
    }

    private static string TakeError(nint text)
    {
        var error = Marshal.PtrToStringUTF8(text) ?? "";
        Rocks.rocksdb_free(text);
        return error;
    }
}
