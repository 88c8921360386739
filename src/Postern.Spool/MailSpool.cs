using Postern.Mail;

namespace Postern.Spool;

/// <summary>Options of the spool.</summary>
/// <param name="Folder">The folder of the store; made with mode 0700 when missing.</param>
public sealed record SpoolOptions(string Folder);

/// <summary>
/// The durable queue. Owned by the program; every member may be called by several threads at once. After a failed sync
/// it is closed for new mail and for delivery until it was reopened and read back; docs/design/spool.md tells how.
/// </summary>
public sealed class MailSpool : IAsyncDisposable
{
    /// <summary>Opens or makes the store and recovers what was committed.</summary>
    /// <exception cref="SpoolException">The store cannot be opened; the message names the folder and the remedy.</exception>
    public static MailSpool Open(SpoolOptions options, TimeProvider time) => throw new NotImplementedException();

    /// <summary>True when the store was made by this start.</summary>
    public bool IsNew => throw new NotImplementedException();

    /// <summary>False from a failed sync until the store was reopened and read back.</summary>
    public bool IsOpen => throw new NotImplementedException();

    /// <summary>Raised (on a pool thread) when a sync failed: intake and delivery stop.</summary>
    public event Action<string>? Closed { add => throw new NotImplementedException(); remove => throw new NotImplementedException(); }

    /// <summary>Raised (on a pool thread) when the store was reopened, what was answered 451 was deleted, and mail may go on.</summary>
    public event Action? Reopened { add => throw new NotImplementedException(); remove => throw new NotImplementedException(); }

    /// <summary>A new MID.</summary>
    public Mid NextMid() => throw new NotImplementedException();

    /// <summary>A new ICID.</summary>
    public Icid NextIcid() => throw new NotImplementedException();

    /// <summary>A new DCID.</summary>
    public Dcid NextDcid() => throw new NotImplementedException();

    /// <summary>Begins a message; its body is streamed in, and it exists from <see cref="MessageWriter.CommitAsync"/> on.</summary>
    public MessageWriter BeginMessage(Mid mid) => throw new NotImplementedException();

    /// <summary>
    /// Makes a change durable by the next shared commit. Completes when the sync has ended. While the store is closed it
    /// waits, and is written again after the reopening: an outcome that happened is not forgotten because a disk failed.
    /// </summary>
    public ValueTask CommitAsync(SpoolChange change) => throw new NotImplementedException();

    /// <summary>Everything queued, oldest first, without bodies.</summary>
    public IEnumerable<StoredMessage> ReadQueue() => throw new NotImplementedException();

    /// <summary>The content of a message, from its first octet. Dispose it.</summary>
    public BodyReader OpenBody(Mid mid) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Streams the content of one message into the spool. For one thread at a time. Dispose without commit: nothing stays.</summary>
public sealed class MessageWriter : IAsyncDisposable
{
    /// <summary>Octets so far.</summary>
    public long Octets => throw new NotImplementedException();

    /// <summary>Appends content; the memory may be reused once the task has ended.</summary>
    /// <exception cref="SpoolException">The store is closed or cannot write.</exception>
    public ValueTask AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Commits the message with its envelope: durable when the task has ended.</summary>
    /// <exception cref="SpoolException">It is not durable and never will be delivered: answer 451 4.3.0.</exception>
    public ValueTask CommitAsync(StoredMessage message) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}

/// <summary>Reads the content of one message in pieces. For one thread at a time.</summary>
public sealed class BodyReader : IDisposable
{
    /// <summary>The next piece, valid until the next call; empty at the end.</summary>
    /// <exception cref="SpoolException">The content is damaged or cannot be read.</exception>
    public ReadOnlyMemory<byte> ReadNext() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

/// <summary>The store cannot do what was asked; the message says what and why.</summary>
public sealed class SpoolException : Exception
{
    /// <summary>With the reason.</summary>
    public SpoolException(string message, Exception? inner = null) : base(message, inner) { }
}
