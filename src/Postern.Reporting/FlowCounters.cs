using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Counts what <see cref="MailCounters"/> has no name for: connections, and messages that were not taken or are done.
/// Owned by the program; any thread may publish and read. Counts from 0 when it is made.
/// </summary>
public sealed class FlowCounters : IMailEventSink
{
    private long _incoming, _outgoing, _outgoingErrors, _aborted, _finished;

    /// <summary>Incoming connections that the mail log tells of.</summary>
    public long IncomingConnections => Volatile.Read(ref _incoming);
    /// <summary>Outgoing connections that were made.</summary>
    public long OutgoingConnections => Volatile.Read(ref _outgoing);
    /// <summary>Outgoing connections that failed before a message began, or were never made.</summary>
    public long OutgoingConnectionErrors => Volatile.Read(ref _outgoingErrors);
    /// <summary>Messages that had a MID and were not taken: refused, too large, or given up by the client.</summary>
    public long AbortedMessages => Volatile.Read(ref _aborted);
    /// <summary>Messages without a recipient left, our own bounces included.</summary>
    public long FinishedMessages => Volatile.Read(ref _finished);

    /// <inheritdoc/>
    public void Publish(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case IncomingConnection:
                Interlocked.Increment(ref _incoming);
                break;
            case OutgoingConnection:
                Interlocked.Increment(ref _outgoing);
                break;
            case OutgoingConnectionError:
                Interlocked.Increment(ref _outgoingErrors);
                break;
            case MessageAborted:
                Interlocked.Increment(ref _aborted);
                break;
            case MessageFinished:
                Interlocked.Increment(ref _finished);
                break;
        }
    }
}
