namespace Postern.Delivery.Reports;

/// <summary>An attempt at a host. Immutable.</summary>
/// <param name="At">When it ended.</param>
/// <param name="Host">As written in the route, or the MX name.</param>
/// <param name="Address">Address and port; empty: there was none.</param>
/// <param name="Dcid">The connection; 0: none.</param>
/// <param name="Stage">dns, connect, banner, ehlo, starttls, auth, mail, rcpt, data, content or dot.</param>
/// <param name="Code">The reply code; 0: no reply.</param>
/// <param name="Text">The reply, or what happened.</param>
public sealed record AttemptReport(
    DateTimeOffset At, string Host, string Address, long Dcid, string Stage, int Code, string Text);

/// <summary>Recipients of a message with the same fate so far. Immutable.</summary>
public sealed record RecipientsReport
{
    /// <summary>The RIDs.</summary>
    public required IReadOnlyList<int> Rids { get; init; }
    /// <summary>The addresses, in the same order.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
    /// <summary>The receiving domain.</summary>
    public required string ReceivingDomain { get; init; }
    /// <summary>ready, held, looking up, in delivery or settling.</summary>
    public required string State { get; init; }
    /// <summary>No reply came after a final dot: a host may have it already.</summary>
    public bool IsUncertain { get; init; }
    /// <summary>Rounds that ended without a result.</summary>
    public int Rounds { get; init; }
    /// <summary>When it bounces as too old.</summary>
    public DateTimeOffset Expires { get; init; }
    /// <summary>The last attempts, oldest first.</summary>
    public IReadOnlyList<AttemptReport> Attempts { get; init; } = [];
    /// <summary>What happens next.</summary>
    public required NextStep Next { get; init; }
    /// <summary>The hosts in the order in which that attempt would try them if it began now.</summary>
    public IReadOnlyList<HostStep> Hosts { get; init; } = [];
    /// <summary>Hosts of its route that it would not try then, and why.</summary>
    public IReadOnlyList<HostStep> NotTried { get; init; } = [];
}

/// <summary>A message in the queue. Immutable.</summary>
public sealed record MessageReport
{
    /// <summary>The MID.</summary>
    public required long Mid { get; init; }
    /// <summary>The connection it came on; 0: made by the gateway.</summary>
    public long Icid { get; init; }
    /// <summary>The reverse-path without brackets; empty: the null reverse-path.</summary>
    public required string From { get; init; }
    /// <summary>When it was accepted.</summary>
    public DateTimeOffset Accepted { get; init; }
    /// <summary>Octets.</summary>
    public long Size { get; init; }
    /// <summary>ENVID as received; null: none.</summary>
    public string? EnvelopeId { get; init; }
    /// <summary>Its recipients without a final result.</summary>
    public IReadOnlyList<RecipientsReport> Recipients { get; init; } = [];
}
