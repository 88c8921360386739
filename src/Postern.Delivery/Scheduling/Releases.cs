using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Releases what queues hold for want of a host, oldest first, a part at a time: a million recipients that want one
/// host hold up nobody else when it is back. For the scheduler's thread only.
/// </summary>
public sealed class Releases(QueueBook queues, Rounds rounds, HostTable hosts)
{
    /// <summary>Jobs and queues of a part.</summary>
    public const int AtOnce = 1000;

    // Behind which message the release of a queue that holds more than a part goes on.
    private readonly Dictionary<DomainQueue, Mid> _progress = [];
    private readonly Queue<DomainQueue> _waiting = new();

    /// <summary>Something is to be released that was not yet.</summary>
    public bool HasMore => _waiting.Count > 0;

    /// <summary>What a queue holds for want of a host may go on, from its oldest on.</summary>
    public void Add(DomainQueue queue)
    {
        if (!_progress.ContainsKey(queue)) _waiting.Enqueue(queue);
        _progress[queue] = default;
    }

    /// <summary>Releases a part.</summary>
    public void Run()
    {
        for (var left = AtOnce; left > 0 && _waiting.TryPeek(out var queue); left--)
        {
            if (queue.WantingCount > left)
            {
                if (!RunPart(queue, left)) return;
            }
            else
            {
                left -= queue.WantingCount;
                foreach (var job in queue.TakeWanting().OrderBy(job => job.Order)) rounds.Release(job);
            }
            _waiting.Dequeue();
            _progress.Remove(queue);
            // What has failed at its hosts once more meanwhile wants them again.
            hosts.Unwant(queue);
            if (queue.WantingCount > 0) hosts.Want(queue);
        }
    }

    // To find the oldest of many, all messages are walked through, which are in their order.
    private bool RunPart(DomainQueue queue, int most)
    {
        var selection = new QueueSelection { Host = queue.Name };
        var slice = queues.Walk(selection, _progress[queue], QueueOperations.Looked, most);
        foreach (var job in slice.Jobs)
            if (ReferenceEquals(job.Queue, queue) && queue.IsWanting(job)) rounds.Release(job);
        if (slice.Next is not { } next) return true;
        _progress[queue] = next;
        return false;
    }
}
