using Postern.Delivery.Queueing;
using Postern.Mail;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Brings the times of other bounce profiles to what waits, a part at a time, oldest first, so that other mail goes on.
/// What comes in meanwhile, or is looked at, has them at once. For the scheduler's thread only.
/// </summary>
public sealed class ClockChange(QueueBook queues, JobClocks clocks, Rounds rounds)
{
    /// <summary>Jobs of a part.</summary>
    public const int AtOnce = 1000;

    private Mid? _after;

    /// <summary>Some jobs may wake by the times of before.</summary>
    public bool HasMore => _after is not null;

    /// <summary>The options were other ones until now; where it matters, all that waits gets its times anew.</summary>
    public void Begin(DeliveryOptions before)
    {
        if (clocks.Differ(before)) _after = default(Mid);
        Run();
    }

    /// <summary>Brings them to a part of the jobs.</summary>
    public void Run()
    {
        if (_after is not { } after) return;
        var slice = queues.Walk(new QueueSelection(), after, AtOnce, int.MaxValue);
        foreach (var job in slice.Jobs) rounds.Rearm(job);
        _after = slice.Next;
    }
}
