using System.Collections.Concurrent;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Counts what happens to mail, under the names that <c>/xml/status</c> of an ESA has (contract §6). Owned by the
/// program; any thread may publish and read. Counts from 0 when it is made.
/// </summary>
public sealed class MailCounters : IMailEventSink
{
    /// <summary>
    /// Messages that are being received at the same time and whose recipients are counted; far more than there can be
    /// incoming connections (contract §7). Those beyond it are not counted.
    /// </summary>
    public const int MaxReceiving = 100_000;

    private readonly long[] _counts = new long[Enum.GetValues<MailCounter>().Length];
    private readonly ConcurrentDictionary<Mid, Receiving> _receiving = new();
    private readonly ConcurrentDictionary<Icid, Mid> _sessions = new();
    private int _receivingCount;

    private sealed class Receiving
    {
        public int Recipients;
    }

    /// <summary>The value of a counter.</summary>
    public long this[MailCounter counter] => counter == MailCounter.CompletedRecipients
        ? this[MailCounter.DeliveredRecipients] + this[MailCounter.HardBouncedRecipients]
            + this[MailCounter.DeletedRecipients]
        : Volatile.Read(ref _counts[(int)counter]);

    /// <inheritdoc/>
    public void Publish(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case MessageStarted or RecipientAccepted or MessageQueued or MessageAborted or IncomingClosed:
                CountReceiving(mailEvent);
                break;
            case RecipientRejected:
                Add(MailCounter.RejectedRecipients);
                break;
            case BounceGenerated or AlertGenerated:
                Add(MailCounter.GeneratedBounceRecipients);
                break;
            case Delayed:
                Add(MailCounter.SoftBouncedEvents);
                break;
            case Bounced bounced:
                Add(MailCounter.HardBouncedRecipients);
                Add(KindOf(bounced));
                break;
            case Delivered delivered:
                Add(MailCounter.DeliveredRecipients, delivered.Recipients.Count);
                break;
            case PossibleDelivery delivered:
                Add(MailCounter.DeliveredRecipients, delivered.Recipients.Count);
                break;
            case Discarded discarded:
                Add(MailCounter.DeletedRecipients, discarded.Recipients.Count);
                break;
            case Deleted deleted:
                Add(MailCounter.DeletedRecipients, deleted.Recipients.Count);
                break;
        }
    }

    // A bounce or an alert (ICID 0) is not injected mail: it is counted as generated. Its outcome is counted as any
    // other, so that injected and generated recipients are those completed and those in the queue.
    private void CountReceiving(MailEvent mailEvent)
    {
        switch (mailEvent)
        {
            case MessageStarted { Icid.Value: not 0 } started:
                // A session has one message at a time; one that ended without a word is forgotten here or at its close.
                Forget(started.Icid);
                if (Volatile.Read(ref _receivingCount) >= MaxReceiving
                    || !_receiving.TryAdd(started.Mid, new Receiving())) break;
                Interlocked.Increment(ref _receivingCount);
                _sessions[started.Icid] = started.Mid;
                break;
            case IncomingClosed closed:
                Forget(closed.Icid);
                break;
            case RecipientAccepted accepted:
                // One session tells of one message, one event after the other.
                if (_receiving.TryGetValue(accepted.Mid, out var receiving)) receiving.Recipients++;
                break;
            case MessageQueued queued when Take(queued.Mid) is { } taken:
                Add(MailCounter.InjectedMessages);
                Add(MailCounter.InjectedRecipients, taken.Recipients);
                break;
            case MessageAborted aborted:
                Take(aborted.Mid);
                break;
        }
    }

    private void Forget(Icid icid)
    {
        if (_sessions.TryRemove(icid, out var mid)) Take(mid);
    }

    private Receiving? Take(Mid mid)
    {
        if (!_receiving.TryRemove(mid, out var receiving)) return null;
        Interlocked.Decrement(ref _receivingCount);
        return receiving;
    }

    // A host's 5xx is its own word, whatever status it gives; without one, DNS or time decided.
    private static MailCounter KindOf(Bounced bounced) => bounced switch
    {
        { Code: ['5', ..] } => MailCounter.FiveXxHardBouncedRecipients,
        { Status: { Subject: 4, Detail: 7 } } => MailCounter.ExpiredHardBouncedRecipients,
        { Code: "000", Status: { Subject: 1, Detail: 2 or 10 } or { Subject: 4, Detail: 4 or 6 } } =>
            MailCounter.DnsHardBouncedRecipients,
        _ => MailCounter.OtherHardBouncedRecipients,
    };

    private void Add(MailCounter counter, long number = 1) => Interlocked.Add(ref _counts[(int)counter], number);
}
