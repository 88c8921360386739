using System.Text;
using Postern.Delivery.Deciding;
using Postern.Delivery.Queueing;
using Postern.Delivery.Reports;
using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Makes plans of routes and keeps what DNS says of them. A plan of a route is shared by all domains that it matches
/// and survives a new table in which the route is the same, turns included. For the scheduler's thread only.
/// </summary>
public sealed class Planner(
    SmtpRouteTable routes, HostTable hosts, IDeliveryActions actions, TimeProvider time, Random random)
{
    private const int MaxTargets = 100;
    // Beyond so many, a plan goes with the last queue that takes it; its turns begin anew then.
    private const int MaxKeptPlans = 10_000;
    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, RoutePlan> _plans = new(StringComparer.Ordinal);
    private SmtpRouteTable _routes = routes;
    private Queue<string> _unchecked = new();
    // Grows when what DNS said until then is to be asked for again.
    private int _edition;

    /// <summary>
    /// Another table; the plans of routes that are the same stay, all others are of no use from now on, and go, or are
    /// made anew, with <see cref="CheckPlans"/>.
    /// </summary>
    public void Use(SmtpRouteTable table)
    {
        _routes = table;
        _unchecked = new Queue<string>(_plans.Keys);
    }

    /// <summary>Some plans may be of routes that are gone.</summary>
    public bool HasUnchecked => _unchecked.Count > 0;

    /// <summary>Takes away those plans whose routes are gone, and makes those of altered ones anew, of a part of them.
    /// </summary>
    /// <param name="most">How many are looked at.</param>
    public void CheckPlans(int most)
    {
        for (; most > 0 && _unchecked.TryDequeue(out var key); most--)
        {
            // The plan of a redirection is that of no route, and stays with the queues that take it.
            var route = RouteKey.Read(key, out RouteError? _) is { } read ? _routes.Find(read) : null;
            if (!_plans.TryGetValue(key, out var plan) || route == plan.Route) continue;
            // What is known of the hosts of an altered route is told without waiting for its next mail.
            if (route is null or { Kind: RouteKind.UseDns }) _plans.Remove(key);
            else _plans[key] = PlanOf(route, FlowKind.Route);
        }
    }

    /// <summary>The plans of routes, those that no queue takes now among them.</summary>
    public IReadOnlyCollection<RoutePlan> Plans => _plans.Values;

    /// <summary>The plan of a route, by its key, or of a redirection; null: none is kept.</summary>
    public RoutePlan? Find(string key) => _plans.GetValueOrDefault(key);

    /// <summary>The plan of the route of a receiving domain; null: it goes by DNS, or none is kept.</summary>
    public RoutePlan? FindFor(string receivingDomain) =>
        Mailbox.TryParse(Encoding.UTF8.GetBytes($"postmaster@{receivingDomain}"), smtpUtf8: true, out var mailbox)
        && (mailbox.Domain is { } domain ? _routes.Find(domain) : _routes.Find(mailbox.Literal!)) is { } route
        && Find(route.Key) is { } plan && plan.Route == route ? plan : null;

    /// <summary>The route of a queue by the present table; null: none.</summary>
    public SmtpRoute? RouteOf(DomainQueue queue) => RouteOf(queue, _routes);

    /// <summary>The route of a queue by a table; null: none.</summary>
    public static SmtpRoute? RouteOf(DomainQueue queue, SmtpRouteTable table) =>
        queue.Redirect is { } hosts ? RedirectRoute.Read(hosts, profiles: null, out _)
        : queue.Domain is { } domain ? table.Find(domain) : queue.Literal is { } literal ? table.Find(literal) : null;

    /// <summary>Every route that matches a queue, the most specific first.</summary>
    public IReadOnlyList<SmtpRoute> RoutesOf(DomainQueue queue) =>
        queue.Redirect is not null ? [RouteOf(queue)!]
        : queue.Domain is { } domain ? _routes.FindAll(domain)
        : queue.Literal is { } literal ? _routes.FindAll(literal) : [];

    /// <summary>All that DNS said is asked for again when mail next needs it; until then it is used on.</summary>
    public void ForgetDns() => _edition++;

    /// <summary>Gives the queue its plan by the present table.</summary>
    /// <returns>True when it is another one than before.</returns>
    public bool Assign(DomainQueue queue)
    {
        var route = RouteOf(queue);
        if (route is null or { Kind: RouteKind.UseDns })
        {
            var policy = route?.Policy ?? RoutePolicy.Default;
            if (queue.Plan is { Route: null, State: not PlanState.None } && queue.Plan.Policy == policy) return false;
            Take(queue, PlanByDns(queue, policy));
            return true;
        }
        if (queue.Plan.Route == route) return false;
        if (!_plans.TryGetValue(route.Key, out var plan) || plan.Route != route)
            _plans[route.Key] = plan = PlanOf(route, queue.Redirect is null ? FlowKind.Route : FlowKind.Redirect);
        Take(queue, plan);
        return true;
    }

    /// <summary>A queue is gone, and takes its plan no more.</summary>
    public void Leave(DomainQueue queue)
    {
        var plan = queue.Plan;
        plan.Queues--;
        if (plan is { Queues: 0, Route: { } route } && _plans.Count > MaxKeptPlans
            && _plans.TryGetValue(route.Key, out var kept) && ReferenceEquals(kept, plan)) _plans.Remove(route.Key);
    }

    private void Take(DomainQueue queue, RoutePlan plan)
    {
        Leave(queue);
        plan.Queues++;
        queue.Plan = plan;
    }

    /// <summary>Begins the look-up that the plan of a queue lacks, or repeats one that is old.</summary>
    /// <returns>True when the plan can be used now.</returns>
    public bool Ensure(DomainQueue queue)
    {
        var plan = queue.Plan;
        if (plan.State == PlanState.Unresolved)
        {
            plan.State = PlanState.Resolving;
            actions.Resolve(queue, plan);
            return plan.State == PlanState.Ready;
        }
        if (plan.State != PlanState.Ready) return false;
        var now = time.GetUtcNow();
        if (plan.Answer.IsOld(now, _edition) && !plan.Refreshing)
        {
            plan.Refreshing = true;
            actions.Resolve(queue, plan);
        }
        foreach (var level in plan.Levels)
            foreach (var entry in level)
                if (entry.Answer.IsOld(now, _edition) && !entry.Resolving && entry.Targets.Count > 0)
                    BeginResolving(entry);
        return true;
    }

    /// <summary>Begins to look up the name of an entry.</summary>
    public void BeginResolving(PlanEntry entry)
    {
        entry.Resolving = true;
        actions.Resolve(entry);
    }

    /// <summary>Takes what DNS says of an entry's name.</summary>
    /// <returns>True when it has addresses now.</returns>
    public bool Take(PlanEntry entry, NextHops found)
    {
        entry.Resolving = false;
        var now = time.GetUtcNow();
        if (found.Hosts.Count > 0)
        {
            entry.Targets = [.. found.Hosts.SelectMany(h => h.Addresses).Distinct().Take(MaxTargets)
                .Select(a => hosts.Of(a, entry.Port))];
            entry.MxNames = MxNamesIn(found, entry);
            entry.NameHealth!.Addresses = entry.Targets;
            entry.Answer = new(now + Capped(found.TimeToLive), _edition);
            return entry.Targets.Count > 0;
        }
        if (found.Failure == NextHopFailure.Temporary && entry.Targets.Count > 0)
        {
            entry.Answer = new(now + RetryAfterFailure, _edition);
            return true;
        }
        entry.Targets = entry.NameHealth!.Addresses = [];
        return false;
    }

    /// <summary>
    /// Takes what DNS says of a domain that goes by DNS; an answer that is only missing for now changes nothing.
    /// </summary>
    /// <returns>True when the plan can be used.</returns>
    public bool Take(RoutePlan plan, NextHops found)
    {
        plan.Refreshing = false;
        if (found.Hosts.Count > 0)
        {
            plan.SetEntries(found.Hosts.Select(EntryOf));
            plan.Answer = new(time.GetUtcNow() + Capped(found.TimeToLive), _edition);
            plan.State = PlanState.Ready;
            return true;
        }
        if (found.Failure == NextHopFailure.Temporary && plan.Levels.Count > 0)
        {
            plan.Answer = new(time.GetUtcNow() + RetryAfterFailure, _edition);
            plan.State = PlanState.Ready;
            return true;
        }
        plan.State = PlanState.Unresolved;
        return false;
    }

    private PlanEntry EntryOf(ResolvedHost host)
    {
        var entry = new PlanEntry
        {
            Text = host.Name,
            HostName = host.Name.TrimEnd('.'),
            Port = 25,
            Priority = host.Preference,
            NameHealth = Domain.TryParse(host.Name, out var name) ? hosts.Of(name, 25) : null,
            Targets = [.. host.Addresses.Select(a => hosts.Of(a, 25))],
            TieBreak = random.Next(),
        };
        if (entry.NameHealth is { } health) health.Addresses = entry.Targets;
        return entry;
    }

    private Dictionary<HostHealth, string>? MxNamesIn(NextHops found, PlanEntry entry)
    {
        Dictionary<HostHealth, string>? names = null;
        foreach (var host in found.Hosts)
        {
            var name = host.Name.TrimEnd('.');
            if (name == entry.HostName) continue;
            // An address behind two names is reached by the better one, which stands first.
            foreach (var address in host.Addresses) (names ??= []).TryAdd(hosts.Of(address, entry.Port), name);
        }
        return names;
    }

    private static TimeSpan Capped(TimeSpan timeToLive) =>
        timeToLive < LongestTimeToLive ? timeToLive : LongestTimeToLive;

    private RoutePlan PlanByDns(DomainQueue queue, RoutePolicy policy)
    {
        var source = new FlowSource(FlowKind.Dns, queue.Name);
        if (queue.Literal is not { } literal || !actions.MayDeliverTo(literal))
            return new RoutePlan { State = PlanState.Unresolved, Policy = policy, Source = source };
        var plan = new RoutePlan { State = PlanState.Ready, Policy = policy, Source = source };
        plan.SetEntries([new PlanEntry
        {
            Text = queue.Name,
            HostName = literal.ToString(),
            Port = 25,
            Targets = [hosts.Of(literal, 25)],
        }]);
        return plan;
    }

    private RoutePlan PlanOf(SmtpRoute route, FlowKind kind)
    {
        var plan = new RoutePlan
        {
            Route = route,
            Source = new FlowSource(kind, route.Key),
            Policy = route.Policy,
            State = route.Kind == RouteKind.Discard ? PlanState.Discard : PlanState.Ready,
        };
        plan.SetEntries(route.Hosts.Select(h => new PlanEntry
        {
            Text = h.Text,
            HostName = h.Name?.Name ?? h.Address!.ToString(),
            Port = h.Port,
            Priority = h.Priority,
            Weight = h.Weight,
            Name = h.Name,
            AddressesOnly = h.AddressesOnly,
            NameHealth = h.Name is null ? null : hosts.Of(h.Name, h.Port),
            Targets = h.Address is null ? [] : [hosts.Of(h.Address, h.Port)],
            TieBreak = random.Next(),
        }));
        return plan;
    }
}
