using System.Buffers;
using System.Text;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Text that is looked for in lines of the mail log, as a peer wrote it or as it stands there, escaped, in UTF-8.
/// Letters A to Z are found in either case. Immutable; may be used by several threads.
/// </summary>
public sealed class LogText
{
    private readonly byte[] octets;
    private readonly LogText? shown;
    private readonly SearchValues<byte> first;

    /// <summary>Text as a person or a peer wrote it; not empty.</summary>
    public LogText(string text) : this(Escaped(text))
    {
        // What was copied from a line has its backslashes escaped already.
        if (text.Contains('\\')) shown = new(Encoding.UTF8.GetBytes(text));
    }

    private LogText(byte[] octets)
    {
        this.octets = octets;
        var letter = (char)octets[0];
        first = SearchValues.Create(octets[0],
            (byte)(char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter)
                : char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter) : letter));
    }

    /// <summary>Its octets.</summary>
    public int Length => Math.Max(octets.Length, shown?.Length ?? 0);

    /// <summary>The text is a part of what is given.</summary>
    public bool IsIn(ReadOnlySpan<byte> line)
    {
        if (shown is not null && shown.IsIn(line)) return true;
        while (line.Length >= octets.Length)
        {
            var at = line[..(line.Length - octets.Length + 1)].IndexOfAny(first);
            if (at < 0) return false;
            if (Is(line.Slice(at, octets.Length))) return true;
            line = line[(at + 1)..];
        }
        return false;
    }

    /// <summary>The text is the whole of what is given.</summary>
    public bool Is(ReadOnlySpan<byte> text)
    {
        if (shown is not null && shown.Is(text)) return true;
        if (text.Length != octets.Length) return false;
        for (var index = 0; index < text.Length; index++)
            if (text[index] != octets[index] && !IsSameLetter(text[index], octets[index])) return false;
        return true;
    }

    private static byte[] Escaped(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        return Encoding.UTF8.GetBytes(PeerText.Escape(text));
    }

    private static bool IsSameLetter(byte one, byte other) =>
        (one ^ other) == 0x20 && char.IsAsciiLetter((char)one);
}
