using System.Text;

namespace Postern.Spool;

/// <summary>
/// Reads what <see cref="RecordWriter"/> wrote. The first field that does not fit sets <see cref="Failed"/>; everything
/// read from then on is 0 or empty, so that a decoder reads to its end and asks once.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> record)
{
    private ReadOnlySpan<byte> _rest = record;

    /// <summary>A field was cut off or out of its range.</summary>
    public bool Failed { get; private set; }

    /// <summary>Everything was read and nothing failed.</summary>
    public readonly bool EndedWell => !Failed && _rest.IsEmpty;

    /// <summary>One octet.</summary>
    public byte Byte()
    {
        if (_rest.IsEmpty)
            return (byte)Fail();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    /// <summary>A number from 0 to <paramref name="max"/>.</summary>
    public long Number(long max = long.MaxValue)
    {
        ulong value = 0;
        for (var (i, shift) = (0, 0); i < _rest.Length && shift < 64; i++, shift += 7)
        {
            value |= (ulong)(_rest[i] & 0x7F) << shift;
            if (_rest[i] >= 0x80)
                continue;
            _rest = _rest[(i + 1)..];
            return value <= (ulong)max ? (long)value : Fail();
        }
        return Fail();
    }

    /// <summary>The octets of a text.</summary>
    public ReadOnlySpan<byte> Octets()
    {
        var length = (int)Number(_rest.Length);
        if (length > _rest.Length)
            Fail();
        if (Failed)
            return default;
        var octets = _rest[..length];
        _rest = _rest[length..];
        return octets;
    }

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Octets());

    /// <summary>An instant.</summary>
    public DateTimeOffset Time() => new(Number(DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    /// <summary>Says that a field is out of its range.</summary>
    public int Fail()
    {
        Failed = true;
        _rest = default;
        return 0;
    }
}
