using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Mail.Dsn;

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
    /// <summary>Reports.</summary>
    void Publish(MailEvent mailEvent);
}

/// <summary>Outcomes of one message that become durable in one commit, and what goes on afterwards.</summary>
/// <param name="message">The message.</param>
/// <param name="domain">The receiving domain of the recipients; empty: there are none.</param>
public sealed class Settlement(QueuedMessage message, string domain = "")
{
    /// <summary>The message.</summary>
    public QueuedMessage Message { get; } = message;
    /// <summary>The receiving domain of the recipients; empty: there are none.</summary>
    public string Domain { get; } = domain;
    /// <summary>What is written. The engine adds the bounce.</summary>
    public Spool.SpoolChange Change { get; } = new();
    /// <summary>Recipients to report to the reverse-path in one bounce of the same commit; none: no bounce.</summary>
    public List<FailedRecipient> Report { get; } = [];
    /// <summary>How much of the message the bounce returns, in octets.</summary>
    public long ReturnOctets { get; set; }
    /// <summary>Log lines to publish once it is durable, in order.</summary>
    public List<MailEvent> Events { get; } = [];
    /// <summary>Runs on the scheduler's thread once it is durable.</summary>
    public Action Then { get; set; } = static () => { };
    /// <summary>The bounce; set by the engine.</summary>
    public Spool.StoredMessage? Bounce { get; set; }
}
