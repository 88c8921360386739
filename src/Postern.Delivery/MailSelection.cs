using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery;

/// <summary>
/// Which mail of the queue a command is about: what matches everything that is given; nothing given is all of it.
/// Immutable.
/// </summary>
public sealed record MailSelection
{
    /// <summary>The receiving domain: A-labels in lower case, or an address in brackets; null: any.</summary>
    public string? ReceivingDomain { get; init; }
    /// <summary>
    /// The reverse-path without angle brackets, its domain in any case; empty: the null reverse-path; null: any.
    /// </summary>
    public string? Sender { get; init; }
    /// <summary>The message; null: any.</summary>
    public Mid? Mid { get; init; }

    /// <summary>A job is selected.</summary>
    internal bool Covers(DeliveryJob job) =>
        (ReceivingDomain is null || ReceivingDomain == job.Queue.Name)
        && (Mid is null || Mid == job.Message.Mid)
        && (Sender is null || IsFrom(job.Message.Stored.Envelope.ReversePath));

    // RFC 5321 §2.4: the local part is the business of its own domain, whose name has no case.
    private bool IsFrom(Mailbox? reversePath)
    {
        if (reversePath is null) return Sender!.Length == 0;
        var at = Sender!.LastIndexOf('@') + 1;
        return at > 0 && reversePath.Text.Length == Sender.Length
            && reversePath.Text.AsSpan(0, at).SequenceEqual(Sender.AsSpan(0, at))
            && reversePath.Text.AsSpan(at).Equals(Sender.AsSpan(at), StringComparison.OrdinalIgnoreCase);
    }
}
