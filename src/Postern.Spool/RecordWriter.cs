using System.Text;

namespace Postern.Spool;

/// <summary>
/// Writes the fields of a record one behind the other into a buffer that grows and is used again. For one thread.
/// Numbers are variable-length (7 bits an octet, low first), texts UTF-8 behind their length.
/// </summary>
internal sealed class RecordWriter
{
    private byte[] _buffer = new byte[1024];
    private int _length;

    /// <summary>What was written, valid until the next <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Starts anew.</summary>
    public void Clear() => _length = 0;

    /// <summary>One octet.</summary>
    public void Byte(byte value)
    {
        Ensure(1);
        _buffer[_length++] = value;
    }

    /// <summary>A number from 0.</summary>
    public void Number(long value)
    {
        Ensure(10);
        var rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7)
            _buffer[_length++] = (byte)(rest | 0x80);
        _buffer[_length++] = (byte)rest;
    }

    /// <summary>A text.</summary>
    public void Text(string value)
    {
        var octets = Encoding.UTF8.GetByteCount(value);
        Number(octets);
        Ensure(octets);
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
    }

    /// <summary>An instant, exact to the 100 ns of <see cref="DateTimeOffset"/>, as UTC.</summary>
    public void Time(DateTimeOffset value) => Number(value.UtcTicks);

    private void Ensure(int more)
    {
        if (_buffer.Length - _length < more)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + more));
    }
}
