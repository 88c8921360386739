using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Mail;
using Postern.Spool;

namespace Postern.Delivery.Scheduling;

/// <summary>Takes up jobs that are at rest, from the store. For the scheduler's thread only.</summary>
public sealed class Reading(QueueBook queues, IDeliveryActions actions, TimeProvider time)
{
    /// <summary>How long a job is left alone first that the store could not tell of.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromMinutes(1);
    /// <summary>How long at most, once the store has failed to tell of it several times.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Recipients read since the start: what the scheduler has waited for.</summary>
    public long Reads { get; private set; }

    /// <summary>The job is not at rest now.</summary>
    /// <returns>False: the store cannot tell of it.</returns>
    public bool TakeUp(DeliveryJob job) =>
        !job.IsAtRest || (Read(job.Message, job.Rids) is { } stored && job.TakeUp(stored));

    /// <summary>Those of the jobs of a message that are not at rest now, by one read of the message.</summary>
    public IEnumerable<DeliveryJob> TakeUp(QueuedMessage message, IReadOnlyCollection<DeliveryJob> jobs)
    {
        var rids = jobs.Where(j => j.IsAtRest).SelectMany(j => j.Rids).ToList();
        var stored = rids.Count == 0 ? null : Read(message, rids);
        return jobs.Where(j => !j.IsAtRest || (stored is not null && j.TakeUp(stored)));
    }

    /// <summary>
    /// The job is not at rest now, or it is looked at again later, whatever it waits for: doubt is temporary.
    /// </summary>
    /// <returns>False: it waits for that.</returns>
    public bool TakeUpOrWait(DeliveryJob job)
    {
        if (TakeUp(job)) return true;
        var failures = queues.Unreadable.GetValueOrDefault(job.Message.Mid);
        var again = time.GetUtcNow() + Backoff.After(failures - 1, Again, Longest);
        if (job.Place == JobPlace.Held)
        {
            queues.Rearm(job, again);
            return false;
        }
        if (job.Place == JobPlace.Ready) queues.Take(job, JobPlace.Held);
        queues.Hold(job, again, again);
        return false;
    }

    /// <summary>What the store says of recipients of a message, all of them; null: it cannot tell.</summary>
    public StoredMessage? Read(QueuedMessage message, IReadOnlyCollection<Rid> rids)
    {
        Reads += rids.Count;
        var (stored, damage) = actions.Read(message.Mid, rids);
        if (stored?.Recipients.Count == rids.Count)
        {
            queues.Unreadable.Remove(message.Mid);
            return stored;
        }
        if (stored is not null) damage = "it has not all of its recipients";
        // A store that is closed tells of itself, and is open again in a moment.
        if (damage is null) return null;
        var failures = queues.Unreadable.GetValueOrDefault(message.Mid);
        queues.Unreadable[message.Mid] = failures + 1;
        if (failures == 0)
        {
            actions.Publish(new GatewayNotice("Critical",
                $"MID {message.Mid} cannot be read from the spool and waits until it can, or is deleted: {damage}"));
        }
        return null;
    }
}
