using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// A message in the queue and how many of its recipients have no final result. For the scheduler's thread only.
/// </summary>
public sealed class QueuedMessage(StoredMessage stored, int remaining)
{
    /// <summary>As stored.</summary>
    public StoredMessage Stored { get; } = stored;
    /// <summary>Recipients without a final result.</summary>
    public int Remaining { get; set; } = remaining;
    /// <summary>Its jobs; kept by the queue book.</summary>
    public List<DeliveryJob> Jobs { get; } = [];
    /// <summary>A report on it is being composed; its later outcomes wait for that.</summary>
    public Task Composing { get; set; } = Task.CompletedTask;
    /// <summary>The MID.</summary>
    public Mid Mid => Stored.Mid;
}

/// <summary>Where a job is; with <see cref="DeliveryJob.Reason"/> every job tells why it waits.</summary>
public enum JobPlace
{
    /// <summary>In its queue, to be given to a host as soon as one has room.</summary>
    Ready,
    /// <summary>Held until it is due.</summary>
    Held,
    /// <summary>Bound to a look-up of a name.</summary>
    Resolving,
    /// <summary>Bound to a connection.</summary>
    Assigned,
    /// <summary>Waits for its outcome to be durable.</summary>
    Settling,
    /// <summary>No recipient is left in it.</summary>
    Done,
}

/// <summary>
/// Recipients of one message in one receiving domain that have the same fate so far, and how far they got. Splits when
/// their fates differ. For the scheduler's thread only.
/// </summary>
public sealed class DeliveryJob
{
    private const int MaxFailedHosts = 64;
    private readonly List<HostHealth> _tried = [];
    private readonly List<HostHealth> _failedAt = [];

    /// <summary>A job with recipients of one domain of a message.</summary>
    public DeliveryJob(QueuedMessage message, DomainQueue queue, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        Message = message;
        Queue = queue;
        Recipients = recipients;
        Order = (message.Mid, recipients[0].Rid);
    }

    /// <summary>The message.</summary>
    public QueuedMessage Message { get; }
    /// <summary>The queue of the receiving domain.</summary>
    public DomainQueue Queue { get; }
    /// <summary>The recipients.</summary>
    public IReadOnlyList<EnvelopeRecipient> Recipients { get; }
    /// <summary>Oldest first: the order of the queue.</summary>
    public (Mid, Rid) Order { get; }
    /// <summary>Where it is.</summary>
    public JobPlace Place { get; set; } = JobPlace.Ready;
    /// <summary>Tells its present place in its queue from one it left; kept by <see cref="DomainQueue"/>.</summary>
    public int Ticket { get; set; }
    /// <summary>The group it stands in; kept by <see cref="DomainQueue"/>.</summary>
    public string Group { get; set; } = "";
    /// <summary>Why it waits.</summary>
    public WaitReason Reason { get; set; }
    /// <summary>Rounds that ended without a result.</summary>
    public int Rounds { get; set; }
    /// <summary>Passes since the last try in which every host was left out.</summary>
    public int EmptyPasses { get; set; }
    /// <summary>When it is due, while it is held.</summary>
    public DateTimeOffset Due { get; set; }
    /// <summary>When it is looked at next: due, to warn, or at its expiry; kept by <see cref="TimerHeap"/>.</summary>
    public DateTimeOffset WakeAt { get; set; }
    /// <summary>It counts in its queue; kept by <see cref="DomainQueue"/>.</summary>
    public bool IsCounted { get; set; }
    /// <summary>Its place in the <see cref="TimerHeap"/>; -1: not there.</summary>
    public int HeapIndex { get; set; } = -1;
    /// <summary>The last attempts, oldest first.</summary>
    public List<StoredAttempt> Attempts { get; } = [];
    /// <summary>Set from the first final dot without a reply on.</summary>
    public StoredUncertainty? Uncertainty { get; set; }
    /// <summary>A host that must be tried first.</summary>
    public HostKey? FirstHost { get; set; }
    /// <summary>It was that host's turn when its name was looked up: it need not wait for it.</summary>
    public bool IsFirstByTurn { get; set; }
    /// <summary>The next connection must be a new one: a kept one turned out dead.</summary>
    public bool NeedsFresh { get; set; }
    /// <summary>The entry it is given to.</summary>
    public PlanEntry? Entry { get; set; }
    /// <summary>A host answered a 4xx to the mail itself in this round.</summary>
    public bool MailAnswered { get; set; }
    /// <summary>What hosts lacked for it in this round, one for each that was tried and lacked something.</summary>
    public List<Lack> Lacks { get; } = [];
    /// <summary>The sender was told that it waits.</summary>
    public bool IsWarned { get; set; }
    /// <summary>A host came back before its hold was durable.</summary>
    public bool ReleasedWhileSettling { get; set; }
    /// <summary>Hosts tried in this round.</summary>
    public IReadOnlyList<HostHealth> Tried => _tried;

    /// <summary>The host was tried in this round.</summary>
    public bool WasTried(HostHealth host) => _tried.Contains(host);

    /// <summary>It failed at this host before, in this round or an earlier one.</summary>
    public bool FailedAt(HostHealth host) => _failedAt.Contains(host);

    /// <summary>Counts a host as tried in this round.</summary>
    public void MarkTried(HostHealth host)
    {
        if (!_tried.Contains(host)) _tried.Add(host);
        if (!_failedAt.Contains(host) && _failedAt.Count < MaxFailedHosts) _failedAt.Add(host);
        EmptyPasses = 0;
        LeaveHost();
    }

    /// <summary>What it was to go on with at a host is over; only what is uncertain keeps its host.</summary>
    public void LeaveHost() => (FirstHost, IsFirstByTurn, NeedsFresh) = (FirstHostOfRound, false, false);

    /// <summary>Jobs with the same signature can choose the same hosts.</summary>
    public string Signature =>
        _tried.Count == 0 && FirstHost is null && !NeedsFresh ? ""
        : $"{string.Join(',', _tried.Select(t => t.Id).Order())}|{FirstHost}|{IsFirstByTurn}|{NeedsFresh}";

    /// <summary>The host that a new round begins with; null: whose turn it is.</summary>
    public HostKey? FirstHostOfRound => Uncertainty is { } u ? new HostKey(u.Address, u.Port) : null;

    /// <summary>Begins a new round.</summary>
    public void BeginRound()
    {
        _tried.Clear();
        Lacks.Clear();
        MailAnswered = false;
        LeaveHost();
    }

    /// <summary>A job for some of the recipients, as far as this one got.</summary>
    public DeliveryJob Split(IReadOnlyList<EnvelopeRecipient> recipients) => CopyTo(Queue, recipients);

    /// <summary>The same in another queue, as far as this one got.</summary>
    public DeliveryJob MoveTo(DomainQueue queue) => CopyTo(queue, Recipients);

    private DeliveryJob CopyTo(DomainQueue queue, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        var part = new DeliveryJob(Message, queue, recipients)
        {
            Reason = Reason,
            Rounds = Rounds,
            Uncertainty = Uncertainty,
            FirstHost = FirstHost,
            MailAnswered = MailAnswered,
            IsWarned = IsWarned,
        };
        part._tried.AddRange(_tried);
        part._failedAt.AddRange(_failedAt);
        part.Lacks.AddRange(Lacks);
        part.Attempts.AddRange(Attempts);
        return part;
    }

    /// <summary>Goes on from a stored state, in a new round.</summary>
    public void TakeUp(RecipientState state)
    {
        (Rounds, Reason, Uncertainty) = (state.Rounds, state.Reason, state.Uncertainty);
        IsWarned = state.IsWarned;
        if (Attempts.Count == 0 && state.Attempts.Count > 0 && IsCounted) Queue.CountAttempted(Recipients.Count);
        Attempts.AddRange(state.Attempts);
        BeginRound();
    }

    /// <summary>Notes an attempt; the oldest falls out.</summary>
    public void Note(StoredAttempt attempt)
    {
        if (Attempts.Count == 0 && IsCounted) Queue.CountAttempted(Recipients.Count);
        if (Attempts.Count == RecipientState.MaxAttempts) Attempts.RemoveAt(0);
        Attempts.Add(attempt);
    }

    /// <summary>The state to store.</summary>
    public RecipientState ToState(DateTimeOffset? due) => new()
    {
        Rounds = Rounds,
        Reason = Reason,
        Due = due,
        Attempts = [.. Attempts],
        Uncertainty = Uncertainty,
        IsWarned = IsWarned,
        Redirect = Queue.Redirect,
    };

    /// <summary>The transaction that offers it.</summary>
    public OutgoingTransaction ToTransaction(Func<IContentSource> open) => new(
        Message.Stored.Envelope, Recipients, Message.Stored.Size, Message.Stored.HasEightBit, open);
}
