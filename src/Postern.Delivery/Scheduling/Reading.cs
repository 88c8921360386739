using Postern.Delivery.Queueing;

namespace Postern.Delivery.Scheduling;

/// <summary>Takes up jobs that are at rest, from the store. For the scheduler's thread only.</summary>
public sealed class Reading(QueueBook queues, IDeliveryActions actions, TimeProvider time)
{
    /// <summary>How long a job is left alone that the store could not tell of.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    /// <summary>The job is not at rest now.</summary>
    /// <returns>False: the store cannot tell of it.</returns>
    public bool TakeUp(DeliveryJob job) =>
        !job.IsAtRest || (actions.Read(job.Message.Mid) is { } stored && job.TakeUp(stored));

    /// <summary>
    /// The job is not at rest now, or it is looked at again in a minute, whatever it waits for: doubt is temporary.
    /// </summary>
    /// <returns>False: it waits for that.</returns>
    public bool TakeUpOrWait(DeliveryJob job)
    {
        if (TakeUp(job)) return true;
        var again = time.GetUtcNow() + Again;
        if (job.Place == JobPlace.Held)
        {
            queues.Rearm(job, again);
            return false;
        }
        if (job.Place == JobPlace.Ready) queues.Take(job, JobPlace.Held);
        queues.Hold(job, again, again);
        return false;
    }
}
