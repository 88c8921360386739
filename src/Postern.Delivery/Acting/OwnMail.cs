using Postern.Mail;
using Postern.Mail.Notices;
using Postern.Spool;

namespace Postern.Delivery.Acting;

/// <summary>
/// Puts messages that the gateway makes of itself into its queue, where they go the way of all mail. Any thread may
/// call it.
/// </summary>
/// <param name="engine">Delivers them.</param>
/// <param name="events">Told of them, as of a message that came in.</param>
/// <param name="time">The clock.</param>
public sealed class OwnMail(DeliveryEngine engine, IMailEventSink events, TimeProvider time)
{
    /// <summary>The ENVID of alerts (RFC 3461 §4.4), by which they are known in the store.</summary>
    private const string AlertId = "postern-alert";

    /// <summary>Adds an alert; durable when the task has ended.</summary>
    /// <exception cref="SpoolException">
    /// The store is closed, or less is free than the hard threshold: then nothing is written but the ends of what was
    /// accepted.
    /// </exception>
    public async Task AddAlertAsync(OwnMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var spool = engine.Spool;
        if (!spool.IsOpen) throw new SpoolException("the spool is closed");
        // What clients are refused for want of room, an operator has to be told.
        if (spool.Space == SpaceLevel.Critical) throw new SpoolFullException();
        var mid = spool.NextMid();
        var content = message.Compose(mid);
        var stored = new StoredMessage(mid, default, message.EnvelopeFor(AlertId), time.GetUtcNow())
        {
            Size = content.Length,
            HasEightBit = !System.Text.Ascii.IsValid(content),
            Recipients = [new StoredRecipient(message.Recipient, RecipientState.Fresh)],
        };
        var change = new SpoolChange();
        change.Generated.Add((stored, content));
        await spool.CommitAsync(change).ConfigureAwait(false);
        Publish(stored);
        engine.Accepted(stored);
    }

    /// <summary>The message is an alert, and no reason for another one.</summary>
    /// <exception cref="SpoolException">The store is closed, or cannot tell.</exception>
    public bool IsAlert(Mid mid) =>
        engine.Spool.ReadMessage(mid, []) is { Icid.Value: 0, Envelope.EnvelopeId: AlertId };

    private void Publish(StoredMessage stored)
    {
        var (mid, recipient) = (stored.Mid, stored.Recipients[0].Recipient);
        events.Publish(new AlertGenerated(mid));
        events.Publish(new MessageStarted(mid, default));
        events.Publish(new MessageFrom(mid, default, stored.Envelope.ReversePath));
        events.Publish(new RecipientAccepted(mid, default, recipient.Rid, recipient.ForwardPath));
        events.Publish(new MessageReady(mid, stored.Size, stored.Envelope.ReversePath));
        events.Publish(new MessageQueued(mid));
    }
}
