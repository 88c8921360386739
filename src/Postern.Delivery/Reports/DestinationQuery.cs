using System.Runtime.InteropServices;

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

/// <summary>What orders a receiving domain among others. Immutable.</summary>
/// <param name="Domain">Its name.</param>
/// <param name="Active">Recipients without a final result.</param>
/// <param name="Connections">Connections that carry its mail now.</param>
/// <param name="Delivered">Recipients delivered since the start.</param>
/// <param name="SoftBounced">4xx replies since the start.</param>
/// <param name="HardBounced">Recipients that failed for good since the start.</param>
public readonly record struct DestinationStanding(
    string Domain, int Active, int Connections, long Delivered, long SoftBounced, long HardBounced)
{
    /// <summary>The figure that an order is by; 0 where it is by names.</summary>
    public long Rank(DestinationOrder order) => order switch
    {
        DestinationOrder.Active => Active,
        DestinationOrder.Connections => Connections,
        DestinationOrder.Delivered => Delivered,
        DestinationOrder.SoftBounced => SoftBounced,
        DestinationOrder.HardBounced => HardBounced,
        _ => 0,
    };

    /// <summary>Each domain once, with the sums of its rows, in no order.</summary>
    public static IReadOnlyCollection<DestinationStanding> SumOf(IEnumerable<DestinationStanding> rows)
    {
        var sums = new Dictionary<string, DestinationStanding>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, row.Domain, out _);
            sum = new(row.Domain, sum.Active + row.Active, sum.Connections + row.Connections,
                sum.Delivered + row.Delivered, sum.SoftBounced + row.SoftBounced, sum.HardBounced + row.HardBounced);
        }
        return sums.Values;
    }
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

    /// <summary>Those of all that are wanted, in their order, and how many fit.</summary>
    public (IReadOnlyList<DestinationStanding> Wanted, int Count) Choose(IEnumerable<DestinationStanding> all)
    {
        var fit = all.Where(s => s.Domain.Contains(Part, StringComparison.OrdinalIgnoreCase)).ToList();
        // Before they are put in order: what is skipped and taken of an order need not be put in order whole.
        var behind = After.Length == 0 ? fit : fit.Where(s => string.CompareOrdinal(s.Domain, After) > 0);
        var ordered = IsDescending
            ? behind.OrderByDescending(s => s.Rank(Order)) : behind.OrderBy(s => s.Rank(Order));
        var named = IsDescending && Order == DestinationOrder.Domain
            ? ordered.ThenByDescending(s => s.Domain, StringComparer.Ordinal)
            : ordered.ThenBy(s => s.Domain, StringComparer.Ordinal);
        return ([.. named.Skip(Skip).Take(Take)], fit.Count);
    }
}

/// <summary>Receiving domains that fit.</summary>
/// <param name="Destinations">Those that were wanted, in their order.</param>
/// <param name="Count">How many fit in all.</param>
public sealed record DestinationsFound(IReadOnlyList<DestinationReport> Destinations, int Count);
