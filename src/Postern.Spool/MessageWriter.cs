using System.Buffers;
using Postern.Mail;

namespace Postern.Spool;

/// <summary>
/// Streams the content of one message into the spool. For one thread at a time. Dispose without commit: nothing stays.
/// Memory is one buffer of at most 64 KB whatever the size of the message; a message that fits into it is written by
/// its commit alone.
/// </summary>
public sealed class MessageWriter : IAsyncDisposable
{
    private const int FirstBufferOctets = 4096;

    private readonly CommitQueue _queue;
    private readonly FreeSpace _space;
    private readonly Mid _mid;
    private readonly int _generation;
    private byte[] _buffer = [];
    private int _used;
    private int _chunks;
    private Stage _stage;

    internal MessageWriter(CommitQueue queue, FreeSpace space, Mid mid)
    {
        (_queue, _space, _mid, _generation) = (queue, space, mid, queue.Generation);
        ThrowIfClosed();
    }

    private enum Stage
    {
        Open,
        InFlight,
        Committed,
        Failed,
        Disposed,
    }

    /// <summary>Octets so far.</summary>
    public long Octets { get; private set; }

    /// <summary>Appends content; the memory may be reused once the task has ended.</summary>
    /// <exception cref="SpoolException">The store is closed, cannot write, or is full
    /// (<see cref="SpoolFullException"/>).</exception>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowUnlessOpen();
        ThrowIfClosed();
        ThrowIfFull();
        if (content.Length > BodySize.ChunkOctets - _used)
            return AppendLongAsync(content, cancellationToken);
        Take(content.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Commits the message with its envelope: durable when the task has ended.</summary>
    /// <exception cref="SpoolException">It is not durable and never will be delivered: answer 451 4.3.0.</exception>
    public async ValueTask CommitAsync(StoredMessage message)
    {
        ThrowUnlessOpen();
        if (message.Mid != _mid)
            throw new ArgumentException($"MID {message.Mid} is not MID {_mid}, which was begun", nameof(message));
        ThrowIfFull();
        var body = new BodySize(_chunks + (_used > 0 ? 1 : 0), Octets);
        await WriteAsync(new MessageCommit(_generation, message, body, _buffer, _used)).ConfigureAwait(false);
        _stage = Stage.Committed;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stage is Stage.Disposed or Stage.InFlight)
            return;
        var discard = _stage != Stage.Committed && _chunks > 0
            && _queue.ClosedReason is null && _queue.Generation == _generation;
        _stage = Stage.Disposed;
        if (_buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        if (!discard)
            return;
        try
        {
            await _queue.AddAsync(new ChunkDiscard(_generation, _mid, _chunks)).ConfigureAwait(false);
        }
        catch (SpoolException)
        {
            // The store failed meanwhile; its reopening deletes what was begun.
            _chunks = 0;
        }
    }

    private async ValueTask AppendLongAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        while (content.Length > 0)
        {
            if (_used == BodySize.ChunkOctets)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await WriteAsync(new ChunkWrite(_generation, _mid, _chunks, _buffer, _used)).ConfigureAwait(false);
                _chunks++;
                _used = 0;
            }
            var piece = Math.Min(content.Length, BodySize.ChunkOctets - _used);
            Take(content.Span[..piece]);
            content = content[piece..];
        }
    }

    /// <summary>Waits to the end in any case, because the committer reads the buffer.</summary>
    private async ValueTask WriteAsync(CommitRequest request)
    {
        _stage = Stage.InFlight;
        try
        {
            await _queue.AddAsync(request).ConfigureAwait(false);
            _stage = Stage.Open;
        }
        catch (SpoolException)
        {
            _stage = Stage.Failed;
            throw;
        }
    }

    private void Take(ReadOnlySpan<byte> content)
    {
        if (_buffer.Length - _used < content.Length)
        {
            var wanted = Math.Max(Math.Max(_buffer.Length * 2, FirstBufferOctets), _used + content.Length);
            var larger = ArrayPool<byte>.Shared.Rent(Math.Min(BodySize.ChunkOctets, wanted));
            _buffer.AsSpan(0, _used).CopyTo(larger);
            if (_buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        content.CopyTo(_buffer.AsSpan(_used));
        _used += content.Length;
        Octets += content.Length;
    }

    private void ThrowIfClosed()
    {
        if (_queue.ClosedReason is { } reason)
            throw new SpoolException(reason);
        if (_queue.Generation != _generation)
            throw new SpoolException("the spool was reopened while the message came in");
    }

    // What was begun above the soft threshold goes on to the hard one.
    private void ThrowIfFull()
    {
        if (_space.Level == SpaceLevel.Critical)
            throw new SpoolFullException();
    }

    private void ThrowUnlessOpen()
    {
        ObjectDisposedException.ThrowIf(_stage == Stage.Disposed, this);
        if (_stage != Stage.Open)
            throw new InvalidOperationException($"MID {_mid} was committed, failed, or is being written");
    }
}
