namespace Postern.Delivery.Queueing;

/// <summary>
/// Jobs in no order, each of which knows its place, so that one leaves in a step and the list costs a pointer a job.
/// For one thread.
/// </summary>
/// <param name="place">Where a job keeps its place in this list; -1: it is not in it.</param>
public sealed class JobList(JobList.PlaceOf place)
{
    private readonly List<DeliveryJob> _jobs = [];

    /// <summary>Reads the place of a job, and sets it where one is given.</summary>
    public delegate int PlaceOf(DeliveryJob job, int? to);

    /// <summary>The jobs. Not to be read on while the list changes.</summary>
    public IReadOnlyCollection<DeliveryJob> All => _jobs;

    /// <summary>Adds a job.</summary>
    /// <returns>False: it was there.</returns>
    public bool Add(DeliveryJob job)
    {
        if (place(job, null) >= 0) return false;
        place(job, _jobs.Count);
        _jobs.Add(job);
        return true;
    }

    /// <summary>Removes a job.</summary>
    /// <returns>False: it was not there.</returns>
    public bool Remove(DeliveryJob job)
    {
        var index = place(job, null);
        if (index < 0) return false;
        var last = _jobs[^1];
        _jobs[index] = last;
        place(last, index);
        place(job, -1);
        _jobs.RemoveAt(_jobs.Count - 1);
        if (_jobs.Capacity > 16 && _jobs.Count < _jobs.Capacity / 4) _jobs.Capacity /= 2;
        return true;
    }

    /// <summary>Takes all out.</summary>
    public List<DeliveryJob> TakeAll()
    {
        var all = _jobs.ToList();
        foreach (var job in all) place(job, -1);
        _jobs.Clear();
        _jobs.Capacity = 0;
        return all;
    }
}
