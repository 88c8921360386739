using System.Buffers;
using System.Text;

namespace Postern.Routing;

/// <summary>
/// Looks for one of a few texts of ASCII in octets of UTF-8, where case does not count; no character beyond ASCII is
/// taken for one of it. Octets are not decoded, which most of the time of a search through a million keys would go
/// into. Immutable.
/// </summary>
internal sealed class AsciiSearch
{
    private readonly byte[][] _texts;
    private readonly SearchValues<byte>[] _first;

    private AsciiSearch(byte[][] texts)
    {
        _texts = texts;
        _first = [.. texts.Select(text => SearchValues.Create([Lower(text[0]), Upper(text[0])]))];
    }

    /// <summary>A search for texts of ASCII, none of them empty.</summary>
    public static AsciiSearch For(params IEnumerable<string> texts) =>
        new([.. texts.Distinct(StringComparer.OrdinalIgnoreCase).Select(Encoding.ASCII.GetBytes)]);

    /// <summary>One of the texts is in the octets.</summary>
    public bool Holds(ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < _texts.Length; i++)
            if (Holds(octets, _texts[i], _first[i])) return true;
        return false;
    }

    private static bool Holds(ReadOnlySpan<byte> octets, byte[] text, SearchValues<byte> first)
    {
        while (octets.Length >= text.Length)
        {
            var at = octets[..(octets.Length - text.Length + 1)].IndexOfAny(first);
            if (at < 0) return false;
            if (Ascii.EqualsIgnoreCase(octets.Slice(at, text.Length), text)) return true;
            octets = octets[(at + 1)..];
        }
        return false;
    }

    private static byte Lower(byte letter) => letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter;

    private static byte Upper(byte letter) => letter is >= (byte)'a' and <= (byte)'z' ? (byte)(letter & ~0x20) : letter;
}
