using System.Buffers;
using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>Text in a report: what others sent is made harmless, and lines are folded. Pure.</summary>
internal static class ReportText
{
    /// <summary>RFC 5322 §2.1.1: a line should have no more characters than this.</summary>
    public const int LineLength = 76;

    /// <summary>
    /// Text of a peer on one line: white space runs become one space, control and format characters, and without
    /// <paramref name="international"/> everything beyond ASCII, become <c>\xHH</c> for each octet (hardening I3).
    /// Cut at <see cref="PeerText.MaxCharacters"/>.
    /// </summary>
    public static string Clean(string text, bool international)
    {
        var output = new ArrayBufferWriter<byte>();
        var kept = PeerText.Cut(text, PeerText.MaxCharacters);
        var rest = kept;
        var space = true;
        Span<byte> octets = stackalloc byte[4];
        while (!rest.IsEmpty)
        {
            var valid = PeerText.Decode(rest, octets, out var length, out var consumed, out var rune);
            rest = rest[consumed..];
            var isSpace = rune.Value is ' ' or '\t' or '\r' or '\n';
            if (isSpace && !space) output.Write(" "u8);
            if (!isSpace && valid && !PeerText.IsHidden(rune) && (rune.IsAscii || international))
                output.Write(octets[..length]);
            else if (!isSpace) PeerText.AppendHex(output, octets[..length]);
            space = isSpace;
        }
        if (kept.Length < text.Length) output.Write("..."u8);
        return Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd(' ');
    }

    /// <summary>
    /// Appends text in lines of at most <see cref="LineLength"/> characters where it has spaces to break at, each
    /// ended by CRLF; a word that is too long for any line is broken. Each further line begins with
    /// <paramref name="indent"/>, which in a header field is one space: unfolding gives the text back.
    /// </summary>
    public static void AppendFolded(StringBuilder output, string first, string text, string indent)
    {
        // A line of UTF-8 may have four octets a character, and RFC 5322 §2.1.1 allows 998 octets.
        const int longest = 200;
        var rest = first + text;
        var earliest = first.Length;
        while (rest.Length > LineLength)
        {
            var at = rest.LastIndexOf(' ', LineLength);
            if (at <= earliest) at = rest.IndexOf(' ', Math.Max(earliest + 1, indent.Length));
            var next = at + 1;
            if (at < 0 || at > longest)
            {
                if (rest.Length <= longest) break;
                at = next = char.IsLowSurrogate(rest[longest]) ? longest - 1 : longest;
            }
            output.Append(rest, 0, at).Append("\r\n");
            rest = indent + rest[next..];
            earliest = indent.Length;
        }
        output.Append(rest).Append("\r\n");
    }

    /// <summary>Quoted-printable (RFC 2045 §6.7) of a text that has no white space at the end of a line.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder();
        var column = 0;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            var plain = octet is (>= (byte)' ' and <= (byte)'~' and not (byte)'=') or (byte)'\r' or (byte)'\n';
            if (column + (plain ? 1 : 3) > LineLength - 1 && octet is not ((byte)'\r' or (byte)'\n'))
            {
                quoted.Append("=\r\n");
                column = 0;
            }
            if (plain) quoted.Append((char)octet);
            else quoted.Append('=').Append(Convert.ToHexString([octet]));
            column = octet == (byte)'\n' ? 0 : column + (plain ? 1 : 3);
        }
        return quoted.ToString();
    }
}
