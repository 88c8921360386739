namespace Postern.Routing;

/// <summary>
/// Many short texts in few arrays, found by number. It grows without copying, so that a large table needs hardly more
/// memory while it is built than afterwards. For one thread while it grows; then for several.
/// </summary>
internal sealed class TextChunks(int expected)
{
    private const int OffsetBits = 20;
    private const int LargestChunk = 1 << OffsetBits;
    private const int SmallestChunk = 1024;

    private readonly List<byte[]> _chunks = [];
    private readonly List<uint> _starts = new(expected);
    private readonly List<int> _lengths = new(expected);
    private int _used;

    /// <summary>Texts so far.</summary>
    public int Count => _lengths.Count;

    /// <summary>A text by its number, from 0.</summary>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            var start = _starts[number];
            return _chunks[(int)(start >> OffsetBits)].AsSpan((int)(start & (LargestChunk - 1)), _lengths[number]);
        }
    }

    /// <summary>Room for a text of at most <paramref name="length"/> octets, itself at most 1 MiB.</summary>
    public Span<byte> Room(int length)
    {
        if (_chunks.Count == 0 || _chunks[^1].Length - _used < length)
        {
            var next = _chunks.Count == 0 ? SmallestChunk : Math.Min(_chunks[^1].Length * 2, LargestChunk);
            _chunks.Add(new byte[Math.Max(next, length)]);
            _used = 0;
        }
        return _chunks[^1].AsSpan(_used);
    }

    /// <summary>Takes the first octets of the last <see cref="Room"/> as the next text.</summary>
    public void Take(int length)
    {
        _starts.Add(((uint)(_chunks.Count - 1) << OffsetBits) | (uint)_used);
        _lengths.Add(length);
        _used += length;
    }
}
