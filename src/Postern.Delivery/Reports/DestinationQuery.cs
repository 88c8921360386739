namespace Postern.Delivery.Reports;

/// <summary>What receiving domains are ordered by; equals by their names.</summary>
public enum DestinationOrder
{
    /// <summary>Their names.</summary>
    Domain,
    /// <summary>Recipients without a final result.</summary>
    Active,
    /// <summary>Connections that carry their mail now.</summary>
    Connections,
    /// <summary>Recipients delivered since the start.</summary>
    Delivered,
    /// <summary>4xx replies since the start.</summary>
    SoftBounced,
    /// <summary>Recipients that failed for good since the start.</summary>
    HardBounced,
}

/// <summary>Which receiving domains are wanted. Immutable.</summary>
public sealed record DestinationQuery
{
    /// <summary>A part of the name, case does not count; empty: all.</summary>
    public string Part { get; init; } = "";
    /// <summary>What they are ordered by.</summary>
    public DestinationOrder Order { get; init; } = DestinationOrder.Active;
    /// <summary>The largest first.</summary>
    public bool IsDescending { get; init; } = true;
    /// <summary>Only names behind this one in the order of names; empty: all.</summary>
    public string After { get; init; } = "";
    /// <summary>How many stand before the first that is wanted.</summary>
    public int Skip { get; init; }
    /// <summary>How many are wanted, from 1.</summary>
    public int Take { get; init; } = 20;
}

/// <summary>Receiving domains that fit.</summary>
/// <param name="Destinations">Those that were wanted, in their order.</param>
/// <param name="Count">How many fit in all.</param>
public sealed record DestinationsFound(IReadOnlyList<DestinationReport> Destinations, int Count);
