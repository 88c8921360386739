using System.Net;
using Postern.Delivery.Deciding;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Queueing;

/// <summary>
/// The queue of one receiving domain: what can be given to a host now, oldest first, in groups that can choose the same
/// hosts, and what is held. For the scheduler's thread only.
/// </summary>
public sealed class DomainQueue(string name, Domain? domain, IPAddress? literal, string? redirect = null,
    WaitingPlans? waiting = null)
{
    /// <summary>Ready jobs that are no more than a moment's work, and stay in memory whole.</summary>
    private const int Backlog = 1000;

    private readonly Dictionary<string, PriorityQueue<Place, (Mid, Rid)>> _groups = new(StringComparer.Ordinal);
    private readonly JobList _jobs = new();
    // Held jobs by reason.
    private readonly int[] _held = new int[Enum.GetValues<WaitReason>().Length];
    private HostHealth[] _failedAt = [];
    // Above all that its jobs have had while it has any: what is at least so much is not here.
    private int _mostRounds;
    private long _largest;
    private RoutePlan _plan = new() { State = PlanState.None };
    private Action<DomainQueue>? _renewPlan;

    // A job may leave from the middle of its group; the ticket tells its present place from one that it left behind.
    private readonly record struct Place(DeliveryJob Job, ushort Ticket)
    {
        public bool IsHeld => Job.Place == JobPlace.Ready && Job.Ticket == Ticket;
    }

    /// <summary>The receiving domain: A-labels, or an address in brackets.</summary>
    public string Name { get; } = name;
    /// <summary>The domain; null for an address literal.</summary>
    public Domain? Domain { get; } = domain;
    /// <summary>The address of an address literal.</summary>
    public IPAddress? Literal { get; } = literal;
    /// <summary>
    /// The destination hosts that an operator sends its mail to in place of the domain's route; null: none.
    /// </summary>
    public string? Redirect { get; } = redirect;
    /// <summary>What tells it from all other queues.</summary>
    public (string Name, string? Redirect) Key => (Name, Redirect);
    /// <summary>Where its mail goes; when the routes have changed, by those of now.</summary>
    public RoutePlan Plan
    {
        get
        {
            RenewPlan();
            return _plan;
        }
        set
        {
            waiting?.Add(_plan, this, -Recipients);
            _plan = value;
            waiting?.Add(_plan, this, Recipients);
        }
    }
    /// <summary>Where it stands among all queues; kept by <see cref="Scheduling.QueueBook"/>.</summary>
    public int BookPlace { get; set; }
    /// <summary>Jobs on a connection.</summary>
    public int Active { get; set; }
    /// <summary>Jobs of every place but <see cref="JobPlace.Done"/>: 0 means that the queue can go.</summary>
    public int Jobs => _jobs.All.Count;
    /// <summary>The recipients of these.</summary>
    public int Recipients { get; private set; }
    /// <summary>Of these recipients: at least one attempt has failed.</summary>
    public int AttemptedRecipients { get; private set; }
    /// <summary>All of these, in no order.</summary>
    public IReadOnlyCollection<DeliveryJob> All => _jobs.All;
    /// <summary>It stands in the list of queues to dispatch.</summary>
    public bool IsRunnable { get; set; }
    /// <summary>Recipients given to hosts in the present window of its destination control.</summary>
    public int WindowRecipients { get; set; }
    /// <summary>When that window ends.</summary>
    public DateTimeOffset WindowEnds { get; set; }
    /// <summary>Held for want of a host.</summary>
    public IEnumerable<DeliveryJob> Wanting => _jobs.Wanting;
    /// <summary>How many these are.</summary>
    public int WantingCount => _jobs.WantingCount;
    /// <summary>Hosts whose return releases what is held for want of one.</summary>
    public HashSet<HostHealth> WantedHosts { get; } = [];
    /// <summary>Something is ready.</summary>
    public bool HasReady => _groups.Count > 0;
    /// <summary>So many jobs are ready that what comes behind them can be read from the store by then.</summary>
    public bool HasBacklog => _groups.TryGetValue("", out var group) && group.Count > Backlog;

    /// <summary>The routes have changed: before somebody looks at the plan, it is to be renewed.</summary>
    public void ExpirePlan(Action<DomainQueue> renew) => _renewPlan = renew;

    /// <summary>Renews the plan, once, if the routes have changed.</summary>
    public void RenewPlan()
    {
        if (_renewPlan is not { } renew) return;
        _renewPlan = null;
        renew(this);
    }

    /// <summary>Some of its jobs may be meant, as far as their reasons, rounds and sizes tell.</summary>
    public bool MayHave(QueueSelection selection) =>
        (selection.Reason is not { } reason || _held[(int)reason] > 0)
        && _mostRounds >= selection.MinRounds && _largest >= selection.MinSize;

    /// <summary>A job of it stands elsewhere, or waits for something else.</summary>
    public void Recount(JobPlace oldPlace, WaitReason oldReason, JobPlace newPlace, WaitReason newReason)
    {
        if (oldPlace == JobPlace.Held) _held[(int)oldReason]--;
        if (newPlace == JobPlace.Held) _held[(int)newReason]++;
    }

    /// <summary>A job of it has had so many rounds.</summary>
    public void NoteRounds(int rounds) => _mostRounds = Math.Max(_mostRounds, rounds);

    /// <summary>A job came to be.</summary>
    public void AddJob(DeliveryJob job)
    {
        if (!_jobs.Add(job)) return;
        if (job.Place == JobPlace.Held) _held[(int)job.Reason]++;
        NoteRounds(job.Rounds);
        _largest = Math.Max(_largest, job.Message.Size);
        Recipients += job.Rids.Count;
        waiting?.Add(_plan, this, job.Rids.Count);
        if (job.HasAttempts) AttemptedRecipients += job.Rids.Count;
    }

    /// <summary>No recipient is left in a job.</summary>
    public void RemoveJob(DeliveryJob job)
    {
        if (!_jobs.Remove(job)) return;
        if (job.Place == JobPlace.Held) _held[(int)job.Reason]--;
        if (_jobs.All.Count == 0) (_mostRounds, _largest) = (0, 0);
        Recipients -= job.Rids.Count;
        waiting?.Add(_plan, this, -job.Rids.Count);
        if (job.HasAttempts) AttemptedRecipients -= job.Rids.Count;
    }

    /// <summary>
    /// The hosts that a job has failed at, as one array for the jobs that have failed at the same ones: in an outage
    /// that is most of them.
    /// </summary>
    public HostHealth[] Share(HostHealth[] failedAt) =>
        failedAt.AsSpan().SequenceEqual(_failedAt) ? _failedAt : _failedAt = failedAt;

    /// <summary>The first attempt of a job with so many recipients has failed.</summary>
    public void CountAttempted(int recipients) => AttemptedRecipients += recipients;

    /// <summary>Puts a job where it can be given to a host.</summary>
    public void AddReady(DeliveryJob job)
    {
        job.Place = JobPlace.Ready;
        _jobs.Unwant(job);
        job.Ticket++;
        job.Group = job.Signature;
        if (!_groups.TryGetValue(job.Group, out var group)) _groups[job.Group] = group = new();
        group.Enqueue(new(job, job.Ticket), job.Order);
    }

    /// <summary>Holds a job for want of a host.</summary>
    public void AddWanting(DeliveryJob job) => _jobs.Want(job);

    /// <summary>It is held for want of a host.</summary>
    public bool IsWanting(DeliveryJob job) => _jobs.IsWanting(job);

    /// <summary>It is no longer held for want of a host.</summary>
    public void RemoveWanting(DeliveryJob job) => _jobs.Unwant(job);

    /// <summary>Everything held for want of a host.</summary>
    public List<DeliveryJob> TakeWanting() => _jobs.TakeWanting();

    /// <summary>The oldest job of each group into <paramref name="heads"/>, oldest first.</summary>
    public void ReadHeads(List<DeliveryJob> heads)
    {
        heads.Clear();
        List<string>? empty = null;
        foreach (var (signature, group) in _groups)
        {
            while (group.TryPeek(out var head, out _) && !head.IsHeld) group.Dequeue();
            if (group.TryPeek(out var oldest, out _)) heads.Add(oldest.Job);
            else (empty ??= []).Add(signature);
        }
        if (empty is not null)
            foreach (var signature in empty) _groups.Remove(signature);
        if (heads.Count > 1) heads.Sort(static (a, b) => a.Order.CompareTo(b.Order));
    }

    /// <summary>Takes a ready job from wherever it stands; the caller gives it its next place.</summary>
    public void Take(DeliveryJob job)
    {
        job.Ticket++;
        var group = _groups[job.Group];
        if (group.TryPeek(out var head, out _) && ReferenceEquals(head.Job, job)) group.Dequeue();
        if (group.Count == 0) _groups.Remove(job.Group);
    }

    /// <summary>Takes everything ready, in no order.</summary>
    public List<DeliveryJob> TakeReady()
    {
        var all = Ready.ToList();
        _groups.Clear();
        return all;
    }

    /// <summary>
    /// The oldest ready job that can choose what <paramref name="like"/> can and has not failed at a host, looking at
    /// no more than <paramref name="bound"/> jobs; null: none.
    /// </summary>
    public DeliveryJob? ReadyWithoutFailureAt(HostHealth host, DeliveryJob like, int bound) =>
        _groups.TryGetValue(like.Group, out var group)
            ? group.UnorderedItems.Take(bound).Where(i => i.Element.IsHeld && !i.Element.Job.FailedAt(host))
                .Select(i => i.Element.Job).MinBy(j => j.Order)
            : null;

    private IEnumerable<DeliveryJob> Ready => _groups.Values
        .SelectMany(g => g.UnorderedItems).Where(i => i.Element.IsHeld).Select(i => i.Element.Job);
}
