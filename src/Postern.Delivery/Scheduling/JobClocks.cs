using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// The times that a bounce profile gives a job: its wait between rounds, the warning that it waits, and its expiry.
/// For the scheduler's thread only.
/// </summary>
public sealed class JobClocks
{
    // No domain has this name, so that it has the profile of all without one of their own.
    private const string OfNone = "";

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

    /// <summary>True when these options give some jobs other times than <paramref name="before"/> did.</summary>
    public bool Differ(DeliveryOptions before) =>
        before.Destinations.Keys.Concat(Options.Destinations.Keys).Append(OfNone).Any(domain =>
        {
            var (old, now) = (before.ProfileOf(domain), Options.ProfileOf(domain));
            return (old.MaxTimeInQueue, old.DelayWarning, old.SendBounces)
                != (now.MaxTimeInQueue, now.DelayWarning, now.SendBounces);
        });

    private BounceProfile ProfileOf(DeliveryJob job) => Options.ProfileOf(job.Queue.Name);
}
