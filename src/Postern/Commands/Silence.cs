namespace Postern.Commands;

/// <summary>Ends what is waited for once the other side has said nothing for so long.</summary>
internal sealed class Silence : IDisposable
{
    private readonly CancellationTokenSource bound;
    private readonly CancellationTokenSource either;
    private readonly TimeSpan most;

    /// <summary>It begins now.</summary>
    public Silence(TimeSpan most, TimeProvider time, CancellationToken cancellationToken)
    {
        this.most = most;
        bound = new CancellationTokenSource(most, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
    }

    /// <summary>It has lasted too long, or who waits has given up.</summary>
    public CancellationToken TooLong => either.Token;

    /// <summary>The other side has said something: it begins anew.</summary>
    public void Broken() => bound.CancelAfter(most);

    /// <inheritdoc/>
    public void Dispose()
    {
        either.Dispose();
        bound.Dispose();
    }
}

/// <summary>What the other side says, each octet of which breaks its silence. Read only.</summary>
internal sealed class HeardStream(Stream inner, Silence silence) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;
    /// <inheritdoc/>
    public override bool CanSeek => false;
    /// <inheritdoc/>
    public override bool CanWrite => false;
    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();
    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        silence.Broken();
        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    /// <inheritdoc/>
    public override void Flush()
    {
    }
}
