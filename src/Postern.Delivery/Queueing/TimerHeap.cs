namespace Postern.Delivery.Queueing;

/// <summary>
/// Jobs by the time at which they wake, each at most once, so that what is due is found without touching the rest and a
/// job that is done leaves nothing behind. A binary heap that knows each job's place. For one thread.
/// </summary>
public sealed class TimerHeap
{
    private readonly List<DeliveryJob> _heap = [];

    /// <summary>How many jobs.</summary>
    public int Count => _heap.Count;

    /// <summary>The earliest time; null: none.</summary>
    public DateTimeOffset? Earliest => _heap.Count == 0 ? null : _heap[0].WakeAt;

    /// <summary>Adds a job, or moves it to a new time.</summary>
    public void Set(DeliveryJob job, DateTimeOffset wakeAt)
    {
        job.WakeAt = wakeAt;
        if (job.HeapIndex < 0)
        {
            job.HeapIndex = _heap.Count;
            _heap.Add(job);
        }
        Up(job.HeapIndex);
        Down(job.HeapIndex);
    }

    /// <summary>Removes a job; nothing when it is not there.</summary>
    public void Remove(DeliveryJob job)
    {
        var index = job.HeapIndex;
        if (index < 0) return;
        job.HeapIndex = -1;
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (ReferenceEquals(last, job)) return;
        _heap[index] = last;
        last.HeapIndex = index;
        Up(index);
        Down(last.HeapIndex);
    }

    /// <summary>Takes the earliest job when its time has come.</summary>
    public DeliveryJob? TakeDue(DateTimeOffset now)
    {
        if (_heap.Count == 0 || _heap[0].WakeAt > now) return null;
        var job = _heap[0];
        Remove(job);
        return job;
    }

    private void Up(int index)
    {
        var job = _heap[index];
        while (index > 0)
        {
            var parent = (index - 1) / 2;
            if (_heap[parent].WakeAt <= job.WakeAt) break;
            Place(_heap[parent], index);
            index = parent;
        }
        Place(job, index);
    }

    private void Down(int index)
    {
        var job = _heap[index];
        while (true)
        {
            var child = (index * 2) + 1;
            if (child >= _heap.Count) break;
            if (child + 1 < _heap.Count && _heap[child + 1].WakeAt < _heap[child].WakeAt) child++;
            if (_heap[child].WakeAt >= job.WakeAt) break;
            Place(_heap[child], index);
            index = child;
        }
        Place(job, index);
    }

    private void Place(DeliveryJob job, int index)
    {
        _heap[index] = job;
        job.HeapIndex = index;
    }
}
