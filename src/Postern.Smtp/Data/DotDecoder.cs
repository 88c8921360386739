namespace Postern.Smtp.Data;

/// <summary>
/// Takes the dots off the content that follows DATA and finds its end (RFC 5321 §4.5.2), over any segmentation of the
/// input, without a buffer of its own. Only CRLF ends a line and only CRLF.CRLF ends the content (RFC 5321 §2.3.8,
/// §4.1.1.4); a bare CR or LF is noted and the end is still looked for, so that what a smuggler puts behind it stays
/// content (hardening S1, S3). For one thread.
/// </summary>
public sealed class DotDecoder
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';
    private const byte Dot = (byte)'.';

    private State _state = State.LineStart;

    private enum State
    {
        /// <summary>At the start of the content or after CRLF.</summary>
        LineStart,
        /// <summary>Within a line.</summary>
        Text,
        /// <summary>After a CR within a line.</summary>
        AfterCr,
        /// <summary>After a dot at the start of a line, which is not content.</summary>
        AfterDot,
        /// <summary>After such a dot and CR.</summary>
        AfterDotCr,
        /// <summary>After the final dot's line.</summary>
        Ended,
    }

    /// <summary>The line with the final dot was read; what follows is no content.</summary>
    public bool HasEnded => _state == State.Ended;

    /// <summary>A CR or an LF stood alone: the message is to be refused when it has ended.</summary>
    public bool HasBareLineEnd { get; private set; }

    /// <summary>
    /// Reads on. <paramref name="content"/> is a run of content inside <paramref name="input"/>, without a stuffed dot;
    /// the caller goes on behind the octets that were consumed. Content is right only while
    /// <see cref="HasBareLineEnd"/> is false.
    /// </summary>
    /// <returns>
    /// How many octets were consumed: at least one unless the input is empty or the content has ended.
    /// </returns>
    public int Read(ReadOnlySpan<byte> input, out Range content)
    {
        var start = 0;
        var at = 0;
        while (at < input.Length)
        {
            switch (_state)
            {
                case State.LineStart when input[at] == Dot:
                    _state = State.AfterDot;
                    content = start..at;
                    return at + 1;
                case State.LineStart:
                    _state = State.Text;
                    break;
                case State.Text:
                    at = ReadText(input, at);
                    break;
                case State.AfterCr:
                    at = ReadAfterCr(input, at);
                    break;
                case State.AfterDot when input[at] == Cr:
                    _state = State.AfterDotCr;
                    content = at..at;
                    return at + 1;
                case State.AfterDot:
                    // RFC 5321 §4.5.2: a line of more than a dot loses its first one.
                    _state = State.Text;
                    break;
                case State.AfterDotCr when input[at] == Lf:
                    _state = State.Ended;
                    content = at..at;
                    return at + 1;
                case State.AfterDotCr:
                    // The CR was content after all, and bare: the message is refused, so that it need not come back.
                    HasBareLineEnd = true;
                    _state = State.Text;
                    start = at;
                    break;
                default:
                    content = at..at;
                    return at;
            }
        }

        content = start..at;
        return at;
    }

    private int ReadText(ReadOnlySpan<byte> input, int at)
    {
        var found = input[at..].IndexOfAny(Cr, Lf);
        if (found < 0) return input.Length;
        at += found;
        if (input[at] == Cr) _state = State.AfterCr;
        else HasBareLineEnd = true;
        return at + 1;
    }

    private int ReadAfterCr(ReadOnlySpan<byte> input, int at)
    {
        if (input[at] == Lf)
        {
            _state = State.LineStart;
            return at + 1;
        }

        HasBareLineEnd = true;
        if (input[at] == Cr) return at + 1;
        _state = State.Text;
        return at;
    }
}
