using System.Net;
using System.Numerics;

namespace Postern.Routing;

/// <summary>
/// Finds the most specific prefix or range for an address; single addresses are found by their keys, as domains are.
/// Each family has an index of its own, whose numbers are no wider than its addresses.
/// </summary>
internal sealed class AddressIndex(List<AddressInterval<uint>> v4, List<AddressInterval<UInt128>> v6)
{
    private readonly IntervalIndex<uint> _v4 = new(v4);
    private readonly IntervalIndex<UInt128> _v6 = new(v6);

    /// <summary>The route of the most specific entry, or -1. IPv4-mapped addresses are to be given as IPv4.</summary>
    public int Find(IPAddress address)
    {
        var number = RouteKey.ToNumber(address);
        return RouteKey.IsIPv6(address) ? _v6.Find(number) : _v4.Find((uint)number);
    }

    /// <summary>The routes of all entries that hold the address, the most specific first.</summary>
    public IEnumerable<int> FindAll(IPAddress address)
    {
        var number = RouteKey.ToNumber(address);
        return RouteKey.IsIPv6(address) ? _v6.FindAll(number) : _v4.FindAll((uint)number);
    }
}

/// <summary>A prefix or range of the table, of addresses as numbers.</summary>
internal readonly record struct AddressInterval<T>(T First, T Last, bool IsRange, int Route)
    : IComparable<AddressInterval<T>>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    /// <summary>
    /// The more specific first: prefixes, the longest first, then ranges, the smallest first. Of two ranges of one size
    /// that overlap, the one that begins lower; no order of the file decides.
    /// </summary>
    public int CompareTo(AddressInterval<T> other)
    {
        var byKind = IsRange.CompareTo(other.IsRange);
        if (byKind != 0) return byKind;
        var bySize = (Last - First).CompareTo(other.Last - other.First);
        return bySize != 0 ? bySize : First.CompareTo(other.First);
    }
}

/// <summary>
/// The intervals of one family. They are cut once into pieces that do not overlap, each with its winner, so that a
/// lookup is one binary search.
/// </summary>
internal sealed class IntervalIndex<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    private readonly List<AddressInterval<T>> _intervals;
    private readonly T[] _starts;
    private readonly int[] _routes;

    /// <summary>Takes the list over.</summary>
    public IntervalIndex(List<AddressInterval<T>> intervals)
    {
        _intervals = intervals;
        intervals.Sort(static (one, other) => one.First.CompareTo(other.First));
        // A list that is nearly full stays as it is: a copy of a large one would be the peak of the whole load.
        intervals.TrimExcess();
        (_starts, _routes) = Cut(intervals);
    }

    /// <summary>The route of the most specific interval that holds the number, or -1.</summary>
    public int Find(T number)
    {
        var at = Array.BinarySearch(_starts, number);
        if (at < 0) at = ~at - 1;
        return at < 0 ? -1 : _routes[at];
    }

    /// <summary>The routes of all intervals that hold the number, the most specific first.</summary>
    public IEnumerable<int> FindAll(T number) =>
        _intervals.Where(i => i.First <= number && number <= i.Last).Order().Select(i => i.Route);

    // The intervals are sorted by their first number. A bound is where one begins, or the first place behind one.
    private static (T[] Starts, int[] Routes) Cut(List<AddressInterval<T>> sorted)
    {
        var bounds = new T[sorted.Count * 2];
        for (var i = 0; i < sorted.Count; i++)
        {
            bounds[2 * i] = sorted[i].First;
            bounds[2 * i + 1] = sorted[i].Last < T.MaxValue ? sorted[i].Last + T.One : sorted[i].First;
        }
        Array.Sort(bounds);
        // A piece takes the place of a bound that was read before it.
        var (starts, routes, count) = (bounds, new int[bounds.Length], 0);
        var open = new PriorityQueue<AddressInterval<T>, AddressInterval<T>>();
        var next = 0;
        foreach (var bound in bounds)
        {
            for (; next < sorted.Count && sorted[next].First == bound; next++)
            {
                open.Enqueue(sorted[next], sorted[next]);
            }
            // An interval that has ended further down in the queue costs nothing until it comes to the top.
            while (open.TryPeek(out var top, out _) && top.Last < bound) open.Dequeue();
            var winner = open.TryPeek(out var best, out _) ? best.Route : -1;
            if (count > 0 && routes[count - 1] == winner) continue;
            (starts[count], routes[count++]) = (bound, winner);
        }
        Array.Resize(ref starts, count);
        Array.Resize(ref routes, count);
        return (starts, routes);
    }
}
