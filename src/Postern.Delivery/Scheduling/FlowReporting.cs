using System.Runtime.InteropServices;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Tells which way mail flows. It changes nothing. For the scheduler's thread only; it looks at each queue once, and at
/// the hosts of those alone that hold mail.
/// </summary>
public sealed class FlowReporting(
    QueueBook queues, HostTable hosts, Planner planner, FlowBook flows, Func<DomainQueue, Access> accessOf,
    TimeProvider time)
{
    /// <summary>Routes that are told one by one.</summary>
    public const int MaxRoutes = 100;

    private struct Standing
    {
        public int Waiting;
        public double PerMinute;
        public DomainQueue? Queue;
    }

    /// <summary>The flow now.</summary>
    /// <param name="count">Routes that are told one by one; up to <see cref="MaxRoutes"/>.</param>
    public FlowReport Now(int count)
    {
        var now = time.GetUtcNow();
        var standings = new Dictionary<FlowSource, Standing>();
        var rates = new Dictionary<FlowSource, Dictionary<HostKey, double>>();
        foreach (var queue in queues.Queues)
        {
            ref var standing = ref CollectionsMarshal.GetValueRefOrAddDefault(standings, FlowSource.Of(queue), out _);
            standing.Waiting += queue.Recipients;
            standing.Queue ??= queue;
        }
        foreach (var (source, host, perMinute) in flows.Lines(now))
        {
            ref var standing = ref CollectionsMarshal.GetValueRefOrAddDefault(standings, source, out _);
            standing.PerMinute += perMinute;
            if (!rates.TryGetValue(source, out var lines)) rates[source] = lines = [];
            lines[host] = perMinute;
        }
        var troubled = standings.Where(s => s.Value is { Waiting: > 0, Queue: { } queue } && HasHostOut(queue))
            .OrderByDescending(s => s.Value.Waiting).Select(s => s.Key).ToList();
        var chosen = Chosen(standings, troubled, Math.Clamp(count, 1, MaxRoutes));
        var routes = chosen.ConvertAll(
            source => RouteOf(source, standings[source], rates.GetValueOrDefault(source) ?? []));
        return new FlowReport
        {
            Routes = routes,
            Rest = new FlowRest(
                standings.Count - routes.Count,
                standings.Values.Sum(s => s.Waiting) - routes.Sum(r => r.Waiting),
                Math.Max(0, standings.Values.Sum(s => s.PerMinute) - routes.Sum(r => r.PerMinute)),
                troubled.Except(chosen).Count()),
        };
    }

    // By name at the end, so that the places of a picture do not change at each look.
    private static List<FlowSource> Chosen(
        Dictionary<FlowSource, Standing> standings, List<FlowSource> troubled, int count)
    {
        var chosen = troubled.Take(Math.Max(1, count / 2)).ToHashSet();
        chosen.UnionWith(standings.Where(s => !chosen.Contains(s.Key))
            .OrderByDescending(s => s.Value.PerMinute).ThenByDescending(s => s.Value.Waiting)
            .Take(count - chosen.Count).Select(s => s.Key));
        return [.. chosen.OrderBy(s => s.Name, StringComparer.Ordinal).ThenBy(s => s.Kind)];
    }

    private FlowRoute RouteOf(FlowSource source, Standing standing, Dictionary<HostKey, double> rates)
    {
        var access = standing.Queue is { } queue ? accessOf(queue) : null;
        var plan = standing.Queue?.Plan ?? (source.Kind == FlowKind.Dns ? null : planner.Find(source.Name));
        var lines = new List<FlowLine>();
        foreach (var entry in plan?.Entries ?? [])
        {
            rates.Remove(entry.Key, out var perMinute);
            lines.Add(new FlowLine(
                entry.Key.ToString(), entry.Priority, perMinute, entry.InFlight, StateOf(entry, access)));
        }
        lines.AddRange(rates.Select(rate => new FlowLine(
            rate.Key.ToString(), null, rate.Value, 0,
            hosts.Find(rate.Key) is { } host ? HostReporting.StateOf(host) : null)));
        var states = lines.Where(line => line.Priority is not null).Select(line => line.State).OfType<HostState>()
            .ToList();
        var shown = lines.OrderByDescending(line => HostStates.TakesNoMail(line.State))
            .ThenByDescending(line => line.PerMinute).Take(FlowRoute.MaxLines);
        return new FlowRoute(
            source.Kind, source.Name, standing.Waiting, standing.PerMinute,
            states.Count == 0 ? null : HostStates.Best(states), [.. shown],
            Math.Max(0, lines.Count - FlowRoute.MaxLines));
    }

    private bool HasHostOut(DomainQueue queue)
    {
        var access = accessOf(queue);
        foreach (var level in queue.Plan.Levels)
            foreach (var entry in level)
                if (HostStates.TakesNoMail(StateOf(entry, access))) return true;
        return false;
    }

    // For a host of a route mail without credentials and with them may be different things.
    private static HostState? StateOf(PlanEntry entry, Access? access)
    {
        if (entry.IsDrained) return HostState.Drained;
        var targets = entry.Targets.Count > 0 || entry.NameHealth is null ? entry.Targets : [entry.NameHealth];
        if (targets.Count == 0) return null;
        var state = HostStates.Best(targets.Select(target => access is null ? HostReporting.StateOf(target)
            : HostReporting.StateOf(target, access.Toward(entry.NameOf(target)))));
        // Nothing is known of a name that was not looked up yet.
        return entry.Targets.Count == 0 && state == HostState.Up ? null : state;
    }
}
