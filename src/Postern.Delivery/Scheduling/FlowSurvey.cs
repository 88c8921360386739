using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// A look at which way mail flows, which goes through the plans that mail waits for a part at a time, so that mail has
/// its turn in between: what it tells is of the time from its begin to its end. It keeps what it may have to show, and
/// nothing of all others but how many they are. For the scheduler's thread only.
/// </summary>
public sealed class FlowSurvey
{
    /// <summary>Plans of a part: well below a millisecond.</summary>
    public const int AtOnce = 1000;

    private readonly FlowReporting _reporting;
    private readonly WaitingPlans _waiting;
    private readonly FlowBook _flows;
    private readonly int _count;
    private readonly DateTimeOffset _now;
    private readonly TopList<FlowSource> _flowing, _troubled, _most;
    private double _perMinute;
    // Sources that mail flows from, and none waits.
    private int _flowOnly;
    private int _inTrouble;
    // Backwards: a plan that leaves has its place taken by the last one, which was looked at.
    private int _next;

    internal FlowSurvey(FlowReporting reporting, WaitingPlans waiting, FlowBook flows, int count, DateTimeOffset now)
    {
        (_reporting, _waiting, _flows, _count, _now) = (reporting, waiting, flows, count, now);
        (_flowing, _most, _troubled) = (new(count), new(count), new(Math.Max(1, count / 2)));
        _next = waiting.Count;
        foreach (var (source, perMinute) in flows.Sources(now))
        {
            _perMinute += perMinute;
            _flowing.Offer(source, perMinute);
            if (reporting.PlanOf(source) is not { Waiting: > 0 }) _flowOnly++;
        }
    }

    /// <summary>Looks at the next part.</summary>
    /// <returns>The flow, once that was the last one; null: there is more.</returns>
    public FlowReport? Go()
    {
        _next = Math.Min(_next, _waiting.Count);
        for (var left = AtOnce; left > 0 && _next > 0; left--)
        {
            var (plan, queue) = _waiting.At(--_next);
            _most.Offer(plan.Source, plan.Waiting);
            if (!_reporting.HasHostOut(plan, queue)) continue;
            _inTrouble++;
            _troubled.Offer(plan.Source, plan.Waiting);
        }
        return _next > 0 ? null : Tell();
    }

    private FlowReport Tell()
    {
        var chosen = _troubled.Best.ToHashSet();
        var troubled = chosen.Count;
        foreach (var source in _flowing.Best.Concat(_most.Best))
            if (chosen.Count < _count) chosen.Add(source);
        var rates = chosen.ToDictionary(source => source, _ => new Dictionary<HostKey, double>());
        foreach (var (source, host, perMinute) in _flows.Lines(_now))
            if (rates.TryGetValue(source, out var lines)) lines[host] = perMinute;
        // By name, so that the places of a picture do not change at each look.
        var routes = chosen.OrderBy(source => source.Name, StringComparer.Ordinal).ThenBy(source => source.Kind)
            .Select(source => _reporting.RouteOf(source, rates[source].Values.Sum(), rates[source])).ToList();
        return new FlowReport
        {
            Routes = routes,
            Rest = new FlowRest(
                Math.Max(0, _waiting.Count + _flowOnly - routes.Count),
                Math.Max(0, _waiting.Recipients - routes.Sum(route => route.Waiting)),
                Math.Max(0, _perMinute - routes.Sum(route => route.PerMinute)),
                Math.Max(0, _inTrouble - Math.Max(troubled, routes.Count(IsInTrouble)))),
        };
    }

    private static bool IsInTrouble(FlowRoute route) =>
        route.Waiting > 0 && route.Lines.Any(line => line.Priority is not null && HostStates.TakesNoMail(line.State));
}
