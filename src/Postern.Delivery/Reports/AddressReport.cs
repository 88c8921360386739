namespace Postern.Delivery.Reports;

/// <summary>A route as an explanation shows it. Immutable.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">hosts, dns or discard.</param>
/// <param name="Line">Its line in the file, from 1.</param>
public sealed record RouteReport(string Key, string Kind, int Line);

/// <summary>A host at its place in the order in which a message would try it. Immutable.</summary>
/// <param name="Entry">As written in the route, or the MX name.</param>
/// <param name="Host">Address and port; a name and port where the address is still to be looked up.</param>
/// <param name="Priority">Lowest first.</param>
/// <param name="Weight">The share among equals.</param>
/// <param name="State">Its health.</param>
/// <param name="Note">What else there is to say; null: nothing.</param>
public sealed record HostStep(string Entry, string Host, int Priority, int Weight, HostState State, string? Note);

/// <summary>What the queue of a receiving domain holds. Immutable.</summary>
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
    /// <summary>False: the queue is so long that only a part of it was looked at for the parts and the time.</summary>
    public bool IsComplete { get; init; } = true;
}

/// <summary>What happens next. Immutable.</summary>
/// <param name="At">When; null: it depends on what <paramref name="Why"/> says.</param>
/// <param name="Why">The reason, in words.</param>
public sealed record NextStep(DateTimeOffset? At, string Why);

/// <summary>Which way an address takes now, and why. Immutable.</summary>
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
    /// <summary>The TLS policy of the destination control.</summary>
    public string Tls { get; init; } = "";
    /// <summary>The profile of outgoing SMTP authentication; null: none.</summary>
    public string? Auth { get; init; }
    /// <summary>The hosts in the order in which a new message would try them now.</summary>
    public IReadOnlyList<HostStep> Hosts { get; init; } = [];
    /// <summary>Hosts of the route that it would not try now, and why.</summary>
    public IReadOnlyList<HostStep> NotTried { get; init; } = [];
    /// <summary>What DNS said where it gave no host; null: nothing.</summary>
    public string? DnsError { get; init; }
    /// <summary>What waits for the domain.</summary>
    public required QueueReport Queue { get; init; }
    /// <summary>The next attempt for the domain.</summary>
    public required NextStep Next { get; init; }
}
