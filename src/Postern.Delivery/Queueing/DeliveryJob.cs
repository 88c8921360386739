using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Mail.Dsn;
using Postern.Smtp.Client;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

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
/// their fates differ. While it waits it may be at rest: then it knows only what says when and where it goes on, some
/// hundred octets, and everything else is in the store. For the scheduler's thread only.
/// </summary>
public sealed class DeliveryJob
{
    private const int MaxFailedHosts = 64;
    private Rid[] _rids;
    // Its progress, or at rest the hosts that it has failed at.
    private object _known;
    private long _due;
    private long _wakeAt;
    private byte _placeAndReason;
    private ushort _emptyPasses;
    private Marks _marks;

    // There may be a million jobs: what is small shares octets.
    [Flags]
    private enum Marks : byte
    {
        None = 0,
        Warned = 1,
        WantsWarning = 2,
        HasAttempts = 4,
        ReadyWhole = 8,
        ReleasedWhileSettling = 16,
    }

    /// <summary>A job with recipients of one domain of a message.</summary>
    public DeliveryJob(QueuedMessage message, DomainQueue queue, IReadOnlyList<EnvelopeRecipient> recipients)
    {
        Message = message;
        Queue = queue;
        _known = new JobProgress(recipients);
        _rids = RidList.Of(recipients);
        message.Need();
        WantsWarning = IsWarningWanted(recipients);
    }

    /// <summary>The message.</summary>
    public QueuedMessage Message { get; }
    /// <summary>The queue of the receiving domain.</summary>
    public DomainQueue Queue { get; }
    /// <summary>The RIDs of its recipients.</summary>
    public IReadOnlyList<Rid> Rids => _rids;
    /// <summary>Oldest first: the order of the queue.</summary>
    public (Mid, Rid) Order => (Message.Mid, _rids[0]);
    /// <summary>Where it is.</summary>
    public JobPlace Place
    {
        get => (JobPlace)(_placeAndReason & 0xF);
        set => Stand(value, Reason);
    }
    /// <summary>Tells its present place in its queue from one it left; kept by <see cref="DomainQueue"/>.</summary>
    public int Ticket { get; set; }
    /// <summary>Its place among the jobs of its queue; -1: not there. Kept by <see cref="JobList"/>.</summary>
    public int QueueIndex { get; set; } = -1;
    /// <summary>Its place among those that are held for want of a host; -1: not there.</summary>
    public int WantIndex { get; set; } = -1;
    /// <summary>Its place in the <see cref="TimerHeap"/>; -1: not there.</summary>
    public int HeapIndex { get; set; } = -1;
    /// <summary>Why it waits.</summary>
    public WaitReason Reason
    {
        get => (WaitReason)(_placeAndReason >> 4);
        set => Stand(Place, value);
    }
    /// <summary>Rounds that ended without a result.</summary>
    public int Rounds
    {
        get;
        set
        {
            field = value;
            if (QueueIndex >= 0) Queue.NoteRounds(value);
        }
    }
    /// <summary>
    /// Passes since the last try in which every host was left out, or its content could not be read.
    /// </summary>
    public int EmptyPasses
    {
        get => _emptyPasses;
        set => _emptyPasses = (ushort)Math.Min(value, ushort.MaxValue);
    }
    /// <summary>When it is due, while it is held.</summary>
    public DateTimeOffset Due
    {
        get => new(_due, TimeSpan.Zero);
        set => _due = value.UtcTicks;
    }
    /// <summary>When it is looked at next: due, to warn, or at its expiry; kept by <see cref="TimerHeap"/>.</summary>
    public DateTimeOffset WakeAt
    {
        get => new(_wakeAt, TimeSpan.Zero);
        set => _wakeAt = value.UtcTicks;
    }
    /// <summary>The sender was told that it waits.</summary>
    public bool IsWarned
    {
        get => Is(Marks.Warned);
        set => Set(Marks.Warned, value);
    }
    /// <summary>The sender of some recipient wants to be told when it waits.</summary>
    public bool WantsWarning
    {
        get => Is(Marks.WantsWarning);
        private set => Set(Marks.WantsWarning, value);
    }
    /// <summary>At least one attempt has failed.</summary>
    public bool HasAttempts
    {
        get => Is(Marks.HasAttempts);
        private set => Set(Marks.HasAttempts, value);
    }
    /// <summary>It counts among those that are ready and were not at rest; kept by the queue book.</summary>
    public bool IsReadyWhole
    {
        get => Is(Marks.ReadyWhole);
        set => Set(Marks.ReadyWhole, value);
    }
    /// <summary>A host came back before its hold was durable.</summary>
    public bool ReleasedWhileSettling
    {
        get => Is(Marks.ReleasedWhileSettling);
        set => Set(Marks.ReleasedWhileSettling, value);
    }

    /// <summary>
    /// What it does not need while it waits is in the store alone: no recipients, no attempts, a new round to begin.
    /// </summary>
    public bool IsAtRest => Known is null;
    /// <summary>The recipients. Not while it is at rest.</summary>
    public IReadOnlyList<EnvelopeRecipient> Recipients => Progress.Recipients;
    /// <summary>The last attempts, oldest first. Not while it is at rest.</summary>
    public IReadOnlyList<StoredAttempt> Attempts => Progress.Attempts;
    /// <summary>The group of its queue it stands in; kept by <see cref="DomainQueue"/>.</summary>
    public string Group
    {
        get => Known?.Group ?? "";
        set
        {
            if (Known is not null) Known.Group = value;
        }
    }
    /// <summary>Set from the first final dot without a reply on. What is uncertain is never at rest.</summary>
    public StoredUncertainty? Uncertainty
    {
        get => Known?.Uncertainty;
        set => Progress.Uncertainty = value;
    }
    /// <summary>A host that must be tried first.</summary>
    public HostKey? FirstHost
    {
        get => Known?.FirstHost;
        set => Progress.FirstHost = value;
    }
    /// <summary>It was that host's turn when its name was looked up: it need not wait for it.</summary>
    public bool IsFirstByTurn
    {
        get => Known is { IsFirstByTurn: true };
        set => Progress.IsFirstByTurn = value;
    }
    /// <summary>The next connection must be a new one: a kept one turned out dead.</summary>
    public bool NeedsFresh
    {
        get => Known is { NeedsFresh: true };
        set => Progress.NeedsFresh = value;
    }
    /// <summary>The entry it is given to.</summary>
    public PlanEntry? Entry
    {
        get => Known?.Entry;
        set => Progress.Entry = value;
    }
    /// <summary>A host answered a 4xx to the mail itself in this round.</summary>
    public bool MailAnswered
    {
        get => Known is { MailAnswered: true };
        set => Progress.MailAnswered = value;
    }
    /// <summary>What hosts lacked for it in this round, one for each that was tried and lacked something.</summary>
    public IReadOnlyList<Lack> Lacks => Known?.Lacks ?? [];
    /// <summary>Hosts tried in this round.</summary>
    public IReadOnlyList<HostHealth> Tried => Known?.Tried ?? [];

    private void Stand(JobPlace place, WaitReason reason)
    {
        if (QueueIndex >= 0) Queue.Recount(Place, Reason, place, reason);
        _placeAndReason = (byte)((int)place | ((int)reason << 4));
    }

    private bool IsWarningWanted(IReadOnlyList<EnvelopeRecipient> recipients)
    {
        foreach (var recipient in recipients)
            if (DeliveryReport.IsWanted(Message.Stored!.Envelope, recipient, DsnAction.Delayed)) return true;
        return false;
    }

    private bool Is(Marks mark) => (_marks & mark) != 0;

    private void Set(Marks mark, bool value) => _marks = value ? _marks | mark : _marks & ~mark;

    private JobProgress? Known => _known as JobProgress;

    private HostHealth[] FailedHosts => Known?.FailedAt ?? (HostHealth[])_known;

    private JobProgress Progress => Known
        ?? throw new InvalidOperationException($"MID {Message.Mid} RID {_rids[0]} is at rest");

    /// <summary>The host was tried in this round.</summary>
    public bool WasTried(HostHealth host) => Known is { } progress && progress.Tried.Contains(host);

    /// <summary>It failed at this host before, in this round or an earlier one.</summary>
    public bool FailedAt(HostHealth host) => Array.IndexOf(FailedHosts, host) >= 0;

    /// <summary>Counts a host as tried in this round.</summary>
    public void MarkTried(HostHealth host)
    {
        if (!WasTried(host)) Progress.Tried.Add(host);
        if (!FailedAt(host) && FailedHosts.Length < MaxFailedHosts) Progress.FailedAt = [.. FailedHosts, host];
        EmptyPasses = 0;
        LeaveHost();
    }

    /// <summary>A host lacked what it needs.</summary>
    public void NoteLack(Lack lack) => Progress.Lacks.Add(lack);

    /// <summary>What it was to go on with at a host is over; only what is uncertain keeps its host.</summary>
    public void LeaveHost() => (FirstHost, IsFirstByTurn, NeedsFresh) = (FirstHostOfRound, false, false);

    /// <summary>Jobs with the same signature can choose the same hosts.</summary>
    public string Signature => Known is not { } p || (p.Tried.Count == 0 && p.FirstHost is null && !p.NeedsFresh)
        ? "" : $"{string.Join(',', p.Tried.Select(t => t.Id).Order())}|{p.FirstHost}|{p.IsFirstByTurn}|{p.NeedsFresh}";

    /// <summary>The host that a new round begins with; null: whose turn it is.</summary>
    public HostKey? FirstHostOfRound => Uncertainty is { } u ? new HostKey(u.Address, u.Port) : null;

    /// <summary>Begins a new round.</summary>
    public void BeginRound()
    {
        if (Known is not { } progress) return;
        progress.Tried.Clear();
        progress.Lacks.Clear();
        progress.MailAnswered = false;
        LeaveHost();
    }

    /// <summary>A job for some of the recipients, as far as this one got.</summary>
    public DeliveryJob Split(IReadOnlyList<EnvelopeRecipient> recipients)
    {
        var part = CopyTo(Queue, recipients);
        part.EmptyPasses = EmptyPasses;
        return part;
    }

    /// <summary>
    /// Some of its recipients go on by themselves, as far as this one got. It keeps the others, where it stands and its
    /// clocks. Not while it is at rest.
    /// </summary>
    /// <returns>Their job, held, which stands nowhere yet.</returns>
    public DeliveryJob Detach(IReadOnlySet<Rid> rids)
    {
        var part = Split([.. Recipients.Where(r => rids.Contains(r.Rid))]);
        (part.Place, part.Due) = (JobPlace.Held, Due);
        Queue.RemoveJob(this);
        Progress.Recipients = [.. Recipients.Where(r => !rids.Contains(r.Rid))];
        _rids = RidList.Of(Recipients);
        WantsWarning = IsWarningWanted(Recipients);
        Queue.AddJob(this);
        return part;
    }

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
            HasAttempts = HasAttempts,
        };
        part.Progress.FailedAt = Progress.FailedAt;
        part.Progress.Tried.AddRange(Progress.Tried);
        part.Progress.Lacks.AddRange(Progress.Lacks);
        part.Progress.Attempts.AddRange(Progress.Attempts);
        part.Progress.HasNews = Progress.HasNews;
        return part;
    }

    /// <summary>Goes on from a stored state, in a new round.</summary>
    public void TakeUp(RecipientState state)
    {
        (Rounds, Reason, Uncertainty) = (state.Rounds, state.Reason, state.Uncertainty);
        IsWarned = state.IsWarned;
        if (state.Attempts.Count > 0) CountAsAttempted();
        Progress.Attempts.AddRange(state.Attempts);
        BeginRound();
    }

    /// <summary>Knows again what it knew before it was put down; where it stands stays.</summary>
    /// <returns>False: the store has not all of its recipients, and it stays at rest.</returns>
    public bool TakeUp(StoredMessage stored)
    {
        var mine = stored.Recipients.Where(r => Array.IndexOf(_rids, r.Recipient.Rid) >= 0).ToList();
        if (mine.Count != _rids.Length) return false;
        var progress = new JobProgress([.. mine.Select(r => r.Recipient)]) { FailedAt = FailedHosts };
        progress.Attempts.AddRange(mine[0].State.Attempts);
        _known = progress;
        Message.TakeUp(stored);
        Message.Need();
        return true;
    }

    /// <summary>
    /// Forgets what the store can tell again, for a job that waits for a new round; nothing where the store does not
    /// have it all, or something is in doubt.
    /// </summary>
    /// <returns>It was not at rest, and is now.</returns>
    public bool PutDown()
    {
        if (Known is not { Uncertainty: null, HasNews: false } progress) return false;
        if (Place != JobPlace.Held && (Place != JobPlace.Ready || !progress.IsFresh)) return false;
        _known = Queue.Share(progress.FailedAt);
        Message.Leave();
        return true;
    }

    /// <summary>Notes an attempt; the oldest falls out.</summary>
    public void Note(StoredAttempt attempt)
    {
        CountAsAttempted();
        if (Progress.Attempts.Count == RecipientState.MaxAttempts) Progress.Attempts.RemoveAt(0);
        Progress.Attempts.Add(attempt);
        Progress.HasNews = true;
    }

    private void CountAsAttempted()
    {
        if (!HasAttempts && QueueIndex >= 0) Queue.CountAttempted(_rids.Length);
        HasAttempts = true;
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

    /// <summary>The store has the state that it has now.</summary>
    public void MarkStored()
    {
        if (Known is { } progress) progress.HasNews = false;
    }

    /// <summary>The transaction that offers it.</summary>
    public OutgoingTransaction ToTransaction(Func<IContentSource> open) => new(
        Message.Stored!.Envelope, Recipients, Message.Size, Message.Stored.HasEightBit, open);
}
