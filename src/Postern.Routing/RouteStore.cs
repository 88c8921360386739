using System.Net;
using System.Text;

namespace Postern.Routing;

/// <summary>
/// The routes as text in one array, and an open-addressing index over their keys: about 40 octets a route beside the
/// text. Immutable once built; written by <see cref="RouteStoreBuilder"/> only.
/// </summary>
internal sealed class RouteStore
{
    /// <summary>The hash of no characters.</summary>
    public const uint EmptyHash = 2166136261;

    /// <summary>Keys in ASCII, by the number of the route.</summary>
    public required TextChunks Keys { get; init; }
    /// <summary>Hosts and options in UTF-8. Routes written alike share them.</summary>
    public required TextChunks Targets { get; init; }
    /// <summary>The target of each route.</summary>
    public required List<int> TargetNumbers { get; init; }
    /// <summary>The line of each route, from 1.</summary>
    public required List<int> Lines { get; init; }
    /// <summary>
    /// The hash of a key in the upper half, route number + 1 in the lower, or 0 for a free place; a power of two, at
    /// most two thirds full. With the hash in it, a route that is not meant costs no look at its key.
    /// </summary>
    public required ulong[] Slots { get; init; }
    /// <summary>The prefixes and ranges of address literals.</summary>
    public required AddressIndex Addresses { get; init; }

    public int Count => TargetNumbers.Count;

    public int TargetCount => Targets.Count;

    public ReadOnlySpan<byte> Key(int route) => Keys[route];

    public int TargetOf(int route) => TargetNumbers[route];

    public int LineOf(int route) => Lines[route];

    public ReadOnlySpan<byte> TargetText(int route) => Targets[TargetNumbers[route]];

    /// <summary>The hash (FNV-1a, from the last character to the first) of a key.</summary>
    public static uint HashOf(ReadOnlySpan<char> key)
    {
        var hash = EmptyHash;
        for (var i = key.Length - 1; i >= 0; i--) hash = AddToHash(hash, key[i]);
        return hash;
    }

    /// <summary>The hash of a text with one more character in front.</summary>
    public static uint AddToHash(uint hash, char c) => (hash ^ c) * 16777619;

    /// <summary>As above, of a key in ASCII.</summary>
    public static uint HashOf(ReadOnlySpan<byte> key)
    {
        var hash = EmptyHash;
        for (var i = key.Length - 1; i >= 0; i--) hash = AddToHash(hash, (char)key[i]);
        return hash;
    }

    /// <summary>
    /// The first place of a hash in an index of a size; FNV's low bits alone spread short names badly.
    /// </summary>
    public static int SlotOf(uint hash, int size) => (int)((hash * 0x9E3779B97F4A7C15UL) >> 32) & (size - 1);

    /// <summary>The number of the route with this key, or -1.</summary>
    public int Find(ReadOnlySpan<char> key, uint hash)
    {
        var slots = Slots;
        for (var slot = SlotOf(hash, slots.Length); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            if ((uint)(slots[slot] >> 32) != hash) continue;
            var route = (int)(uint)slots[slot] - 1;
            if (Ascii.Equals(Key(route), key)) return route;
        }
        return -1;
    }

    /// <summary>The number of the route of exactly this address, in normal form, or -1.</summary>
    public int Find(IPAddress address)
    {
        // Room for an IPv6 address with its scope.
        Span<char> key = stackalloc char[80];
        key[0] = '[';
        address.TryFormat(key[1..], out var written);
        key[++written] = ']';
        key = key[..(written + 1)];
        return Find(key, HashOf(key));
    }

    /// <summary>The number of the route with the key of a route of another store, or -1.</summary>
    public int FindSameKey(RouteStore other, int otherRoute)
    {
        var key = other.Key(otherRoute);
        var hash = HashOf(key);
        var slots = Slots;
        for (var slot = SlotOf(hash, slots.Length); slots[slot] != 0; slot = (slot + 1) & (slots.Length - 1))
        {
            if ((uint)(slots[slot] >> 32) != hash) continue;
            var route = (int)(uint)slots[slot] - 1;
            if (Key(route).SequenceEqual(key)) return route;
        }
        return -1;
    }
}
