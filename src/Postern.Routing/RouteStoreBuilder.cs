using System.Numerics;
using System.Text;

namespace Postern.Routing;

/// <summary>Collects the routes of a file into a <see cref="RouteStore"/>. For one thread.</summary>
internal sealed class RouteStoreBuilder
{
    // Beyond so many different targets a table gains little from sharing, and the dictionary would cost more.
    private const int MaxShared = 65_536;

    // Room that is taken before the first route; a longer file grows its lists.
    private const int MaxExpected = 2_000_000;

    private readonly TextChunks _keys;
    private readonly TextChunks _targets;
    private readonly List<int> _targetNumbers;
    private readonly List<int> _lines;
    private readonly List<AddressInterval<uint>> _v4 = [];
    private readonly List<AddressInterval<UInt128>> _v6 = [];
    private readonly Dictionary<string, int> _shared = new(StringComparer.Ordinal);
    private ulong[] _slots;

    /// <summary>Takes room for so many routes; there may be fewer or more.</summary>
    public RouteStoreBuilder(int expected = 0)
    {
        expected = Math.Min(expected, MaxExpected);
        _keys = new TextChunks(expected);
        _targets = new TextChunks(Math.Min(expected, MaxShared));
        (_targetNumbers, _lines) = (new(expected), new(expected));
        _slots = new ulong[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, expected + expected / 2 + 1))];
    }

    /// <summary>Adds a route.</summary>
    /// <returns>0, or the line of the route that has the same key; then nothing was added.</returns>
    public int Add(RouteKey key, ReadOnlySpan<char> target, int line)
    {
        var hash = RouteStore.HashOf(key.Text);
        var slot = RouteStore.SlotOf(hash, _slots.Length);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            if ((uint)(_slots[slot] >> 32) != hash) continue;
            var other = (int)(uint)_slots[slot] - 1;
            if (Ascii.Equals(_keys[other], key.Text)) return _lines[other];
        }
        var number = _lines.Count;
        _slots[slot] = ((ulong)hash << 32) | (uint)(number + 1);
        _lines.Add(line);
        _keys.Take(Encoding.ASCII.GetBytes(key.Text, _keys.Room(key.Text.Length)));
        _targetNumbers.Add(NumberOf(target));
        if (key.Kind is RouteKeyKind.Prefix or RouteKeyKind.Range) AddInterval(key, number);
        if (_lines.Count * 3 > _slots.Length * 2) GrowSlots();
        return 0;
    }

    /// <summary>The finished table; the builder is of no use afterwards.</summary>
    public SmtpRouteTable Build(string version) => new(new RouteStore
    {
        Keys = _keys,
        Targets = _targets,
        TargetNumbers = _targetNumbers,
        Lines = _lines,
        Slots = _slots,
        Addresses = new AddressIndex(_v4, _v6),
    }, version);

    private void AddInterval(RouteKey key, int route)
    {
        var isRange = key.Kind == RouteKeyKind.Range;
        if (key.IsV6) _v6.Add(new(key.First, key.Last, isRange, route));
        else _v4.Add(new((uint)key.First, (uint)key.Last, isRange, route));
    }

    private int NumberOf(ReadOnlySpan<char> target)
    {
        var shared = _shared.GetAlternateLookup<ReadOnlySpan<char>>();
        if (shared.TryGetValue(target, out var number)) return number;
        number = _targets.Count;
        if (_shared.Count < MaxShared) shared[target] = number;
        _targets.Take(Encoding.UTF8.GetBytes(target, _targets.Room(Encoding.UTF8.GetByteCount(target))));
        return number;
    }

    private void GrowSlots()
    {
        var slots = new ulong[_slots.Length * 2];
        foreach (var entry in _slots)
        {
            if (entry == 0) continue;
            var slot = RouteStore.SlotOf((uint)(entry >> 32), slots.Length);
            while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = entry;
        }
        _slots = slots;
    }
}
