using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// Which mail of the queue an operator means: everything that fits all that is given. Immutable.
/// </summary>
public sealed record QueueSelection
{
    private readonly string? _sender;
    private readonly string? _recipient;

    /// <summary>The receiving domain, as A-labels in lower case, or an address in brackets; null: any.</summary>
    public string? Host { get; init; }
    /// <summary>The reverse-path, case does not count; empty: that of bounces; null: any.</summary>
    public string? Sender
    {
        get => _sender;
        init => (_sender, SenderCode) = (value, QueuedMessage.CodeOf(value ?? ""));
    }
    /// <summary>The number of the reverse-path, see <see cref="QueuedMessage.CodeOf"/>.</summary>
    internal ushort SenderCode { get; private init; }
    /// <summary>The message; null: any.</summary>
    public Mid? Mid { get; init; }
    /// <summary>
    /// No message with a higher MID, as those have that come in later; null: any. It is an end and no choice: with it
    /// alone everything is still meant.
    /// </summary>
    public Mid? UpTo { get; init; }
    /// <summary>Messages and the receiving domains that are meant of each, one by one; null: any.</summary>
    public IReadOnlySet<(Mid Mid, string Domain)>? Chosen { get; init; }
    /// <summary>A part of a forward-path, case does not count; null: any.</summary>
    public string? Recipient
    {
        get => _recipient;
        init => (_recipient, Part) = (value, value is null ? null : PathText.Fold(value));
    }
    /// <summary>That part as <see cref="PathText"/> compares it.</summary>
    internal byte[]? Part { get; private init; }
    /// <summary>Accepted before; null: any time.</summary>
    public DateTimeOffset? AcceptedBefore { get; init; }
    /// <summary>At least so many octets.</summary>
    public long MinSize { get; init; }
    /// <summary>At least so many rounds without a result.</summary>
    public int MinRounds { get; init; }
    /// <summary>Why it waits; null: whatever for.</summary>
    public WaitReason? Reason { get; init; }

    /// <summary>Only these messages, in the order of their MIDs; null: any.</summary>
    public IReadOnlyList<Mid>? Among { get; init; }

    /// <summary>Nothing is restricted: the whole queue is meant.</summary>
    public bool IsAll => Host is null && Sender is null && Mid is null && Chosen is null && Recipient is null
        && AcceptedBefore is null && MinSize <= 0 && MinRounds <= 0 && Reason is null && Among is null;

    /// <summary>What a job knows at rest does not tell whether it is meant.</summary>
    public bool NeedsText => Sender is not null || Recipient is not null;

    /// <summary>
    /// The job is meant, as far as it can tell at rest; the rest say <see cref="IncludesSender"/> and, of each of its
    /// recipients, <see cref="IncludesRecipient"/>.
    /// </summary>
    public bool MayInclude(DeliveryJob job) =>
        (Host is null || job.Queue.Name == Host)
        && (Mid is null || job.Message.Mid == Mid)
        && (UpTo is not { } end || job.Message.Mid.Value <= end.Value)
        && (Chosen is null || Chosen.Contains((job.Message.Mid, job.Queue.Name)))
        && (AcceptedBefore is null || job.Message.Accepted < AcceptedBefore)
        && job.Message.Size >= MinSize
        && job.Rounds >= MinRounds
        && (Reason is null || (job.Reason == Reason && job.Place == JobPlace.Held));

    /// <summary>Mail with this reverse-path is meant; empty: that of bounces.</summary>
    public bool IncludesSender(string from) =>
        Sender is null || from.Equals(Sender, StringComparison.OrdinalIgnoreCase);

    /// <summary>A recipient with this forward-path is meant; others of its job need not be.</summary>
    public bool IncludesRecipient(string to) =>
        Recipient is null || to.Contains(Recipient, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A part of a walk through the queue.</summary>
/// <param name="Jobs">What was found, oldest first.</param>
/// <param name="Next">Behind which message the walk goes on; null: it is at its end.</param>
public sealed record QueueSlice(IReadOnlyList<DeliveryJob> Jobs, Mid? Next);
