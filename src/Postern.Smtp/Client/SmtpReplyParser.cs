using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Postern.Mail;

namespace Postern.Smtp.Client;

/// <summary>What a line did to a reply.</summary>
public enum ReplyProgress
{
    /// <summary>A continuation line; more are to come.</summary>
    More,
    /// <summary>The reply is whole.</summary>
    Complete,
    /// <summary>Not a reply; <see cref="SmtpReplyParser.Error"/> says why.</summary>
    Malformed,
}

/// <summary>
/// Reads a reply line by line (RFC 5321 §4.2): <c>3DIGIT [ ( "-" / SP ) text ]</c>. Codes that RFC 5321 does not
/// know act by their first digit, which is 2 to 5. Owned by a session; for one thread at a time.
/// </summary>
public sealed class SmtpReplyParser
{
    /// <summary>Octets of a whole reply (hardening D14).</summary>
    public const int MaxReplyOctets = 64 * 1024;

    private readonly int _maxLine;
    private readonly int _maxLines;
    private List<string>? _continued;
    private int _code;
    private int _lines;
    private int _octets;

    /// <summary>Limits: octets of a line with its line end, and lines of a reply.</summary>
    public SmtpReplyParser(int maxLine, int maxLines) => (_maxLine, _maxLines) = (maxLine, maxLines);

    /// <summary>The reply after <see cref="ReplyProgress.Complete"/>.</summary>
    public SmtpReply? Reply { get; private set; }

    /// <summary>The reason after <see cref="ReplyProgress.Malformed"/>.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes one line without its line end.</summary>
    public ReplyProgress Add(ReadOnlySpan<byte> line)
    {
        Reply = null;
        Error = null;
        if (line.Length + 2 > _maxLine) return Fail("reply line too long");
        if (++_lines > _maxLines) return Fail("too many lines in a reply");
        _octets += line.Length + 2;
        if (_octets > MaxReplyOctets) return Fail("reply too long");
        if (!TryReadCode(line, out var code)) return Fail($"not a reply: {Excerpt(line)}");
        // OpenSMTPD CVE-2020-8794 began with a line that ends behind its code: it is a last line without text.
        var last = line.Length == 3 || line[3] == (byte)' ';
        if (!last && line[3] != (byte)'-') return Fail($"not a reply: {Excerpt(line)}");
        if (_lines > 1 && code != _code) return Fail($"code changes in a reply: {Excerpt(line)}");
        _code = code;
        var text = line.Length <= 4 ? "" : Decode(line[4..]);
        if (!last)
        {
            (_continued ??= []).Add(text);
            return ReplyProgress.More;
        }

        Reply = Complete(text);
        Restart();
        return ReplyProgress.Complete;
    }

    /// <summary>Forgets a reply that was begun.</summary>
    public void Restart()
    {
        _continued = null;
        _lines = 0;
        _octets = 0;
    }

    /// <summary>
    /// Reads <c>class "." subject "." detail</c> (RFC 3463 §2) at the start of a line, followed by a space or nothing.
    /// </summary>
    /// <returns>Null when there is none or its class is not that of <paramref name="code"/> (RFC 2034 §4).</returns>
    public static EnhancedStatus? ReadStatus(int code, ReadOnlySpan<char> text)
    {
        var digit = code / 100;
        if (digit is not (2 or 4 or 5) || text.Length < 5) return null;
        if (text[0] != '0' + digit || text[1] != '.') return null;
        text = text[2..];
        var subject = ReadNumber(ref text);
        if (subject < 0 || text.IsEmpty || text[0] != '.') return null;
        text = text[1..];
        var detail = ReadNumber(ref text);
        if (detail < 0 || (!text.IsEmpty && text[0] != ' ')) return null;
        return new EnhancedStatus(digit, subject, detail);
    }

    private SmtpReply Complete(string text)
    {
        string[] lines = _continued is null ? [text] : [.. _continued, text];
        return new SmtpReply(_code, lines) { Status = ReadStatus(_code, lines[0]) };
    }

    private ReplyProgress Fail(string error)
    {
        Error = error;
        Restart();
        return ReplyProgress.Malformed;
    }

    private static bool TryReadCode(ReadOnlySpan<byte> line, out int code)
    {
        code = 0;
        if (line.Length < 3 || line[0] is < (byte)'2' or > (byte)'5') return false;
        if (!char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2])) return false;
        code = ((line[0] - '0') * 100) + ((line[1] - '0') * 10) + line[2] - '0';
        return true;
    }

    /// <summary>One to three digits (RFC 3463 §2); -1 when there are none or more.</summary>
    private static int ReadNumber(ref ReadOnlySpan<char> text)
    {
        var value = 0;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            if (digits == 3) return -1;
            value = (value * 10) + text[digits++] - '0';
        }

        text = text[digits..];
        return digits == 0 ? -1 : value;
    }

    /// <summary>The start of a line for the log.</summary>
    private static string Excerpt(ReadOnlySpan<byte> line) => Decode(line[..Math.Min(line.Length, 100)]);

    /// <summary>
    /// Odd octets in the text are no fault of the reply: those that are not UTF-8 are kept as Latin-1.
    /// </summary>
    private static string Decode(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text)) return Encoding.UTF8.GetString(text);
        var decoded = new StringBuilder(text.Length);
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(text, out var rune, out var length) is OperationStatus.Done)
                decoded.Append(rune.ToString());
            else
                (_, length) = (decoded.Append((char)text[0]), 1);
            text = text[length..];
        }

        return decoded.ToString();
    }
}
