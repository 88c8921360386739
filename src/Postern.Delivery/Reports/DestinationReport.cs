namespace Postern.Delivery.Reports;

/// <summary>What became of mail for a receiving domain since the gateway was started. Immutable.</summary>
/// <param name="Delivered">Recipients that a host took, possible deliveries included.</param>
/// <param name="SoftBounced">4xx replies; one recipient can have many.</param>
/// <param name="HardBounced">Recipients that failed for good.</param>
/// <param name="LastRefusal">The last 5xx reply, or reason, for which a recipient failed for good; null: none.</param>
/// <param name="LastRefusalAt">When.</param>
public sealed record DestinationCounts(
    long Delivered, long SoftBounced, long HardBounced, string? LastRefusal, DateTimeOffset? LastRefusalAt);

/// <summary>A receiving domain in the list of the busiest. Immutable.</summary>
public sealed record DestinationReport
{
    /// <summary>The receiving domain.</summary>
    public required string Domain { get; init; }
    /// <summary>Recipients without a final result.</summary>
    public int ActiveRecipients { get; init; }
    /// <summary>Connections that carry its mail now.</summary>
    public int Connections { get; init; }
    /// <summary>Recipients delivered since the start.</summary>
    public long Delivered { get; init; }
    /// <summary>4xx replies since the start.</summary>
    public long SoftBounced { get; init; }
    /// <summary>Recipients that failed for good since the start.</summary>
    public long HardBounced { get; init; }
    /// <summary>Hosts that its mail can go to, as far as they are known: addresses, and names without one.</summary>
    public int Hosts { get; init; }
    /// <summary>Of these: they take no mail now.</summary>
    public int HostsOut { get; init; }
    /// <summary>What keeps its mail, in one word: the health of the best host it can go to; null: not known.</summary>
    public HostState? HostState { get; init; }
}

/// <summary>What delivery holds and does at a moment. Immutable.</summary>
public sealed record DeliveryGauges
{
    /// <summary>Messages in the queue.</summary>
    public int Messages { get; init; }
    /// <summary>Recipients without a final result.</summary>
    public long ActiveRecipients { get; init; }
    /// <summary>Of these: no host was tried yet.</summary>
    public long UnattemptedRecipients { get; init; }
    /// <summary>Of these: at least one attempt has failed.</summary>
    public long AttemptedRecipients { get; init; }
    /// <summary>Outgoing connections that have not ended.</summary>
    public int Connections { get; init; }
    /// <summary>Receiving domains that hold mail.</summary>
    public int Destinations { get; init; }
    /// <summary>Hosts, by their health.</summary>
    public IReadOnlyDictionary<HostState, int> Hosts { get; init; } = new Dictionary<HostState, int>();
    /// <summary>The MID of the oldest message; null: the queue is empty.</summary>
    public long? OldestMid { get; init; }
    /// <summary>When it was accepted; null: the queue is empty.</summary>
    public DateTimeOffset? OldestAccepted { get; init; }
}
