namespace Postern.Delivery.Queueing;

/// <summary>
/// The jobs of a queue in no order, those that want a host in front of the others. Each knows its place, so that one
/// leaves in a step and the list costs a pointer a job. For one thread.
/// </summary>
public sealed class JobList
{
    private readonly List<DeliveryJob> _jobs = [];

    /// <summary>The jobs. Not to be read on while the list changes.</summary>
    public IReadOnlyCollection<DeliveryJob> All => _jobs;

    /// <summary>How many of them want a host.</summary>
    public int WantingCount { get; private set; }

    /// <summary>These. Not to be read on while the list changes.</summary>
    public IEnumerable<DeliveryJob> Wanting => _jobs.Take(WantingCount);

    /// <summary>Adds a job, which wants no host yet.</summary>
    /// <returns>False: it was there.</returns>
    public bool Add(DeliveryJob job)
    {
        if (job.QueueIndex >= 0) return false;
        job.QueueIndex = _jobs.Count;
        _jobs.Add(job);
        return true;
    }

    /// <summary>Removes a job.</summary>
    /// <returns>False: it was not there.</returns>
    public bool Remove(DeliveryJob job)
    {
        if (job.QueueIndex < 0) return false;
        Unwant(job);
        Place(_jobs[^1], job.QueueIndex);
        job.QueueIndex = -1;
        _jobs.RemoveAt(_jobs.Count - 1);
        if (_jobs.Capacity > 16 && _jobs.Count < _jobs.Capacity / 4) _jobs.Capacity /= 2;
        return true;
    }

    /// <summary>The job is there and wants a host.</summary>
    public bool IsWanting(DeliveryJob job) => job.QueueIndex >= 0 && job.QueueIndex < WantingCount;

    /// <summary>The job wants a host, if it is there.</summary>
    public void Want(DeliveryJob job)
    {
        if (job.QueueIndex >= WantingCount) Swap(job, WantingCount++);
    }

    /// <summary>The job wants none any more.</summary>
    public void Unwant(DeliveryJob job)
    {
        if (IsWanting(job)) Swap(job, --WantingCount);
    }

    /// <summary>Those that want a host, none of which does any more.</summary>
    public List<DeliveryJob> TakeWanting()
    {
        var wanting = _jobs.GetRange(0, WantingCount);
        WantingCount = 0;
        return wanting;
    }

    private void Swap(DeliveryJob job, int index)
    {
        Place(_jobs[index], job.QueueIndex);
        Place(job, index);
    }

    private void Place(DeliveryJob job, int index)
    {
        _jobs[index] = job;
        job.QueueIndex = index;
    }
}
