using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Runtime.CompilerServices;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Puts the pieces of a line of the mail log into a buffer, in UTF-8 and without a string between. The time of the
/// last second is kept, because thousands of lines share it. For one thread.
/// </summary>
internal sealed class TextLine(IBufferWriter<byte> output, TimeProvider time)
{
    private readonly byte[] _stamp = new byte[LogStamp.Length];
    private long _stampSecond = long.MinValue;

    /// <summary>Begins a line: <c>Wed Jul  2 09:15:07 2014 Info: </c>.</summary>
    public TextLine Begin(DateTimeOffset at, ReadOnlySpan<byte> level)
    {
        var second = at.UtcTicks / TimeSpan.TicksPerSecond;
        if (second != _stampSecond)
        {
            WriteStamp(_stamp, at);
            _stampSecond = second;
        }
        output.Write(_stamp);
        return Raw(" "u8).Raw(level).Raw(": "u8);
    }

    /// <summary>Ends the line.</summary>
    public void End() => output.Write("\n"u8);

    /// <summary>Words of our own.</summary>
    public TextLine Raw(ReadOnlySpan<byte> words)
    {
        output.Write(words);
        return this;
    }

    /// <summary>Words of our own that are held as a string.</summary>
    public TextLine Raw(string words)
    {
        output.Advance(System.Text.Encoding.UTF8.GetBytes(words, output.GetSpan(words.Length * 3)));
        return this;
    }

    /// <summary>A number.</summary>
    public TextLine Number(long number)
    {
        _ = Utf8Formatter.TryFormat(number, output.GetSpan(20), out var written);
        output.Advance(written);
        return this;
    }

    /// <summary>Text of a peer: escaped, at most <see cref="PeerText.MaxCharacters"/> of it.</summary>
    public TextLine Peer(string text)
    {
        PeerText.Append(output, text);
        return this;
    }

    /// <summary>A path in angle brackets; null is the null reverse-path.</summary>
    public TextLine Path(string? path) => path is null ? Raw("<>"u8) : Raw("<"u8).Peer(path).Raw(">"u8);

    /// <summary>An address, or <c>unknown</c>.</summary>
    public TextLine Address(IPAddress? address)
    {
        if (address is null) return Raw("unknown"u8);
        // 65 octets hold an IPv6 address with a scope of any number.
        _ = address.TryFormat(output.GetSpan(80), out var written);
        output.Advance(written);
        return this;
    }

    /// <summary>Recipients as <c>[0, 1]</c>.</summary>
    public TextLine Rids(IReadOnlyList<Rid> rids)
    {
        Raw("["u8);
        for (var index = 0; index < rids.Count; index++)
        {
            if (index > 0) Raw(", "u8);
            Number(rids[index].Value);
        }
        return Raw("]"u8);
    }

    /// <summary>
    /// A reply as <c>('452', ['4.3.1 first line', 'second line'])</c>. All lines together are cut at
    /// <see cref="PeerText.MaxCharacters"/>; <c>'...'</c> stands for the lines left out.
    /// </summary>
    public TextLine Reply(string code, IReadOnlyList<string> lines)
    {
        Raw("('"u8).Peer(code).Raw("', ["u8);
        var left = PeerText.MaxCharacters;
        for (var index = 0; index < lines.Count; index++)
        {
            if (index > 0) Raw(", "u8);
            if (left <= 0)
            {
                Raw("'...'"u8);
                break;
            }
            Raw("'"u8);
            PeerText.Append(output, lines[index], left);
            Raw("'"u8);
            left -= lines[index].Length;
        }
        return Raw("])"u8);
    }

    /// <summary>A time as at the beginning of a line.</summary>
    public TextLine Time(DateTimeOffset at)
    {
        WriteStamp(output.GetSpan(LogStamp.Length), at);
        output.Advance(LogStamp.Length);
        return this;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteStamp(Span<byte> target, DateTimeOffset at) =>
        LogStamp.Write(target, TimeZoneInfo.ConvertTime(at, time.LocalTimeZone));
}
