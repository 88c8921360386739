using RocksDbSharp;

namespace Postern.Spool;

/// <summary>
/// What a store held at one moment, whatever is written meanwhile. The store is held for the length of a page only, so
/// that it can be closed; what is read then ends with an exception. For one thread.
/// </summary>
internal sealed class StoreView : IDisposable
{
    private const int PageOctets = 4 << 20;
    private const int RecordOctets = 100;

    private readonly RocksStore _store;
    private readonly nint _snapshot;
    private readonly nint _options;

    /// <summary>The view of now.</summary>
    /// <exception cref="SpoolException">The store is closed.</exception>
    public StoreView(RocksStore? store)
    {
        _store = MailSpool.Enter(store);
        _snapshot = _store.TakeSnapshot();
        _store.Leave();
        _options = RocksStore.ReadOptions(_snapshot);
    }

    /// <summary>Reads as <see cref="RocksStore.Read(ReadOnlySpan{byte}, Span{byte}, nint)"/> does.</summary>
    /// <exception cref="SpoolException">The store is closed, or the record cannot be read.</exception>
    public int Read(ReadOnlySpan<byte> key, Span<byte> to)
    {
        MailSpool.Enter(_store);
        try
        {
            return _store.Read(key, to, _options);
        }
        finally
        {
            _store.Leave();
        }
    }

    /// <summary>The last key as <see cref="RocksStore.LastKey"/> finds it.</summary>
    /// <exception cref="SpoolException">The store is closed, or it cannot be read.</exception>
    public byte[] LastKey(byte[] end)
    {
        MailSpool.Enter(_store);
        try
        {
            return _store.LastKey(end, _options);
        }
        finally
        {
            _store.Leave();
        }
    }

    /// <summary>Scans as <see cref="RocksStore.Scan"/> does, page by page.</summary>
    /// <exception cref="SpoolException">The store is closed.</exception>
    /// <exception cref="UnreadableException">The records cannot be read.</exception>
    public void Scan(byte[] from, byte[] end, ScanStep take)
    {
        for (var next = from; next is not null;) next = ScanPage(next, end, take);
    }

    private byte[]? ScanPage(byte[] from, byte[] end, ScanStep take)
    {
        byte[]? next = null;
        var octets = 0;
        MailSpool.Enter(_store);
        try
        {
            _store.Scan(from, end, (key, value) =>
            {
                if (octets >= PageOctets)
                {
                    next = key.ToArray();
                    return false;
                }
                octets += RecordOctets + value.Length;
                return take(key, value);
            }, _snapshot);
        }
        finally
        {
            _store.Leave();
        }
        return next;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.ReleaseSnapshot(_snapshot);
        Native.Instance.rocksdb_readoptions_destroy(_options);
    }
}
