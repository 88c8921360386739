using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// The times that a bounce profile gives a job: its wait between rounds, the warning that it waits, and its expiry.
/// For the scheduler's thread only.
/// </summary>
public sealed class JobClocks
{
    /// <summary>Replaced at a reload.</summary>
    public required DeliveryOptions Options { get; set; }

    /// <summary>When the job leaves the queue as expired, whatever it waits for.</summary>
    public DateTimeOffset ExpiryOf(DeliveryJob job) => job.Message.Accepted + ProfileOf(job).MaxTimeInQueue;

    /// <summary>When the sender is told that the job waits; null: never, or it was told.</summary>
    public DateTimeOffset? WarningOf(DeliveryJob job)
    {
        if (job.IsWarned || ProfileOf(job) is not { DelayWarning: { } wait } profile) return null;
        if (wait >= profile.MaxTimeInQueue || !profile.SendBounces || !job.WantsWarning) return null;
        return job.Message.Accepted + wait;
    }

    /// <summary>When a job that waits until <paramref name="due"/> has to be looked at next.</summary>
    public DateTimeOffset WakeOf(DeliveryJob job, DateTimeOffset due)
    {
        var expiry = ExpiryOf(job);
        var wake = due < expiry ? due : expiry;
        return WarningOf(job) is { } warning && warning < wake ? warning : wake;
    }

    /// <summary>The wait after the rounds that the job has had, without jitter.</summary>
    public TimeSpan WaitOf(DeliveryJob job) => Backoff.AfterRounds(job.Rounds, ProfileOf(job));

    /// <summary>True when these options give jobs of a queue other times than <paramref name="before"/> did.</summary>
    public bool Differ(DeliveryOptions before, DomainQueue queue)
    {
        var (old, now) = (before.ProfileOf(queue.Name), Options.ProfileOf(queue.Name));
        return (old.MaxTimeInQueue, old.DelayWarning, old.SendBounces)
            != (now.MaxTimeInQueue, now.DelayWarning, now.SendBounces);
    }

    private BounceProfile ProfileOf(DeliveryJob job) => Options.ProfileOf(job.Queue.Name);
}
