using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// Which mail of the queue an operator means: everything that fits all that is given. Immutable.
/// </summary>
public sealed record QueueSelection
{
    private static readonly QueueSelection everything = new();

    /// <summary>The receiving domain, as A-labels in lower case, or an address in brackets; null: any.</summary>
    public string? Host { get; init; }
    /// <summary>The reverse-path, case does not count; empty: that of bounces; null: any.</summary>
    public string? Sender { get; init; }
    /// <summary>The message; null: any.</summary>
    public Mid? Mid { get; init; }
    /// <summary>Messages and the receiving domains that are meant of each, one by one; null: any.</summary>
    public IReadOnlySet<(Mid Mid, string Domain)>? Chosen { get; init; }
    /// <summary>A part of a forward-path, case does not count; null: any.</summary>
    public string? Recipient { get; init; }
    /// <summary>Accepted before; null: any time.</summary>
    public DateTimeOffset? AcceptedBefore { get; init; }
    /// <summary>At least so many octets.</summary>
    public long MinSize { get; init; }
    /// <summary>At least so many rounds without a result.</summary>
    public int MinRounds { get; init; }
    /// <summary>Why it waits; null: whatever for.</summary>
    public WaitReason? Reason { get; init; }

    /// <summary>Nothing is restricted: the whole queue is meant.</summary>
    public bool IsAll => this == everything;

    /// <summary>The job is meant.</summary>
    public bool Includes(DeliveryJob job)
    {
        var stored = job.Message.Stored;
        return (Host is null || job.Queue.Name == Host)
            && (Mid is null || stored.Mid == Mid)
            && (Chosen is null || Chosen.Contains((stored.Mid, job.Queue.Name)))
            && (Sender is null || IsSame(stored.Envelope.ReversePath?.Text ?? "", Sender))
            && (Recipient is null || job.Recipients.Any(r => Has(r.ForwardPath.Text, Recipient)))
            && (AcceptedBefore is null || stored.Accepted < AcceptedBefore)
            && stored.Size >= MinSize
            && job.Rounds >= MinRounds
            && (Reason is null || (job.Reason == Reason && job.Place == JobPlace.Held));
    }

    private static bool IsSame(string path, string wanted) =>
        path.Equals(wanted, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string path, string part) => path.Contains(part, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A part of a walk through the queue.</summary>
/// <param name="Jobs">What was found, oldest first.</param>
/// <param name="Next">Behind which message the walk goes on; null: it is at its end.</param>
public sealed record QueueSlice(IReadOnlyList<DeliveryJob> Jobs, Mid? Next);
