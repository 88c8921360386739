using System.Runtime.InteropServices;
using Postern.Delivery.Deciding;

namespace Postern.Delivery.Queueing;

/// <summary>
/// The plans that mail waits for, each once however many queues take it, so that nobody has to look at all queues for
/// them. For the scheduler's thread only.
/// </summary>
public sealed class WaitingPlans
{
    private readonly List<(RoutePlan Plan, DomainQueue Queue)> _all = [];

    /// <summary>How many.</summary>
    public int Count => _all.Count;

    /// <summary>The recipients that wait for them.</summary>
    public int Recipients { get; private set; }

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<RoutePlan> All => _all.Select(waiting => waiting.Plan);

    /// <summary>One of them, by its place, and a queue whose mail takes it or took it lately.</summary>
    public (RoutePlan Plan, DomainQueue Queue) At(int place) => _all[place];

    /// <summary>Recipients wait for a plan, or no longer.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="queue">Their queue.</param>
    /// <param name="recipients">How many more; below zero: how many fewer.</param>
    public void Add(RoutePlan plan, DomainQueue queue, int recipients)
    {
        if (recipients == 0) return;
        plan.Waiting += recipients;
        Recipients += recipients;
        if (plan.Waiting == 0) Remove(plan);
        else if (plan.WaitingPlace < 0)
        {
            plan.WaitingPlace = _all.Count;
            _all.Add((plan, queue));
        }
        else if (recipients > 0) CollectionsMarshal.AsSpan(_all)[plan.WaitingPlace].Queue = queue;
    }

    // The last one takes its place.
    private void Remove(RoutePlan plan)
    {
        var last = _all[^1];
        _all[plan.WaitingPlace] = last;
        last.Plan.WaitingPlace = plan.WaitingPlace;
        plan.WaitingPlace = -1;
        _all.RemoveAt(_all.Count - 1);
        if (_all.Capacity > 16 && _all.Count < _all.Capacity / 4) _all.Capacity /= 2;
    }
}
