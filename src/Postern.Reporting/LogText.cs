using System.Buffers;
using System.Text;
using Postern.Mail;

namespace Postern.Reporting;

/// <summary>
/// Text that is looked for in lines of the mail log, as it stands there: escaped, in UTF-8. Letters A to Z are found
/// in either case. Immutable; may be used by several threads.
/// </summary>
public sealed class LogText
{
    private readonly byte[] octets;
    private readonly SearchValues<byte> first;

    /// <summary>Text as a person or a peer wrote it; not empty.</summary>
    public LogText(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        octets = Encoding.UTF8.GetBytes(PeerText.Escape(text));
        var letter = (char)octets[0];
        first = SearchValues.Create(octets[0],
            (byte)(char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter)
                : char.IsAsciiLetterLower(letter) ? char.ToUpperInvariant(letter) : letter));
    }

    /// <summary>Its octets.</summary>
    public int Length => octets.Length;

    /// <summary>The text is a part of what is given.</summary>
    public bool IsIn(ReadOnlySpan<byte> line)
    {
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
        if (text.Length != octets.Length) return false;
        for (var index = 0; index < text.Length; index++)
            if (text[index] != octets[index] && !IsSameLetter(text[index], octets[index])) return false;
        return true;
    }

    private static bool IsSameLetter(byte one, byte other) =>
        (one ^ other) == 0x20 && char.IsAsciiLetter((char)one);
}
