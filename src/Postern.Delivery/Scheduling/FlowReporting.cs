using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Tells which way mail flows. It changes nothing. For the scheduler's thread only; who asks begins a
/// <see cref="FlowSurvey"/>, which lets mail have its turn again and again.
/// </summary>
public sealed class FlowReporting(
    QueueBook queues, HostTable hosts, Planner planner, FlowBook flows, Func<DomainQueue, Access> accessOf,
    TimeProvider time)
{
    /// <summary>Routes that are told one by one.</summary>
    public const int MaxRoutes = 100;

    /// <summary>Begins to look.</summary>
    /// <param name="count">Routes that are told one by one; up to <see cref="MaxRoutes"/>.</param>
    public FlowSurvey Begin(int count) =>
        new(this, queues.Waiting, flows, Math.Clamp(count, 1, MaxRoutes), time.GetUtcNow());

    /// <summary>The plan of a source; null: none is kept.</summary>
    internal RoutePlan? PlanOf(FlowSource source)
    {
        var plan = source.Kind == FlowKind.Dns ? queues.Find(source.Name)?.Plan : planner.Find(source.Name);
        return plan?.Source == source ? plan : null;
    }

    /// <summary>Mail of a plan goes past one of its hosts, by its health or by hand.</summary>
    internal bool HasHostOut(RoutePlan plan, DomainQueue queue)
    {
        var sample = Sample(plan, queue);
        // By index: of a hundred thousand plans each enumerator counts.
        for (var level = 0; level < plan.Levels.Count; level++)
            for (var at = 0; at < plan.Levels[level].Count; at++)
                if (HostStates.TakesNoMail(StateOf(plan.Levels[level][at], sample))) return true;
        return false;
    }

    /// <summary>What there is to tell of a source.</summary>
    /// <param name="source">The route, the redirection or the domain.</param>
    /// <param name="perMinute">Recipients that its hosts take a minute, together.</param>
    /// <param name="rates">The same of each host.</param>
    internal FlowRoute RouteOf(FlowSource source, double perMinute, Dictionary<HostKey, double> rates)
    {
        var plan = PlanOf(source);
        var sample = plan is { WaitingPlace: >= 0 and var at } ? Sample(plan, queues.Waiting.At(at).Queue) : null;
        var lines = new List<FlowLine>();
        foreach (var entry in plan?.Entries ?? [])
        {
            rates.Remove(entry.Key, out var taken);
            var state = StateOf(entry, sample);
            lines.Add(new FlowLine(
                entry.Key.ToString(), entry.Priority, taken, entry.InFlight, state, IsUntried(entry, state)));
        }
        lines.AddRange(rates.Select(rate => new FlowLine(
            rate.Key.ToString(), null, rate.Value, 0,
            hosts.Find(rate.Key) is { } host ? HostReporting.StateOf(host) : null, IsUntried: false)));
        var states = lines.Where(line => line.Priority is not null).Select(line => line.State).OfType<HostState>()
            .ToList();
        var shown = lines.OrderByDescending(line => HostStates.TakesNoMail(line.State))
            .ThenByDescending(line => line.PerMinute).Take(FlowRoute.MaxLines);
        return new FlowRoute(
            source.Kind, source.Name, plan?.Waiting ?? 0, perMinute,
            states.Count == 0 ? null : HostStates.Best(states), [.. shown],
            Math.Max(0, lines.Count - FlowRoute.MaxLines));
    }

    // A queue that has taken another plan since says nothing of this one.
    private static DomainQueue? Sample(RoutePlan plan, DomainQueue queue) =>
        ReferenceEquals(queue.Plan, plan) ? queue : null;

    private HostState? StateOf(PlanEntry entry, DomainQueue? sample)
    {
        if (entry.IsDrained) return HostState.Drained;
        return entry.Hosts.Count > 0 ? BestOf(entry, entry.Hosts, sample) : null;
    }

    private static bool IsUntried(PlanEntry entry, HostState? state) => state is { } up
        && entry.Hosts.All(host => HostReporting.IsUntried(host, up));

    private HostState BestOf(PlanEntry entry, IReadOnlyList<HostHealth> targets, DomainQueue? sample)
    {
        var best = StateOf(entry, targets[0], sample);
        for (var i = 1; i < targets.Count && best != HostState.Up; i++)
            best = HostStates.Better(best, StateOf(entry, targets[i], sample));
        return best;
    }

    // For a host of a route mail without credentials and with them may be different things.
    private HostState StateOf(PlanEntry entry, HostHealth target, DomainQueue? sample) =>
        sample is null || !target.HasScopes ? HostReporting.StateOf(target)
            : HostReporting.StateOf(target, accessOf(sample).Toward(entry.NameOf(target)));
}
