using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// All queues, which of them have something to dispatch, and the clock of every job. For the scheduler's thread only.
/// </summary>
public sealed class QueueBook
{
    private readonly Dictionary<string, DomainQueue> _queues = new(StringComparer.Ordinal);
    private readonly Queue<DomainQueue> _runnable = new();
    private readonly TimerHeap _timers = new();
    private readonly Dictionary<Mid, QueuedMessage> _messages = [];
    private QueuedMessage? _oldest;

    /// <summary>All queues.</summary>
    public IReadOnlyCollection<DomainQueue> Queues => _queues.Values;
    /// <summary>When the next job wakes; null: none.</summary>
    public DateTimeOffset? NextWake => _timers.Earliest;

    /// <summary>The queue of a mailbox's receiving domain; made, and <paramref name="isNew"/>, when missing.</summary>
    public DomainQueue QueueOf(Mailbox mailbox, out bool isNew)
    {
        var name = mailbox.ReceivingDomain;
        isNew = !_queues.TryGetValue(name, out var queue);
        if (queue is null) _queues[name] = queue = new DomainQueue(name, mailbox.Domain, mailbox.Literal);
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
        MakeRunnable(job.Queue);
    }

    /// <summary>The job waits until it is due, and is looked at no later than then.</summary>
    public void Hold(DeliveryJob job, DateTimeOffset due, DateTimeOffset wakeAt)
    {
        job.Place = JobPlace.Held;
        job.Due = due;
        _timers.Set(job, wakeAt);
    }

    /// <summary>A job that waits is looked at at another time than it was to be.</summary>
    public void Rearm(DeliveryJob job, DateTimeOffset wakeAt) => _timers.Set(job, wakeAt);

    /// <summary>Takes a ready or held job for another place; it no longer wakes by itself.</summary>
    public void Take(DeliveryJob job, JobPlace place)
    {
        if (job.Place == JobPlace.Ready) job.Queue.Take(job);
        job.Place = place;
        _timers.Remove(job);
    }

    /// <summary>Takes everything ready in a queue for another place, in no order; none of it wakes by itself.</summary>
    public List<DeliveryJob> TakeAllReady(DomainQueue queue, JobPlace place)
    {
        var jobs = queue.TakeReady();
        foreach (var job in jobs)
        {
            job.Place = place;
            _timers.Remove(job);
        }
        return jobs;
    }

    /// <summary>The next job whose time has come; it has left the clock.</summary>
    public DeliveryJob? TakeDue(DateTimeOffset now) => _timers.TakeDue(now);

    /// <summary>How many messages.</summary>
    public int Messages => _messages.Count;

    /// <summary>The oldest message, by its MID; null: there is none.</summary>
    public QueuedMessage? Oldest
    {
        get
        {
            // MIDs grow, so that the oldest stays the oldest until it leaves.
            if (_oldest is null || !_messages.ContainsKey(_oldest.Mid)) _oldest = _messages.Values.MinBy(m => m.Mid);
            return _oldest;
        }
    }

    /// <summary>The message of a MID; null: it is not in the queue.</summary>
    public QueuedMessage? Find(Mid mid) => _messages.GetValueOrDefault(mid);

    /// <summary>A queue by its name; null: it holds nothing.</summary>
    public DomainQueue? Find(string receivingDomain) => _queues.GetValueOrDefault(receivingDomain);

    /// <summary>The jobs that a selection covers, found by its message or its domain where it names one.</summary>
    public IEnumerable<DeliveryJob> Select(MailSelection selection)
    {
        IEnumerable<DeliveryJob> jobs =
            selection.Mid is { } mid ? Find(mid)?.Jobs ?? []
            : selection.ReceivingDomain is { } domain ? Find(domain)?.All ?? []
            : _queues.Values.SelectMany(q => q.All);
        return jobs.Where(selection.Covers);
    }

    /// <summary>A message came to be; it is found by its MID while it has jobs.</summary>
    public void Add(QueuedMessage message) => _messages[message.Mid] = message;

    /// <summary>A job came to be.</summary>
    public static void Count(DeliveryJob job)
    {
        job.Queue.AddJob(job);
        job.Message.Jobs.Add(job);
    }

    /// <summary>No recipient is left in the job.</summary>
    public void Forget(DeliveryJob job)
    {
        if (job.Place == JobPlace.Done) return;
        job.Place = JobPlace.Done;
        _timers.Remove(job);
        job.Queue.RemoveWanting(job);
        job.Queue.RemoveJob(job);
        job.Message.Jobs.Remove(job);
        if (job.Message.Jobs.Count == 0) _messages.Remove(job.Message.Mid);
        RemoveIfEmpty(job.Queue);
    }

    /// <summary>A queue without jobs goes, unless its recipient window is still counted.</summary>
    public void RemoveIfEmpty(DomainQueue queue)
    {
        if (queue.Jobs > 0 || queue.Active > 0 || queue.WindowRecipients > 0) return;
        if (!_queues.TryGetValue(queue.Name, out var present) || !ReferenceEquals(present, queue)) return;
        _queues.Remove(queue.Name);
        Removed(queue);
    }

    /// <summary>Called when a queue goes.</summary>
    public Action<DomainQueue> Removed { get; set; } = static _ => { };
}
