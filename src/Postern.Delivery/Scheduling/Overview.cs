using Postern.Delivery.Deciding;
using Postern.Delivery.Reports;
using Postern.Reporting;

namespace Postern.Delivery.Scheduling;

/// <summary>
/// Tells of hosts, receiving domains and totals. It changes nothing. For the scheduler's thread only; every answer has
/// a bound, so that no question holds mail up.
/// </summary>
public sealed class Overview(
    QueueBook queues, ConnectionBook connections, HostTable hosts, Planner planner, DestinationTallies tallies)
{
    /// <summary>Hosts or receiving domains in an answer.</summary>
    public const int MaxListed = 1000;

    /// <summary>The health of hosts whose number is above <paramref name="after"/>, in that order.</summary>
    public IReadOnlyList<HostReport> Hosts(int after, int count) =>
        [.. hosts.Hosts.Where(h => h.Id > after).OrderBy(h => h.Id).Take(count).Select(ReportOf)];

    /// <summary>The health of hosts, by their keys; those that no mail was led to are missing.</summary>
    /// <param name="keys">At most <see cref="MaxListed"/> are looked up.</param>
    public IReadOnlyDictionary<HostKey, HostReport> Health(IEnumerable<HostKey> keys) =>
        keys.Distinct().Take(MaxListed).Select(hosts.Find).OfType<HostHealth>().ToDictionary(h => h.Key, ReportOf);

    /// <summary>The health of the hosts that an operator means, the addresses of names included.</summary>
    public IReadOnlyList<HostReport> Hosts(HostSelector selector)
    {
        var meant = hosts.Hosts.Where(h => selector.Matches(h.Key)).ToList();
        return ReportsOf(meant.Concat(meant.SelectMany(h => h.Addresses)));
    }

    /// <summary>
    /// The first hosts that take no mail though nobody has taken them out by hand, and mail may be led there: one that
    /// no route names any more is nobody's trouble.
    /// </summary>
    public IReadOnlyList<HostReport> LeftOut(int count)
    {
        var isOut = hosts.Hosts.Where(IsLeftOut).ToHashSet();
        return isOut.Count == 0 ? []
            : [.. Used(queues.Waiting.All).Where(isOut.Contains).Distinct().OrderBy(h => h.Id).Take(count)
                .Select(ReportOf)];
    }

    /// <summary>
    /// Every host that a connection is open to or that a plan leads to, be it of a route or of mail that waits; in no
    /// order, and one may come more than once.
    /// </summary>
    public IEnumerable<HostHealth> Used() => Used(queues.Queues.Select(q => q.Plan));

    /// <summary>Hosts that are not just up, and their states.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyDictionary<string, HostState> Troubled(int count) => hosts.Hosts
        .Select(host => (Host: host, State: HostReporting.StateOf(host))).Where(h => h.State != HostState.Up)
        .Take(count).ToDictionary(h => h.Host.ToString(), h => h.State);

    private IEnumerable<HostHealth> Used(IEnumerable<RoutePlan> plans) => connections.All.Select(c => c.Host).Concat(
        planner.Plans.Concat(plans).SelectMany(p => p.Entries)
            .SelectMany(e => e.NameHealth is { } name ? e.Targets.Concat(name.Addresses).Append(name) : e.Targets));

    private static bool IsLeftOut(HostHealth host) =>
        HostReporting.StateOf(host) is HostState.LeftOut or HostState.Probing or HostState.Silent;

    /// <summary>Mail is, or was since the start, addressed to this receiving domain.</summary>
    public bool IsAddressed(string domain) => queues.AllOf(domain).Count > 0 || tallies.Of(domain) is not null;

    /// <summary>What an operator asks of a host or receiving domain.</summary>
    /// <param name="selector">What is meant.</param>
    /// <param name="way">The way of mail to the receiving domain of that name; null: none is addressed to it.</param>
    public HostStatus Status(HostSelector selector, AddressReport? way)
    {
        if (way is null) return new HostStatus { Host = selector.ToString(), Hosts = Hosts(selector) };
        var steps = way.Hosts.Concat(way.NotTried).Select(s => new HostKey(s.Address ?? NameIn(s), s.Port)).ToHashSet();
        var redirected = queues.AllOf(way.ReceivingDomain).Where(q => q.Redirect is not null)
            .SelectMany(q => q.Plan.Entries).SelectMany(e => e.Hosts).ToHashSet();
        var meant = hosts.Hosts
            .Where(h => selector.Matches(h.Key) || steps.Contains(h.Key) || redirected.Contains(h)).ToList();
        return new HostStatus
        {
            Host = selector.ToString(),
            Hosts = ReportsOf(meant.Concat(meant.SelectMany(h => h.Addresses))),
            Domain = way,
            Counts = tallies.Of(way.ReceivingDomain),
        };
    }

    /// <summary>Begins to look at all receiving domains.</summary>
    public DestinationSurvey Survey() => new(queues, tallies);

    /// <summary>What there is to tell of receiving domains.</summary>
    /// <param name="standings">Which; at most <see cref="MaxListed"/> are told.</param>
    public IReadOnlyList<DestinationReport> Destinations(IReadOnlyList<DestinationStanding> standings) =>
        [.. standings.Take(MaxListed).Select(ReportOf)];

    /// <summary>What delivery holds and does now.</summary>
    public DeliveryGauges Gauges()
    {
        long active = 0, attempted = 0;
        var destinations = 0;
        foreach (var queue in queues.Queues)
        {
            active += queue.Recipients;
            attempted += queue.AttemptedRecipients;
            if (queue.Jobs > 0) destinations++;
        }
        var oldest = queues.Oldest;
        return new DeliveryGauges
        {
            Messages = queues.Messages,
            ActiveRecipients = active,
            AttemptedRecipients = attempted,
            UnattemptedRecipients = active - attempted,
            Connections = connections.Count,
            Destinations = destinations,
            Hosts = hosts.Hosts.Where(h => h.Address is not null).GroupBy(HostReporting.StateOf)
                .ToDictionary(g => g.Key, g => g.Count()),
            OldestMid = oldest?.Mid.Value,
            OldestAccepted = oldest?.Accepted,
        };
    }

    /// <summary>From the acceptance of mail to the final results of its recipients, since the start.</summary>
    public DurationCounts QueueTime() => tallies.QueueTime.Read();

    private DestinationReport ReportOf(DestinationStanding standing)
    {
        var plans = queues.AllOf(standing.Domain).Select(q => q.Plan).ToList();
        // What is known of its hosts stays known when no mail waits.
        if (plans.Count == 0 && planner.FindFor(standing.Domain) is { } kept) plans.Add(kept);
        var targets = plans.SelectMany(plan => plan.Entries)
            .SelectMany(e => e.IsDrained ? [e.NameHealth!] : e.Hosts).Distinct().ToList();
        return new DestinationReport
        {
            Domain = standing.Domain,
            ActiveRecipients = standing.Active,
            Connections = standing.Connections,
            Delivered = standing.Delivered,
            SoftBounced = standing.SoftBounced,
            HardBounced = standing.HardBounced,
            Hosts = targets.Count,
            HostsOut = targets.Count(host => HostStates.TakesNoMail(HostReporting.StateOf(host))),
            HostState = targets.Count > 0 ? HostReporting.BestOf(targets) : null,
        };
    }

    private static string NameIn(HostStep step) => HostSelector.TryParse(step.Host, out var host) ? host.Host : "";

    private IReadOnlyList<HostReport> ReportsOf(IEnumerable<HostHealth> meant) =>
        [.. meant.Distinct().OrderBy(h => h.Id).Take(MaxListed).Select(ReportOf)];

    private HostReport ReportOf(HostHealth host) =>
        HostReporting.Of(host, connections.At(host), hosts.QueuesWanting(host));
}
