using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;

namespace Postern.Delivery.Scheduling;

/// <summary>The connections to one host and the queues that wait for one. For the scheduler's thread only.</summary>
public sealed class HostConnections(HostHealth host)
{
    private readonly Queue<DomainQueue> _waiters = new();
    private readonly HashSet<DomainQueue> _waiting = [];

    /// <summary>The host.</summary>
    public HostHealth Host { get; } = host;
    /// <summary>All that have not ended.</summary>
    public List<DeliveryConnection> All { get; } = [];
    /// <summary>Those without a message; the one that was used last stands last.</summary>
    public List<DeliveryConnection> Idle { get; } = [];
    /// <summary>Those that end: without a use, but the host counts them until they are closed.</summary>
    public HashSet<DeliveryConnection> Ending { get; } = [];
    /// <summary>Nothing is known of the host that would have to be kept.</summary>
    public bool IsForgotten => All.Count == 0 && Ending.Count == 0 && Waiters == 0 && !Host.Silent;
    /// <summary>Those that wait for TCP, banner or EHLO.</summary>
    public int Opening { get; set; }
    /// <summary>When the last one was begun; <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastBegun { get; set; }
    /// <summary>
    /// The host refused the last one that was opened, or ended one by itself: further ones go one at a time, until it
    /// takes one.
    /// </summary>
    public bool IsWary { get; set; }
    /// <summary>The last reply on a connection that has ended; <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long LastReply { get; set; }
    /// <summary>How many of them may still be woken by the last change.</summary>
    public int Wakes { get; set; }
    /// <summary>The host is left out: those that wait for it are woken whether or not it has room.</summary>
    public bool TurnsAway { get; set; }
    /// <summary>Queues that wait.</summary>
    public int Waiters => _waiters.Count;

    /// <summary>A queue waits for room, once.</summary>
    public void Wait(DomainQueue queue)
    {
        if (_waiting.Add(queue)) _waiters.Enqueue(queue);
    }

    /// <summary>The queue that waits longest.</summary>
    public DomainQueue? NextWaiter()
    {
        if (!_waiters.TryDequeue(out var queue)) return null;
        _waiting.Remove(queue);
        return queue;
    }
}
