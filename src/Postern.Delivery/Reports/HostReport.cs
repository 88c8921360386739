namespace Postern.Delivery.Reports;

/// <summary>The health of a host in one word (contract §3, words).</summary>
public enum HostState
{
    /// <summary>Chosen for mail.</summary>
    Up,
    /// <summary>It earned strikes, not enough to be left out.</summary>
    Suspect,
    /// <summary>Not chosen until its time is over; then the next message probes it.</summary>
    LeftOut,
    /// <summary>A message probes it; for all others it is left out.</summary>
    Probing,
    /// <summary>Chosen, with few connections that grow with each message it accepts.</summary>
    Returning,
    /// <summary>Owes a reply for too long; left out until it replies.</summary>
    Silent,
    /// <summary>Taken out by hand.</summary>
    Drained,
}

/// <summary>States beside each other.</summary>
public static class HostStates
{
    private static readonly HostState[] bestFirst =
    [
        HostState.Up, HostState.Returning, HostState.Suspect, HostState.Probing, HostState.LeftOut, HostState.Silent,
        HostState.Drained,
    ];

    /// <summary>The best of them; there is at least one.</summary>
    public static HostState Best(IEnumerable<HostState> states) => states.MinBy(RankOf);

    /// <summary>Mail goes past it, by its health or by hand; null: nothing is known of it.</summary>
    public static bool TakesNoMail(HostState? state) =>
        state is HostState.Probing or HostState.LeftOut or HostState.Silent or HostState.Drained;

    /// <summary>The better of two.</summary>
    public static HostState Better(HostState one, HostState other) => RankOf(one) > RankOf(other) ? other : one;

    /// <summary>The worse of two.</summary>
    public static HostState Worse(HostState one, HostState other) => RankOf(one) > RankOf(other) ? one : other;

    private static int RankOf(HostState state) => Array.IndexOf(bestFirst, state);
}

/// <summary>A TLS policy or a profile of credentials for which alone a host is left out.</summary>
/// <param name="Scope"><c>tls=Required</c>, <c>auth=office</c>.</param>
/// <param name="Until">When it may be probed.</param>
/// <param name="FailedProbes">Failed probes in a row.</param>
public sealed record ScopeReport(string Scope, DateTimeOffset Until, int FailedProbes);

/// <summary>The health of one address and port, or of a name while it has no address. Immutable.</summary>
public sealed record HostReport
{
    /// <summary>Grows in the order in which hosts became known; for paging.</summary>
    public required int Id { get; init; }
    /// <summary>Address or name, and port.</summary>
    public required string Host { get; init; }
    /// <summary>The address; null for a name.</summary>
    public string? Address { get; init; }
    /// <summary>For a name: the addresses that its last look-up gave, with the port; each has a report too.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
    /// <summary>1 to 65535.</summary>
    public int Port { get; init; }
    /// <summary>In one word; of a name with addresses: that of its best one.</summary>
    public HostState State { get; init; }
    /// <summary>It is up since nothing is known of it: it has neither replied nor failed yet.</summary>
    public bool IsUntried { get; init; }
    /// <summary>Since when it is left out; null: it is not.</summary>
    public DateTimeOffset? Since { get; init; }
    /// <summary>When its time is over; null: it is not left out by a clock.</summary>
    public DateTimeOffset? Until { get; init; }
    /// <summary>Connections and messages that failed since the last acceptance.</summary>
    public int ConsecutiveFailures { get; init; }
    /// <summary>Failed probes in a row.</summary>
    public int FailedProbes { get; init; }
    /// <summary>Connections its own behaviour allows; null: only the configuration limits them.</summary>
    public int? Allowance { get; init; }
    /// <summary>Connections that have not ended.</summary>
    public int Connections { get; init; }
    /// <summary>Recipients that are on these connections now.</summary>
    public int ActiveRecipients { get; init; }
    /// <summary>Its last reply to a connection or message; null: none yet.</summary>
    public string? LastReply { get; init; }
    /// <summary>When.</summary>
    public DateTimeOffset? LastReplyAt { get; init; }
    /// <summary>What it said or did last that was not an acceptance.</summary>
    public string? LastError { get; init; }
    /// <summary>When.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }
    /// <summary>When the next message that would choose it probes it; null: it is not left out by a clock.</summary>
    public DateTimeOffset? NextProbe { get; init; }
    /// <summary>Queues that hold mail for want of it; <see cref="Queues"/> names the first of them.</summary>
    public int WantedBy { get; init; }
    /// <summary>Receiving domains, at most 20.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];
    /// <summary>Routes of these queues, at most 20.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];
    /// <summary>What it is left out for alone.</summary>
    public IReadOnlyList<ScopeReport> Scopes { get; init; } = [];
}

/// <summary>
/// What an operator asks of a host: the hosts that are meant, and, where mail can be addressed to the name, the way of
/// that mail. Immutable.
/// </summary>
public sealed record HostStatus
{
    /// <summary>The host or domain as it was understood.</summary>
    public required string Host { get; init; }
    /// <summary>
    /// The destination hosts of this name or address, the addresses of a name, and the hosts of the mail for it.
    /// </summary>
    public IReadOnlyList<HostReport> Hosts { get; init; } = [];
    /// <summary>The way of mail for the receiving domain of this name; null: no mail is addressed to it.</summary>
    public AddressReport? Domain { get; init; }
    /// <summary>What became of mail for this receiving domain since the start; null: nothing yet.</summary>
    public DestinationCounts? Counts { get; init; }
}
