using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// All queues, which of them have something to dispatch, and the clock of every job. For the scheduler's thread only.
/// </summary>
public sealed class QueueBook
{
    // Queues with so few jobs are searched themselves, in place of all messages.
    private const int FewJobs = 2000;
    // Some megabytes: whatever the number of queues, what is ready does not fill the memory.
    private const int MostReadyWhole = 3000;

    private readonly Dictionary<(string Name, string? Redirect), DomainQueue> _queues = [];
    // The same in a row, so that to look at all of them, or to copy them, is one pass through memory.
    private readonly List<DomainQueue> _places = [];
    // Mail that was redirected waits in queues of its own; those of a receiving domain are found by its name.
    private readonly Dictionary<string, List<DomainQueue>> _redirected = new(StringComparer.Ordinal);
    private readonly Queue<DomainQueue> _runnable = new();
    private readonly TimerHeap _timers = new();
    private readonly MessageBook _messages = new();
    private int _readyWhole;

    /// <summary>The plans that mail of the queues waits for.</summary>
    public WaitingPlans Waiting { get; } = new();
    /// <summary>Recipients whose jobs came to rest, since the start.</summary>
    public long Rested { get; private set; }
    /// <summary>All queues.</summary>
    public IReadOnlyList<DomainQueue> Queues => _places;
    /// <summary>When the next job wakes; null: none.</summary>
    public DateTimeOffset? NextWake => _timers.Earliest;

    /// <summary>Messages that the store could not tell of, and how often it was asked since it last could.</summary>
    public Dictionary<Mid, int> Unreadable { get; } = [];

    /// <summary>Messages whose content could not be read when a host was to get it.</summary>
    public HashSet<Mid> WithoutContent { get; } = [];

    /// <summary>The queue of a mailbox's receiving domain; made, and <paramref name="isNew"/>, when missing.</summary>
    public DomainQueue QueueOf(Mailbox mailbox, string? redirect, out bool isNew)
    {
        var key = (mailbox.ReceivingDomain, redirect);
        isNew = !_queues.TryGetValue(key, out var queue);
        if (queue is not null) return queue;
        _queues[key] = queue =
            new DomainQueue(key.ReceivingDomain, mailbox.Domain, mailbox.Literal, redirect, Waiting)
            {
                BookPlace = _places.Count,
            };
        _places.Add(queue);
        if (redirect is not null)
        {
            if (!_redirected.TryGetValue(queue.Name, out var others)) _redirected[queue.Name] = others = [];
            others.Add(queue);
        }
        return queue;
    }

    /// <summary>Puts the queue in line to be dispatched.</summary>
    public void MakeRunnable(DomainQueue queue)
    {
        if (queue.IsRunnable || !queue.HasReady) return;
        queue.IsRunnable = true;
        _runnable.Enqueue(queue);
    }

    /// <summary>The next queue to dispatch; null: none.</summary>
    public DomainQueue? NextRunnable()
    {
        if (!_runnable.TryDequeue(out var queue)) return null;
        queue.IsRunnable = false;
        return queue;
    }

    /// <summary>The job can be given to a host; it is still looked at when its time in the queue says so.</summary>
    public void MakeReady(DeliveryJob job, DateTimeOffset wakeAt)
    {
        _timers.Set(job, wakeAt);
        job.Queue.AddReady(job);
        if (job.Queue.HasBacklog || _readyWhole >= MostReadyWhole) Rest(job);
        if (!job.IsAtRest)
        {
            job.IsReadyWhole = true;
            _readyWhole++;
        }
        MakeRunnable(job.Queue);
    }

    private void LeaveReady(DeliveryJob job)
    {
        if (!job.IsReadyWhole) return;
        job.IsReadyWhole = false;
        _readyWhole--;
    }

    /// <summary>The job waits until it is due, and is looked at no later than then; it is at rest.</summary>
    public void Hold(DeliveryJob job, DateTimeOffset due, DateTimeOffset wakeAt)
    {
        job.Place = JobPlace.Held;
        job.Due = due;
        _timers.Set(job, wakeAt);
        Rest(job);
    }

    /// <summary>The job is at rest now if it may be.</summary>
    public void Rest(DeliveryJob job)
    {
        if (job.PutDown()) Rested += job.Rids.Count;
    }

    /// <summary>A job that waits is looked at at another time than it was to be.</summary>
    public void Rearm(DeliveryJob job, DateTimeOffset wakeAt) => _timers.Set(job, wakeAt);

    /// <summary>Takes a ready or held job for another place; it no longer wakes by itself.</summary>
    public void Take(DeliveryJob job, JobPlace place)
    {
        if (job.Place == JobPlace.Ready) job.Queue.Take(job);
        LeaveReady(job);
        job.Place = place;
        _timers.Remove(job);
    }

    /// <summary>Takes everything ready in a queue for another place, in no order; none of it wakes by itself.</summary>
    public List<DeliveryJob> TakeAllReady(DomainQueue queue, JobPlace place)
    {
        var jobs = queue.TakeReady();
        foreach (var job in jobs)
        {
            LeaveReady(job);
            job.Place = place;
            _timers.Remove(job);
        }
        return jobs;
    }

    /// <summary>The next job whose time has come; it has left the clock.</summary>
    public DeliveryJob? TakeDue(DateTimeOffset now) => _timers.TakeDue(now);

    /// <summary>The oldest message, by its MID; null: there is none.</summary>
    public QueuedMessage? Oldest => _messages.After(default).FirstOrDefault();

    /// <summary>The message with the highest MID; null: there is none.</summary>
    public QueuedMessage? Newest => _messages.Newest;

    /// <summary>The message of a MID; null: it is not in the queue.</summary>
    public QueuedMessage? Find(Mid mid) => _messages.Find(mid);

    /// <summary>The queue of a receiving domain whose mail goes by its route; null: it holds nothing.</summary>
    public DomainQueue? Find(string receivingDomain) => _queues.GetValueOrDefault((receivingDomain, null));

    /// <summary>All queues of a receiving domain: first that of its route, then those of redirected mail.</summary>
    public IReadOnlyList<DomainQueue> AllOf(string receivingDomain) =>
    [
        .. Find(receivingDomain) is { } queue ? [queue] : Array.Empty<DomainQueue>(),
        .. _redirected.GetValueOrDefault(receivingDomain) ?? [],
    ];

    /// <summary>Messages in the queue.</summary>
    public int Messages => _messages.Count;

    /// <summary>
    /// The jobs that may be meant, by what they know at rest, of the messages behind <paramref name="after"/>. Looks at
    /// no more than <paramref name="looked"/> jobs, so that mail does not wait for a walk, and ends with the message
    /// that makes it so many, or <paramref name="most"/> that were found.
    /// </summary>
    public QueueSlice Walk(QueueSelection selection, Mid after, int looked, int most)
    {
        var found = new List<DeliveryJob>();
        if (selection.Mid is { } mid)
        {
            if (mid.Value > after.Value && Find(mid) is { } one) AddJobs(one, selection, found);
            return new(found, null);
        }
        var blocks = Few(selection) is { } few
            ? [new(few.Where(m => m.Mid.Value > after.Value && _messages.MayHaveSender(m.Mid, selection)), 0, default)]
            : _messages.Blocks(after, selection);
        foreach (var (messages, cost, last) in blocks)
        {
            foreach (var message in messages)
            {
                AddJobs(message, selection, found);
                if ((looked -= message.JobCount) <= 0 || found.Count >= most) return new(found, message.Mid);
            }
            if (cost > 0 && (looked -= cost) <= 0) return new(found, last);
        }
        return new(found, null);
    }

    // Messages that were chosen, and those of domains that have few, are found without a look at all others.
    private IEnumerable<QueuedMessage>? Few(QueueSelection selection)
    {
        if (selection.Among is { } among) return among.Select(Find).OfType<QueuedMessage>();
        if (selection.Chosen is { } chosen)
            return chosen.Select(c => c.Mid).Distinct().OrderBy(m => m.Value).Select(Find).OfType<QueuedMessage>();
        if (selection is { Host: null, Reason: null, MinRounds: <= 0, MinSize: <= 0 }) return null;
        var (queues, jobs) = (new List<DomainQueue>(), 0);
        foreach (var queue in selection.Host is { } host ? AllOf(host) : Queues)
        {
            if (!queue.MayHave(selection)) continue;
            if ((jobs += queue.Jobs) > FewJobs) return null;
            queues.Add(queue);
        }
        return queues.SelectMany(q => q.All).Select(j => j.Message).Distinct().OrderBy(m => m.Mid.Value).ToList();
    }

    private static void AddJobs(QueuedMessage message, QueueSelection selection, List<DeliveryJob> found)
    {
        var first = found.Count;
        for (var i = 0; i < message.JobCount; i++)
            if (message.JobAt(i) is var job && selection.MayInclude(job)) found.Add(job);
        if (found.Count > first + 1)
            found.Sort(first, found.Count - first, Comparer<DeliveryJob>.Create((a, b) => a.Order.CompareTo(b.Order)));
    }

    /// <summary>A message came to be; it is found by its MID while it has jobs.</summary>
    public void Add(QueuedMessage message) => _messages.Add(message);

    /// <summary>A job came to be.</summary>
    public static void Count(DeliveryJob job)
    {
        job.Queue.AddJob(job);
        job.Message.Add(job);
    }

    /// <summary>No recipient is left in the job.</summary>
    public void Forget(DeliveryJob job)
    {
        if (job.Place == JobPlace.Done) return;
        job.Place = JobPlace.Done;
        LeaveReady(job);
        _timers.Remove(job);
        job.Queue.RemoveWanting(job);
        job.Queue.RemoveJob(job);
        job.Message.Remove(job);
        if (!job.IsAtRest) job.Message.Leave();
        if (job.Message.JobCount == 0)
        {
            _messages.Remove(job.Message.Mid);
            Unreadable.Remove(job.Message.Mid);
            WithoutContent.Remove(job.Message.Mid);
        }
        RemoveIfEmpty(job.Queue);
    }

    /// <summary>A queue without jobs goes, unless its recipient window is still counted.</summary>
    public void RemoveIfEmpty(DomainQueue queue)
    {
        if (queue.Jobs > 0 || queue.Active > 0 || queue.WindowRecipients > 0) return;
        if (!_queues.TryGetValue(queue.Key, out var present) || !ReferenceEquals(present, queue)) return;
        _queues.Remove(queue.Key);
        // The last one takes its place.
        var last = _places[^1];
        _places[queue.BookPlace] = last;
        last.BookPlace = queue.BookPlace;
        _places.RemoveAt(_places.Count - 1);
        if (queue.Redirect is not null && _redirected.GetValueOrDefault(queue.Name) is { } others)
        {
            others.Remove(queue);
            if (others.Count == 0) _redirected.Remove(queue.Name);
        }
        Removed(queue);
    }

    /// <summary>Called when a queue goes.</summary>
    public Action<DomainQueue> Removed { get; set; } = static _ => { };
}
