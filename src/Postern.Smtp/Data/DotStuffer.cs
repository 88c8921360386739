using System.Buffers;

namespace Postern.Smtp.Data;

/// <summary>
/// Turns the content of a message into what follows a 354 (RFC 5321 §4.5.2): a dot in front of every line that begins
/// with one, and the final dot. It cannot write a bare CR or LF whatever it is given (RFC 5321 §2.3.8): a CR is kept
/// back until its LF is seen, and content that has either alone is refused, never repaired, because the body goes out
/// byte for byte or not at all. A value of its owner; for one thread at a time.
/// </summary>
public struct DotStuffer
{
    private bool _insideLine;
    private bool _heldCr;

    /// <summary>
    /// Stuffs as much of <paramref name="content"/> as fits into <paramref name="destination"/>, at least 8 octets.
    /// </summary>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>: all was taken. <see cref="OperationStatus.DestinationTooSmall"/>: come again
    /// with the rest. <see cref="OperationStatus.InvalidData"/>: a bare CR or LF stands at <paramref name="consumed"/>.
    /// </returns>
    public OperationStatus Write(
        ReadOnlySpan<byte> content, Span<byte> destination, out int consumed, out int written)
    {
        consumed = 0;
        written = 0;
        while (consumed < content.Length)
        {
            // A held CR, a dot for a dot and one octet of content are the most that one step adds beside a run.
            if (destination.Length - written < 3) return OperationStatus.DestinationTooSmall;
            if (_heldCr)
            {
                if (content[consumed] != (byte)'\n') return OperationStatus.InvalidData;
                destination[written++] = (byte)'\r';
                destination[written++] = (byte)'\n';
                consumed++;
                _heldCr = false;
                _insideLine = false;
                continue;
            }

            if (!_insideLine && content[consumed] == (byte)'.') destination[written++] = (byte)'.';
            var run = RunLength(content[consumed..], destination.Length - written, out var endsLine, out var bare);
            content.Slice(consumed, run).CopyTo(destination[written..]);
            consumed += run;
            written += run;
            if (run > 0) _insideLine = !endsLine;
            if (bare) return OperationStatus.InvalidData;
            if (run > 0 || consumed == content.Length) continue;
            if (content[consumed] != (byte)'\r') return OperationStatus.InvalidData;
            consumed++;
            _heldCr = true;
        }

        return OperationStatus.Done;
    }

    /// <summary>Writes the final dot, behind a CRLF when the content did not end with one: at most 5 octets.</summary>
    /// <returns>False: the content ended with a bare CR; nothing was written.</returns>
    public readonly bool TryFinish(Span<byte> destination, out int written)
    {
        written = 0;
        if (_heldCr) return false;
        var end = _insideLine ? "\r\n.\r\n"u8 : ".\r\n"u8;
        end.CopyTo(destination);
        written = end.Length;
        return true;
    }

    /// <summary>
    /// The octets that may be copied as they are: up to the end of a line behind which a dot stands, to a CR whose LF
    /// is not in sight, to a bare CR or LF, or to <paramref name="room"/>.
    /// </summary>
    private static int RunLength(ReadOnlySpan<byte> content, int room, out bool endsLine, out bool bare)
    {
        var limit = Math.Min(content.Length, room);
        var end = 0;
        endsLine = false;
        bare = false;
        while (end < limit)
        {
            var line = content[end..limit].IndexOfAny((byte)'\r', (byte)'\n');
            if (line < 0)
            {
                endsLine = false;
                return limit;
            }

            if (line > 0) endsLine = false;
            end += line;
            if (content[end] == (byte)'\n' || (end + 1 < content.Length && content[end + 1] != (byte)'\n'))
            {
                bare = true;
                return end;
            }

            if (end + 2 > limit) return end;
            end += 2;
            endsLine = true;
            if (end < limit && content[end] == (byte)'.') return end;
        }

        return end;
    }
}
