using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// What the scheduler has done for it. It decides and never waits: each action begins something, and its end comes back
/// through a member of <see cref="DeliveryScheduler"/>. The engine does it for real, the simulation on a fake clock.
/// </summary>
public interface IDeliveryActions
{
    /// <summary>A new DCID.</summary>
    Dcid NextDcid();
    /// <summary>
    /// Opens; ends in <c>SessionReady</c> or <c>SessionFailed</c>, with <c>Connected</c> before. Whatever becomes of
    /// it, <c>ConnectionEnded</c> is the last that is heard of it.
    /// </summary>
    void Open(DeliveryConnection connection);
    /// <summary>Offers the job's message; ends in <c>TransactionEnded</c>.</summary>
    void Transmit(DeliveryConnection connection, DeliveryJob job);
    /// <summary>The host has closed a connection without a message, or has said something on it.</summary>
    bool HasEnded(DeliveryConnection idle);
    /// <summary>Closes an open connection with QUIT, or cuts one that is being opened.</summary>
    void Close(DeliveryConnection connection);
    /// <summary>Makes a settlement durable; ends in <c>Settled</c>.</summary>
    void Commit(Settlement settlement);
    /// <summary>Looks up the name of an entry; ends in <c>EntryResolved</c>.</summary>
    void Resolve(PlanEntry entry);
    /// <summary>Looks up a receiving domain; ends in <c>DomainResolved</c>.</summary>
    void Resolve(DomainQueue queue, RoutePlan plan);
    /// <summary>An address literal may be delivered to (not in <c>refuse_networks</c>).</summary>
    bool MayDeliverTo(System.Net.IPAddress address);
    /// <summary>
    /// Reads a message back from the store, with those of the given recipients that have no final result there. The one
    /// action that answers at once: what it reads is small, and mostly in the memory of the system.
    /// </summary>
    StoredRead Read(Mid mid, IReadOnlyCollection<Rid> rids);
    /// <summary>So many settlements are not durable yet that nothing more is begun which can wait.</summary>
    bool IsBehind { get; }
    /// <summary>Reports.</summary>
    void Publish(MailEvent mailEvent);
}

/// <summary>What the store says of a message.</summary>
/// <param name="Message">The message; null: the store cannot tell.</param>
/// <param name="Damage">Why it cannot; null: it is closed, which it tells itself.</param>
public readonly record struct StoredRead(StoredMessage? Message, string? Damage);
