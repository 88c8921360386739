using System.Text;

namespace Postern.Routing;

/// <summary>Collects the routes of a file into a <see cref="RouteStore"/>. For one thread.</summary>
internal sealed class RouteStoreBuilder
{
    // Beyond so many different targets a table gains little from sharing, and the dictionary would cost more.
    private const int MaxShared = 65_536;

    private readonly List<int> _keyStarts = [];
    private readonly List<int> _targetStarts = [];
    private readonly List<int> _targetNumbers = [];
    private readonly List<int> _lines = [];
    private readonly List<uint> _hashes = [];
    private readonly List<AddressEntry> _addresses = [];
    private readonly Dictionary<string, int> _shared = new(StringComparer.Ordinal);
    private byte[] _keys = new byte[1024];
    private byte[] _targets = new byte[1024];
    private int[] _slots = new int[16];
    private int _keysUsed;
    private int _targetsUsed;

    /// <summary>Adds a route.</summary>
    /// <returns>0, or the line of the route that has the same key; then nothing was added.</returns>
    public int Add(RouteKey key, ReadOnlySpan<char> target, int line)
    {
        var hash = RouteStore.HashOf(key.Text);
        var slot = RouteStore.SlotOf(hash, _slots.Length);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            var other = _slots[slot] - 1;
            if (_hashes[other] == hash && Ascii.Equals(KeyOf(other), key.Text)) return _lines[other];
        }
        var number = _lines.Count;
        _slots[slot] = number + 1;
        _lines.Add(line);
        _hashes.Add(hash);
        _keyStarts.Add(_keysUsed);
        _keysUsed += Encoding.ASCII.GetBytes(key.Text, Room(ref _keys, _keysUsed, key.Text.Length));
        _targetNumbers.Add(NumberOf(target));
        if (key.Kind >= RouteKeyKind.Address) _addresses.Add(new(key.First, key.Last, key.IsV6, key.Kind, number));
        if (_lines.Count * 3 > _slots.Length * 2) GrowSlots();
        return 0;
    }

    /// <summary>The finished table; the builder is of no use afterwards.</summary>
    public SmtpRouteTable Build() => new(new RouteStore
    {
        Keys = _keys.AsSpan(0, _keysUsed).ToArray(),
        KeyStarts = [.. _keyStarts, _keysUsed],
        Targets = _targets.AsSpan(0, _targetsUsed).ToArray(),
        TargetStarts = [.. _targetStarts, _targetsUsed],
        TargetNumbers = [.. _targetNumbers],
        Lines = [.. _lines],
        Hashes = [.. _hashes],
        Slots = _slots,
        Addresses = new AddressIndex(_addresses),
    });

    private ReadOnlySpan<byte> KeyOf(int number) =>
        _keys.AsSpan(_keyStarts[number]..(number + 1 < _keyStarts.Count ? _keyStarts[number + 1] : _keysUsed));

    private int NumberOf(ReadOnlySpan<char> target)
    {
        var shared = _shared.GetAlternateLookup<ReadOnlySpan<char>>();
        if (shared.TryGetValue(target, out var number)) return number;
        number = _targetStarts.Count;
        if (_shared.Count < MaxShared) shared[target] = number;
        _targetStarts.Add(_targetsUsed);
        _targetsUsed += Encoding.UTF8.GetBytes(target, Room(ref _targets, _targetsUsed, target.Length * 3));
        return number;
    }

    private static Span<byte> Room(ref byte[] buffer, int used, int wanted)
    {
        if (buffer.Length - used < wanted) Array.Resize(ref buffer, Math.Max(buffer.Length * 2, used + wanted));
        return buffer.AsSpan(used);
    }

    private void GrowSlots()
    {
        var slots = new int[_slots.Length * 2];
        for (var number = 0; number < _hashes.Count; number++)
        {
            var slot = RouteStore.SlotOf(_hashes[number], slots.Length);
            while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = number + 1;
        }
        _slots = slots;
    }
}
