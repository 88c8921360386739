namespace Postern.Delivery.Reports;

/// <summary>A route as an explanation shows it. Immutable.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">hosts, dns or discard.</param>
/// <param name="Line">Its line in the file, from 1.</param>
public sealed record RouteReport(string Key, string Kind, int Line);

/// <summary>Mail of a receiving domain that an operator has redirected. Immutable.</summary>
/// <param name="Hosts">The destination hosts that it goes to, as in a route.</param>
/// <param name="Recipients">How many.</param>
public sealed record RedirectedReport(string Hosts, int Recipients);

/// <summary>What waits for a receiving domain, redirected mail included. Immutable.</summary>
public sealed record QueueReport
{
    /// <summary>The receiving domain.</summary>
    public required string Domain { get; init; }
    /// <summary>Recipients without a final result.</summary>
    public int Recipients { get; init; }
    /// <summary>Of these: can be given to a host as soon as one has room.</summary>
    public int Ready { get; init; }
    /// <summary>Of these: on a connection, or their outcome is being made durable.</summary>
    public int InDelivery { get; init; }
    /// <summary>Of these: held because a host answered a 4xx to the mail itself.</summary>
    public int HeldForMail { get; init; }
    /// <summary>Of these: held for want of a host.</summary>
    public int HeldForHost { get; init; }
    /// <summary>Of these: held because no reply came after the final dot.</summary>
    public int HeldUncertain { get; init; }
    /// <summary>Of these: reports that are held because their domain has had its share for the time being.</summary>
    public int HeldForPace { get; init; }
    /// <summary>Of these: held because the content of their message cannot be read from the spool.</summary>
    public int HeldUnreadable { get; init; }
    /// <summary>Where recipients that were redirected go, and how many of the above they are.</summary>
    public IReadOnlyList<RedirectedReport> Redirected { get; init; } = [];
    /// <summary>When the oldest of the messages that were looked at was accepted; null: the queue is empty.</summary>
    public DateTimeOffset? Oldest { get; init; }
    /// <summary>Connections that carry its mail now.</summary>
    public int Connections { get; init; }
    /// <summary>False: the queue is so long that only a part of it was looked at for the parts and the time.</summary>
    public bool IsComplete { get; init; } = true;
}

/// <summary>
/// Which way an address takes now, and why; by a running gateway, or by the files alone, where what only a gateway
/// knows is null. Immutable.
/// </summary>
public sealed record AddressReport
{
    /// <summary>As it was asked for.</summary>
    public required string Address { get; init; }
    /// <summary>The receiving domain.</summary>
    public required string ReceivingDomain { get; init; }
    /// <summary>hosts, dns or discard.</summary>
    public required string Outcome { get; init; }
    /// <summary>The route in force; null: none matched.</summary>
    public RouteReport? Route { get; init; }
    /// <summary>The routes it beat, the most specific first.</summary>
    public IReadOnlyList<RouteReport> Beats { get; init; } = [];
    /// <summary>
    /// The hosts in the order in which a new message would try them now; by the file alone, without a gateway, in the
    /// order of the first message.
    /// </summary>
    public IReadOnlyList<HostStep> Hosts { get; init; } = [];
    /// <summary>Hosts of the route that it would not try now, and why.</summary>
    public IReadOnlyList<HostStep> NotTried { get; init; } = [];
    /// <summary>What DNS said where it gave no host; null: nothing.</summary>
    public string? DnsError { get; init; }
    /// <summary>What waits for the domain; null: no gateway runs that could know it.</summary>
    public QueueReport? Queue { get; init; }
    /// <summary>The next attempt for the domain; null: no gateway runs that could know it.</summary>
    public NextStep? Next { get; init; }
}
