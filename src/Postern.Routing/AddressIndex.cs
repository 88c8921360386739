using System.Net;
using System.Net.Sockets;

namespace Postern.Routing;

/// <summary>An address, prefix or range of the table.</summary>
internal readonly record struct AddressEntry(UInt128 First, UInt128 Last, bool IsV6, RouteKeyKind Kind, int Route)
    : IComparable<AddressEntry>
{
    /// <summary>
    /// The more specific first: single addresses, then prefixes, the longest first, then ranges, the smallest first.
    /// Of two ranges of one size that overlap, the one that begins lower; no order of the file decides.
    /// </summary>
    public int CompareTo(AddressEntry other)
    {
        var byKind = Kind.CompareTo(other.Kind);
        if (byKind != 0) return byKind;
        var bySize = (Last - First).CompareTo(other.Last - other.First);
        return bySize != 0 ? bySize : First.CompareTo(other.First);
    }
}

/// <summary>
/// Finds the most specific entry for an address. Addresses, prefixes and ranges are all intervals; they are cut once
/// into pieces that do not overlap, each with its winner, so that a lookup is one binary search.
/// </summary>
internal sealed class AddressIndex
{
    private readonly AddressEntry[] _entries;
    private readonly Pieces _v4;
    private readonly Pieces _v6;

    public AddressIndex(List<AddressEntry> entries)
    {
        _entries = [.. entries];
        Array.Sort(_entries, (one, other) => one.First.CompareTo(other.First));
        _v4 = Cut(v6: false);
        _v6 = Cut(v6: true);
    }

    /// <summary>The route of the most specific entry, or -1. IPv4-mapped addresses are to be given as IPv4.</summary>
    public int Find(IPAddress address)
    {
        var pieces = IsV6(address) ? _v6 : _v4;
        var at = Array.BinarySearch(pieces.Starts, RouteKey.ToNumber(address));
        if (at < 0) at = ~at - 1;
        return at < 0 ? -1 : pieces.Routes[at];
    }

    /// <summary>The routes of all entries that hold the address, the most specific first.</summary>
    public IEnumerable<int> FindAll(IPAddress address)
    {
        var number = RouteKey.ToNumber(address);
        return _entries.Where(e => e.IsV6 == IsV6(address) && e.First <= number && number <= e.Last)
            .Order().Select(e => e.Route);
    }

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    private Pieces Cut(bool v6)
    {
        // Sorted by their first address. A bound is where an entry begins or the first place behind one.
        var sorted = Array.FindAll(_entries, e => e.IsV6 == v6);
        var bounds = new UInt128[sorted.Length * 2];
        for (var i = 0; i < sorted.Length; i++)
        {
            bounds[2 * i] = sorted[i].First;
            bounds[2 * i + 1] = sorted[i].Last < UInt128.MaxValue ? sorted[i].Last + 1 : sorted[i].First;
        }
        Array.Sort(bounds);
        var starts = new List<UInt128>();
        var routes = new List<int>();
        var open = new PriorityQueue<AddressEntry, AddressEntry>();
        var next = 0;
        foreach (var bound in bounds)
        {
            for (; next < sorted.Length && sorted[next].First == bound; next++)
            {
                open.Enqueue(sorted[next], sorted[next]);
            }
            // An entry that has ended further down in the queue costs nothing until it comes to the top.
            while (open.TryPeek(out var top, out _) && top.Last < bound) open.Dequeue();
            var winner = open.TryPeek(out var best, out _) ? best.Route : -1;
            if (routes.Count > 0 && routes[^1] == winner) continue;
            starts.Add(bound);
            routes.Add(winner);
        }
        return new Pieces([.. starts], [.. routes]);
    }

    private sealed record Pieces(UInt128[] Starts, int[] Routes);
}
