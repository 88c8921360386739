using System.Text;

namespace Postern.Mail.Dsn;

/// <summary>Text beyond ASCII in a header field (RFC 2047 §4.1). Pure.</summary>
internal static class EncodedWord
{
    // RFC 2047 §2: 75 characters a word, of which =?utf-8?B??= takes 12; 45 octets become 60.
    private const int MaxOctets = 45;

    /// <summary>
    /// The text as it is when it is ASCII, else as encoded words with a fold between; a character is never cut in two.
    /// </summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var words = new StringBuilder();
        var octets = new List<byte>(MaxOctets);
        Span<byte> encoded = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(encoded);
            if (octets.Count + length > MaxOctets)
            {
                Append(words, octets);
                words.Append("\r\n ");
            }
            octets.AddRange(encoded[..length]);
        }
        Append(words, octets);
        return words.ToString();
    }

    private static void Append(StringBuilder words, List<byte> octets)
    {
        words.Append("=?utf-8?B?").Append(Convert.ToBase64String(octets.ToArray())).Append("?=");
        octets.Clear();
    }
}
