using Postern.Mail;
using Postern.Routing;

namespace Postern.Delivery.Deciding;

/// <summary>How long an answer of DNS holds; it is used on while it is asked for again. Immutable.</summary>
/// <param name="Until">When it is old by itself.</param>
/// <param name="Edition">What was said in an earlier edition than the present one is old.</param>
public readonly record struct DnsAnswer(DateTimeOffset Until, int Edition)
{
    /// <summary>DNS was not asked, or had no answer: there is nothing that could grow old.</summary>
    public static readonly DnsAnswer None = new(DateTimeOffset.MaxValue, 0);

    /// <summary>It should be asked for again.</summary>
    public bool IsOld(DateTimeOffset now, int edition) =>
        Until < DateTimeOffset.MaxValue && (Until <= now || Edition != edition);
}

/// <summary>One destination host of a plan. Turns and weights are kept here. For the scheduler's thread only.</summary>
public sealed class PlanEntry
{
    /// <summary>As written in the route, or the name of the MX host.</summary>
    public required string Text { get; init; }
    /// <summary>1 to 65535.</summary>
    public required int Port { get; init; }
    /// <summary>Lowest first.</summary>
    public int Priority { get; init; }
    /// <summary>The share among equals.</summary>
    public int Weight { get; init; } = 1;
    /// <summary>The name to look up; null: the targets are fixed.</summary>
    public Domain? Name { get; init; }
    /// <summary>No MX: addresses of the name only.</summary>
    public bool AddressesOnly { get; init; }
    /// <summary>The health of the name while it has no address; null where there is no name.</summary>
    public HostHealth? NameHealth { get; init; }
    /// <summary>What tells it from other entries: the name, or the address, and the port.</summary>
    public HostKey Key => NameHealth?.Key ?? new HostKey(HostName, Port);
    /// <summary>Taken out by hand under its name: left out, whatever its addresses.</summary>
    public bool IsDrained => NameHealth is { Drained: true };
    /// <summary>The addresses in the order to try them; empty: not looked up yet, or none.</summary>
    public IReadOnlyList<HostHealth> Targets { get; set; } = [];
    /// <summary>The name that led to each target, where it is not <see cref="HostName"/>: those of MX hosts.</summary>
    public IReadOnlyDictionary<HostHealth, string>? MxNames { get; set; }
    /// <summary>The name or address as written, without brackets and port.</summary>
    public string HostName { get; init; } = "";
    /// <summary>Its addresses, or its name while it has none.</summary>
    public IReadOnlyList<HostHealth> Hosts => Targets.Count == 0 && NameHealth is { } name ? [name] : Targets;
    /// <summary>The name by which a target is reached: what TLS asks for and what a certificate must name.</summary>
    public string NameOf(HostHealth target) =>
        MxNames is not null && MxNames.TryGetValue(target, out var name) ? name : HostName;
    /// <summary>A look-up is under way.</summary>
    public bool Resolving { get; set; }
    /// <summary>What its targets rest on.</summary>
    public DnsAnswer Answer { get; set; } = DnsAnswer.None;
    /// <summary>Messages given to this entry that have no outcome yet.</summary>
    public int InFlight { get; set; }
    /// <summary>The balance of turns, see <see cref="Turns"/>.</summary>
    public long Balance { get; set; }
    /// <summary>Breaks ties; random, so that restarts do not always begin with the first host.</summary>
    public int TieBreak { get; init; }
}

/// <summary>What is known of the next hops of a plan.</summary>
public enum PlanState
{
    /// <summary>No route was looked up yet.</summary>
    None,
    /// <summary>The entries are there.</summary>
    Ready,
    /// <summary>By DNS, and not looked up yet.</summary>
    Unresolved,
    /// <summary>By DNS, the look-up is under way and there is no older answer.</summary>
    Resolving,
    /// <summary><c>/dev/null</c>: what waits is held.</summary>
    Discard,
}

/// <summary>
/// Where the mail of a route goes. A route with hosts has one plan, shared by all domains that it matches, so that
/// turns are counted per entry; mail by DNS has one per domain. For the scheduler's thread only.
/// </summary>
public sealed class RoutePlan
{
    /// <summary>The route; null: none matched, by DNS.</summary>
    public SmtpRoute? Route { get; init; }
    /// <summary>The rules of the route, of USEDNS too.</summary>
    public RoutePolicy Policy { get; init; } = RoutePolicy.Default;
    /// <summary>What its mail comes from, for who tells which way mail flows.</summary>
    public FlowSource Source { get; init; }
    /// <summary>Recipients that wait for it; kept by <see cref="Queueing.WaitingPlans"/>.</summary>
    public int Waiting { get; set; }
    /// <summary>Its place among those that mail waits for; -1: none does.</summary>
    public int WaitingPlace { get; set; } = -1;
    /// <summary>Queues whose mail takes it.</summary>
    public int Queues { get; set; }
    /// <summary>What is known.</summary>
    public required PlanState State { get; set; }
    /// <summary>The entries by priority, lowest number first; equals together.</summary>
    public IReadOnlyList<IReadOnlyList<PlanEntry>> Levels { get; private set; } = [];
    /// <summary>What a plan by DNS rests on.</summary>
    public DnsAnswer Answer { get; set; } = DnsAnswer.None;
    /// <summary>A repeated look-up is under way while the older answer is used on.</summary>
    public bool Refreshing { get; set; }

    /// <summary>Sets the entries and groups them by priority.</summary>
    public void SetEntries(IEnumerable<PlanEntry> entries) =>
        Levels =
            [.. entries.GroupBy(e => e.Priority).OrderBy(g => g.Key).Select(g => (IReadOnlyList<PlanEntry>)[.. g])];

    /// <summary>All entries, lowest priority number first.</summary>
    public IEnumerable<PlanEntry> Entries => Levels.SelectMany(level => level);

    /// <summary>The entry that leads to a host; null: none.</summary>
    public PlanEntry? EntryOf(HostKey key) =>
        Entries.FirstOrDefault(e => e.Targets.Any(t => t.Key == key) || e.NameHealth?.Key == key);
}
