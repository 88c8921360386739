using RocksDbSharp;

namespace Postern.Spool;

/// <summary>
/// A write batch of RocksDB, used again for every commit. For one thread. The native memory stays at the size of the
/// largest batch, which the committer bounds.
/// </summary>
internal sealed unsafe class RocksBatch : IDisposable
{
    private static readonly Native Rocks = Native.Instance;
    private nint _handle = Rocks.rocksdb_writebatch_create();

    /// <summary>The batch of RocksDB.</summary>
    public nint Handle => _handle;

    /// <summary>True when nothing would be written.</summary>
    public bool IsEmpty => Rocks.rocksdb_writebatch_count(_handle) == 0;

    /// <summary>Sets a record; copies key and value.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* k = key, v = value)
            Rocks.rocksdb_writebatch_put(_handle, k, (nuint)key.Length, v, (nuint)value.Length);
    }

    /// <summary>Deletes a record, which need not be there.</summary>
    public void Delete(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            Rocks.rocksdb_writebatch_delete(_handle, k, (nuint)key.Length);
    }

    /// <summary>Deletes all records from <paramref name="from"/> to before <paramref name="end"/>. For rare use: every
    /// read pays for it until the next flush.</summary>
    public void DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> end)
    {
        fixed (byte* f = from, e = end)
            Rocks.rocksdb_writebatch_delete_range(_handle, f, (nuint)from.Length, e, (nuint)end.Length);
    }

    /// <summary>Empties it and writes a mark in front, which stands in the WAL only and is no record.</summary>
    public void Begin(ReadOnlySpan<byte> mark)
    {
        Rocks.rocksdb_writebatch_clear(_handle);
        fixed (byte* m = mark)
            Rocks.rocksdb_writebatch_put_log_data(_handle, m, (nuint)mark.Length);
    }

    /// <summary>Marks the place to which <see cref="Rollback"/> goes back.</summary>
    public void Mark() => Rocks.rocksdb_writebatch_set_save_point(_handle);

    /// <summary>Keeps what was added since the mark.</summary>
    public void Unmark() => Rocks.rocksdb_writebatch_pop_save_point(_handle);

    /// <summary>Takes out what was added since the mark.</summary>
    public void Rollback() => Rocks.rocksdb_writebatch_rollback_to_save_point(_handle);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_handle != 0)
            Rocks.rocksdb_writebatch_destroy(_handle);
        _handle = 0;
    }
}
