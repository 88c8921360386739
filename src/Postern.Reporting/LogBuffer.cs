using System.Buffers;

namespace Postern.Reporting;

/// <summary>
/// Octets that grow at the end and can be cut back to an earlier length, which <see cref="ArrayBufferWriter{T}"/>
/// cannot. Keeps its array, so that a batch costs no allocation. For one thread.
/// </summary>
internal sealed class LogBuffer : IBufferWriter<byte>
{
    private byte[] _octets = new byte[16 * 1024];

    /// <summary>Octets written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _octets.AsSpan(0, Length);

    /// <summary>Takes back everything behind the first <paramref name="length"/> octets.</summary>
    public void CutTo(int length) => Length = Math.Min(length, Length);

    /// <summary>Takes the first <paramref name="count"/> octets away.</summary>
    public void CutFrom(int count)
    {
        _octets.AsSpan(count, Length - count).CopyTo(_octets);
        Length -= count;
    }

    /// <summary>Empties the buffer; an array beyond <paramref name="keep"/> octets is given back.</summary>
    public void Clear(int keep = int.MaxValue)
    {
        Length = 0;
        if (_octets.Length > keep) _octets = new byte[16 * 1024];
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _octets.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _octets.AsSpan(Length);
    }

    private void Reserve(int octets)
    {
        var needed = Length + Math.Max(octets, 1);
        if (needed > _octets.Length) Array.Resize(ref _octets, Math.Max(needed, _octets.Length * 2));
    }
}
