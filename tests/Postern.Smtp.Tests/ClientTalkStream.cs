using System.Text;
using System.Threading.Channels;

namespace Postern.Smtp.Tests;

/// <summary>
/// A connection without a network: what the client writes is answered within the write, so that a session runs on the
/// caller's thread until the host owes it something, and a test that moves the clock then knows where it stands.
/// </summary>
internal sealed class ClientTalkStream : Stream
{
    private readonly Channel<byte[]> _toClient = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<string, string?> _answer;
    private readonly StringBuilder _line = new();
    private byte[] _rest = [];
    private volatile bool _isAwaited;

    /// <summary><paramref name="answer"/> is given each line; null: nothing is said from then on.</summary>
    public ClientTalkStream(string? banner, Func<string, string?> answer)
    {
        _answer = answer;
        if (banner is not null) Say(banner);
    }

    /// <summary>Content stands still: no write behind the 354 ends before the stream is closed.</summary>
    public bool StandsStillBehind354 { get; init; }

    /// <summary>Everything that was written.</summary>
    public StringBuilder Written { get; } = new();

    /// <summary>The client has read all that was said and waits for more: the deadline of that wait is set.</summary>
    public bool IsAwaited => _isAwaited;

    private bool InContent { get; set; }

    /// <summary>The host speaks, with CRLF for every line feed.</summary>
    public void Say(string reply) => Raw(reply.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");

    /// <summary>The host sends these octets.</summary>
    public void Raw(string octets)
    {
        _isAwaited = false;
        _toClient.Writer.TryWrite(Encoding.Latin1.GetBytes(octets));
    }

    /// <summary>The host closes.</summary>
    public void Close(bool gracefully) =>
        _toClient.Writer.TryComplete(gracefully ? null : new IOException("reset by the test"));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest.Length == 0)
        {
            if (_toClient.Reader.Count == 0) _isAwaited = true;
            if (!await _toClient.Reader.WaitToReadAsync(cancellationToken)) return 0;
            _toClient.Reader.TryRead(out _rest!);
        }

        var read = Math.Min(buffer.Length, _rest.Length);
        _rest.AsSpan(0, read).CopyTo(buffer.Span);
        _rest = _rest[read..];
        return read;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
        if (InContent && StandsStillBehind354)
        {
            await _closed.Task;
            throw new IOException("closed");
        }

        foreach (var octet in buffer.ToArray())
        {
            Written.Append((char)octet);
            if (octet != '\n')
            {
                _line.Append((char)octet);
                continue;
            }

            var line = _line.ToString().TrimEnd('\r');
            _line.Clear();
            if (InContent && line != ".") continue;
            var reply = _answer(line);
            InContent = reply is not null && reply.StartsWith("354", StringComparison.Ordinal);
            if (reply is not null) Say(reply);
        }
    }

    protected override void Dispose(bool disposing)
    {
        _closed.TrySetResult();
        _toClient.Writer.TryComplete(new ObjectDisposedException(nameof(ClientTalkStream)));
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanWrite => true;
    public override bool CanSeek => false;
    public override long Length => throw new NotSupportedException();
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
