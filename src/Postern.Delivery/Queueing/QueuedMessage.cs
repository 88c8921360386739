using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// A message in the queue and how many of its recipients have no final result. What the store can tell again is kept
/// only while a job of the message needs it. For the scheduler's thread only.
/// </summary>
public sealed class QueuedMessage
{
    private readonly long _accepted;
    private readonly int _sender;
    private int _needs;

    /// <summary>A message as stored; no recipient of it has a job yet.</summary>
    public QueuedMessage(StoredMessage stored)
    {
        Stored = stored;
        (Mid, Size, Remaining) = (stored.Mid, stored.Size, stored.Recipients.Count);
        _accepted = stored.Accepted.UtcTicks;
        _sender = CodeOf(stored.Envelope.ReversePath?.Text ?? "");
    }

    /// <summary>The MID.</summary>
    public Mid Mid { get; }
    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Accepted => new(_accepted, TimeSpan.Zero);
    /// <summary>Octets of the message.</summary>
    public long Size { get; }
    /// <summary>Recipients without a final result.</summary>
    public int Remaining { get; set; }
    /// <summary>
    /// What never changes of it, at least while a job of it is not at rest; null: nobody needs it. The states of the
    /// recipients in it are those of some moment.
    /// </summary>
    public StoredMessage? Stored { get; private set; }
    /// <summary>A report on it is being composed; its later outcomes wait for that.</summary>
    public Task Composing { get; set; } = Task.CompletedTask;

    /// <summary>The first of its jobs, which know each other; kept by the queue book.</summary>
    internal DeliveryJob? First { get; set; }

    /// <summary>Its jobs, in no order.</summary>
    public IEnumerable<DeliveryJob> Jobs
    {
        get
        {
            for (var job = First; job is not null; job = job.NextOfMessage) yield return job;
        }
    }

    /// <summary>False when its reverse-path is certainly another one; case does not count.</summary>
    public bool MayBeFrom(string sender) => CodeOf(sender) == _sender;

    /// <summary>What the store says of it is known again.</summary>
    public void TakeUp(StoredMessage stored) => Stored ??= stored;

    /// <summary>One of its jobs needs what the store says.</summary>
    internal void Need() => _needs++;

    /// <summary>One of its jobs needs it no more.</summary>
    internal void Leave()
    {
        if (--_needs == 0 && Composing.IsCompleted) Stored = null;
    }

    internal void Add(DeliveryJob job) => (job.NextOfMessage, First) = (First, job);

    internal void Remove(DeliveryJob job)
    {
        if (ReferenceEquals(First, job))
        {
            First = job.NextOfMessage;
            return;
        }
        for (var before = First; before is not null; before = before.NextOfMessage)
        {
            if (!ReferenceEquals(before.NextOfMessage, job)) continue;
            before.NextOfMessage = job.NextOfMessage;
            return;
        }
    }

    private static int CodeOf(string sender) => sender.GetHashCode(StringComparison.OrdinalIgnoreCase);
}
