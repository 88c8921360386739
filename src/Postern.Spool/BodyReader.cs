using System.Buffers;
using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Reads the content of one message in pieces. For one thread at a time. Memory is one piece; nothing of the store is
/// held between two calls, so that a message may be removed and the store reopened meanwhile.
/// </summary>
public sealed class BodyReader : IDisposable
{
    private readonly Func<RocksStore?> _store;
    private readonly Mid _mid;
    private readonly BodySize _body;
    private byte[] _buffer;
    private int _next;
    private long _octets;

    internal BodyReader(Func<RocksStore?> store, Mid mid, BodySize body)
    {
        (_store, _mid, _body) = (store, mid, body);
        _buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(body.Octets, BodySize.ChunkOctets));
    }

    /// <summary>Finds the content of a message.</summary>
    /// <exception cref="SpoolException">There is no such message, or its record cannot be read.</exception>
    internal static BodyReader Open(Func<RocksStore?> store, Mid mid)
    {
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        Span<byte> head = stackalloc byte[MessageCodec.MaxHeadLength];
        var length = MailSpool.Read(store(), KeyLayout.Envelope(key, mid), head);
        if (length < 0)
            throw new SpoolException($"MID {mid} is not in the spool");
        return MessageCodec.ReadHead(head[..Math.Min(length, head.Length)], out var body, out _)
            ? new BodyReader(store, mid, body)
            : throw new SpoolException($"the record of MID {mid} is damaged");
    }

    /// <summary>Octets of the whole content.</summary>
    public long Length => _body.Octets;

    /// <summary>The next piece, valid until the next call; empty at the end.</summary>
    /// <exception cref="SpoolException">The content is damaged or cannot be read.</exception>
    public ReadOnlyMemory<byte> ReadNext()
    {
        ObjectDisposedException.ThrowIf(_next < 0, this);
        if (_next == _body.Chunks)
            return default;
        Span<byte> key = stackalloc byte[KeyLayout.MaxLength];
        var length = MailSpool.Read(_store(), KeyLayout.Chunk(key, _mid, _next), _buffer);
        if (length < 0)
            throw new SpoolException($"MID {_mid} was removed, or a piece of its content is lost");
        _octets += length;
        _next++;
        if (length > _buffer.Length || _octets > _body.Octets || (_next == _body.Chunks && _octets != _body.Octets))
            throw new SpoolException($"the content of MID {_mid} is damaged: it has another length than was stored");
        return _buffer.AsMemory(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_next >= 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _next = -1;
    }
}
