using Postern.Delivery.Queueing;
using Postern.Routing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Brings a new table to the queues. It holds at once for whatever looks at a plan (<see cref="DomainQueue.Plan"/>);
/// queues at whose plan nobody looks get theirs a part at a time, so that other mail goes on. For the scheduler's
/// thread only.
/// </summary>
public sealed class RouteChange(QueueBook queues, Planner planner, Releases releases)
{
    /// <summary>Queues of a part.</summary>
    public const int AtOnce = 1000;

    private Queue<DomainQueue> _old = new();

    /// <summary>Some queues have not got their plan by the present table yet.</summary>
    public bool HasMore => _old.Count > 0 || planner.HasUnchecked;

    /// <summary>Another table, from now on, also for what waits (contract §3, choosing, 8).</summary>
    public void Begin(SmtpRouteTable table)
    {
        planner.Use(table);
        _old = new Queue<DomainQueue>(queues.Queues);
        foreach (var queue in _old) queue.ExpirePlan(Renew);
        Run();
    }

    /// <summary>Brings it to a part of the queues.</summary>
    public void Run()
    {
        for (var left = AtOnce; left > 0 && _old.TryDequeue(out var queue); left--) queue.RenewPlan();
        if (_old.Count == 0) planner.CheckPlans(AtOnce);
    }

    private void Renew(DomainQueue queue)
    {
        if (!planner.Assign(queue)) return;
        releases.Add(queue);
        queues.MakeRunnable(queue);
    }
}
